"""Passes for pages at the doors: what one opens, and that it opens nothing else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from doors import FORM, PROJECTS, Doors, Reply, Speaker
from roomtone.api.routes import SERVED
from roomtone.core.project import Standing

DIALECTS = ("signalwire", "twilio")
OFFER = {"Sdp": "v=0\r\n"}


async def given(speaker: Speaker, **form: str) -> str:
    """Have a pass made."""
    reply = await speaker.post("JoinTokens.json", {"Identity": "alice", "To": "conference:Daily", **form})
    assert reply.status == 201, reply
    return str(reply.json["token"])


async def by(token: str, speaker: Speaker, path: str, method: str = "POST", **form: str) -> Reply:
    """Ask with a pass in place of a key."""
    headers = (("authorization", f"Bearer {token}"), ("content-type", FORM))
    whole = path if path.startswith("/") else f"{speaker.root}/{path}"
    return await speaker.doors.call(method, whole, urlencode(form).encode(), headers)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_page_calls_whom_its_pass_names_and_hangs_up(dialect: str) -> None:
    speaker = Doors().speaker(dialect)
    token = await given(speaker)
    reply = await by(token, speaker, "BrowserCalls", **OFFER, To="conference:Daily")
    assert reply.status == 201, reply
    other = await by(token, speaker, "BrowserCalls", **OFFER)
    assert other.status == 201, "it names one alone"
    place = reply.headers["location"]
    assert (await by(token, speaker, place, "DELETE")).status == 204
    bobs = await given(speaker, Identity="bob")
    assert (await by(bobs, speaker, place, "DELETE")).status == 404


async def test_a_list_too_long_for_a_token_is_refused() -> None:
    speaker = Doors().speaker("twilio")
    names = [("To", f"conference:{at}{'x' * 300}") for at in range(10)]
    body = urlencode([("Identity", "alice"), *names]).encode()
    reply = await speaker.ask("POST", "JoinTokens.json", body, (("content-type", FORM),))
    assert (reply.status, "fewer or shorter" in reply.json["message"]) == (400, True)


@pytest.mark.parametrize(
    "asked",
    [
        {"To": "conference:Board"},
        {"To": "+15551234567"},
        {"To": "conference:Daily", "From": "bob"},
        {"To": "conference:Daily", "Coach": "CA" + "1" * 32},
    ],
)
async def test_beyond_it_nothing_is_done(asked: dict[str, str]) -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    reply = await by(await given(speaker), speaker, "BrowserCalls", **OFFER, **asked)
    assert (reply.status, reply.json["code"]) == (401, 20006)
    assert doors.switchboard.browsed == 0


@pytest.mark.parametrize(
    "route", [one for one in SERVED if not one.name.startswith("browser-calls.")], ids=lambda one: one.name
)
async def test_no_other_route_is_opened(route) -> None:
    speaker = Doors().speaker("twilio")
    token = await given(speaker)
    path = "/".join("CA" + "1" * 32 if part == "*" else part for part in route.pattern)
    whole = f"{speaker.root}/{path}.json" if route.of_account else "/2010-04-01/Accounts.json"
    reply = await by(token, speaker, whole, route.method)
    assert reply.status in {401, 404, 405}, reply  # some are another dialect's


async def test_a_pass_is_no_good_once_it_is_over() -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    token = await given(speaker, Ttl="60")
    doors.clock.advance(59)
    assert (await by(token, speaker, "BrowserCalls", **OFFER)).status == 201
    doors.clock.advance(2)
    reply = await by(token, speaker, "BrowserCalls", **OFFER)
    assert (reply.status, reply.json["code"]) == (401, 20003)


async def test_a_pass_of_another_project_or_of_a_key_that_is_exchanged_opens_nothing() -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    token = await given(speaker)
    assert (await by(token, doors.speaker("signalwire"), "BrowserCalls", **OFFER)).status == 401
    project = replace(PROJECTS["twilio"], signing_key="another")
    await doors.store.change_project(project.id, lambda _: project)
    assert (await by(token, speaker, "BrowserCalls", **OFFER)).status == 401
    until_ms = doors.clock.now().wall_ms + 1_000
    former = replace(project, previous_key=PROJECTS["twilio"].signing_key, previous_until_ms=until_ms)
    await doors.store.change_project(project.id, lambda _: former)
    assert (await by(token, speaker, "BrowserCalls", **OFFER)).status == 201


async def test_a_pass_of_a_suspended_project_opens_nothing() -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    token = await given(speaker)
    suspended = replace(PROJECTS["twilio"], standing=Standing.SUSPENDED)
    await doors.store.change_project(suspended.id, lambda _: suspended)
    assert (await by(token, speaker, "BrowserCalls", **OFFER)).status in {401, 403}


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer x", "Bearer a.b.c", "Bearer " + "a" * 9_000])
async def test_what_is_no_pass_is_told_as_a_wrong_key_is(authorization: str) -> None:
    speaker = Doors().speaker("twilio")
    reply = await speaker.doors.call(
        "POST", f"{speaker.root}/BrowserCalls", b"", (("authorization", authorization),)
    )
    assert (reply.status, reply.json["code"]) == (401, 20003)
