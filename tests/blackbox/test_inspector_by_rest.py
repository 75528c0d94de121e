"""Keys exchanged and callbacks told again by REST alone, as somebody does who has no command line beside the server."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from stage.customer import Customer, Visit
from stage.rest import Rest
from stage.scene import Scene

from .test_inspector import log_of

HELLO = "<Response><Pause length='1'/></Response>"
HEADERS = ("X-Twilio-Signature", "X-SignalWire-Signature")


def lets_in(visit: Visit, key: str, after: str = "") -> bool:
    """Whether the SDK's validator lets a request in by this key, by both vendors' headers; `after` ends the headers' names."""
    judged = {
        RequestValidator(key).validate(visit.url, visit.parameters, visit.headers.get(name + after, ""))
        for name in HEADERS
    }
    assert len(judged) == 1, "both vendors' headers say the same"
    return judged.pop()


def opens_to(customer: Customer, path: str, body: str, key: str) -> str:
    """Answer there only whom the validator lets in by this key; 403 to others."""

    async def answer(visit: Visit) -> web.Response:
        if lets_in(visit, key):
            return web.Response(text=body, content_type="application/xml")
        return web.Response(status=403)

    return customer.answer_with(path, answer)


async def asked_of_a_call(scene: Scene, name: str, number: str, times: int) -> list[list[Visit]]:
    """Call once, and wait until what to do was asked, and what has become of it told, so many times; give both."""
    caller = await scene.dial(name, number)
    await caller.over()

    def of_this(path: str) -> list[Visit]:
        return [one for one in scene.customer.visits if one.path == path and name in one.parameters["From"]]

    await scene.customer.until(lambda: len(of_this("/told")) == times)
    asked = [of_this("/voice"), of_this("/told")]
    assert [len(one) for one in asked] == [times, times]
    return asked


@pytest.mark.parametrize("dialect", ["signalwire", "twilio"])
async def test_both_keys_sign_during_the_overlap_and_one_after_it(
    scene: Scene, session: aiohttp.ClientSession, dialect: str
) -> None:
    who = scene.server.create_project(dialect)
    scene.rest = Rest(session, scene.server.ready["http"], who)
    former = who.signing_key

    def opens(key: str) -> tuple[str, str]:
        return opens_to(scene.customer, "/voice", HELLO, key), opens_to(scene.customer, "/told", "", key)

    voice, told = opens(former)
    number = await scene.claim(voice, StatusCallback=told)
    for (only,) in await asked_of_a_call(scene, "ann", number, 1):
        assert lets_in(only, former)

    made = await scene.rest.post("SignatureKey.json", {"Overlap": "3600"})
    assert made.status == 201, made
    latter = made.body["signing_key"]
    for first, again in await asked_of_a_call(scene, "bob", number, 2):
        assert lets_in(first, latter)
        assert lets_in(first, former, "-Previous")
        assert not lets_in(first, former)
        assert lets_in(again, former), "it was refused, and asked once more as it is known"
        assert first.parameters == again.parameters
        assert first.headers.get("Roomtone-Event-Id") == again.headers.get("Roomtone-Event-Id")

    opens(latter)
    assert (await scene.rest.call("DELETE", "SignatureKey/Former.json")).status == 204
    for (only,) in await asked_of_a_call(scene, "cat", number, 1):
        assert lets_in(only, latter)
        assert "X-Twilio-Signature-Previous" not in only.headers


async def now() -> str:
    """Give the second that begins next, once it has begun: a span is from the beginning of a second."""
    moment = datetime.now(UTC)
    await asyncio.sleep(1.01 - moment.microsecond / 1e6)
    return (moment + timedelta(seconds=1)).isoformat(timespec="seconds")


async def test_a_span_is_told_again_and_nothing_before_or_after_it(scene: Scene) -> None:
    number = await scene.open_line("span")
    joins, moments = [], []
    for name in ("ann", "bob", "cat"):
        caller = await scene.enter(name, number)
        joins.append(await scene.customer.wait_for_event("participant-join", caller.call_sid))
        await log_of(scene, f"Calls/{caller.call_sid}", "participant-joined")  # told, and written down
        moments.append(await now())
    since, until, _ = moments
    span = {"Since": since, "Until": until.replace("+", ".000+")}
    reply = await scene.rest.post(f"Conferences/{scene.conference}/Deliveries.json", span)
    assert reply.status == 201, reply
    count = reply.body["told_again"]

    async with asyncio.timeout(30):
        told = await told_again(scene)
        while len(told) < count:
            await asyncio.sleep(0.05)
            told = await told_again(scene)
    before, within, after = (join.headers["Roomtone-Event-Id"] for join in joins)
    assert within in told
    assert not {before, after} & told
    *_, last = (one for one in scene.customer.events() if one.headers["Roomtone-Event-Id"] == within)
    assert last is not joins[1], "it came once more"
    assert last.parameters == joins[1].parameters
    assert last.headers["X-Twilio-Signature"] == joins[1].headers["X-Twilio-Signature"]


async def told_again(scene: Scene) -> set[str]:
    """Names of the conference's callbacks that were answered well more than once: the server tries none of these by itself."""
    reply = await scene.rest.get(f"Conferences/{scene.conference}/Deliveries.json?PageSize=200")
    assert reply.status == 200, reply
    lines = reply.body["deliveries"]
    good = Counter(one["event_id"] for one in lines if one["problem"] is None and one["status"] < 300)
    return {name for name, times in good.items() if name is not None and times > 1}
