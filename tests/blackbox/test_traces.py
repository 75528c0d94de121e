"""Traces of a running server, as a collector gets them: what stands under what in a real call's story."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from stage.collector import Collector, Seen
from stage.customer import Customer
from stage.rest import Rest
from stage.scene import Scene
from stage.server import Server

OUTSIDE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
"""What an application says of itself: its trace and its span (the example of W3C Trace Context)."""

NOBODY = "sip:nobody@127.0.0.1:9"
SERVER, CLIENT = 2, 3
"""Kinds of spans, as OTLP numbers them."""


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    one = await Collector().open()
    yield one
    await one.close()


@pytest.fixture
async def traced(
    program: Path, sipp: str, session: aiohttp.ClientSession, customer: Customer, collector: Collector, tmp_path: Path
) -> AsyncIterator[Scene]:  # fmt: skip
    """An empty stage on a server that traces."""
    server = Server(tmp_path / "data", ("--drain-s", "0", "--calls-per-s", "0", "--traces", collector.base))
    server.start()
    scene = Scene(server, Rest(session, server.ready["http"], server.create_project()), customer, tmp_path)
    try:
        yield scene
    finally:
        await scene.close()
        server.stop()


def named(name: str, call: str = "", path: str = "") -> Callable[[Seen], bool]:
    def fits(span: Seen) -> bool:
        told = span.attributes
        return (
            span.name == name and call in told.get("roomtone.call", "") and path in told.get("url.full", "")
        )

    return fits


async def test_a_call_is_one_story_from_its_document_to_its_last_callback(
    traced: Scene, collector: Collector
) -> None:
    scene = traced
    ann, bob = await scene.gather(2, "Traced")
    await scene.update(ann, Muted="true")
    await scene.customer.wait_for_event("participant-mute", ann.call_sid)
    await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})
    await scene.customer.wait_for_event("conference-end")
    first, second = (str(one.call_sid).replace("-", "") for one in (ann, bob))
    call = await collector.wait(named("call", first))
    other = await collector.wait(named("call", second))
    room = await collector.wait(named("conference"))
    seat = await collector.wait(named("participant", first))
    later = await collector.wait(named("participant", second))
    document = await collector.wait(named("fetch", first, "/voice/"))
    told = await collector.wait(named("callback", first, "/status"))
    update = await collector.wait(lambda span: span.name == "api participants.update")

    assert (call.parent, call.kind, call.attributes["roomtone.status"]) == ("", SERVER, "completed")
    assert call.events == ("answered",)
    assert {one.parent for one in (document, told, seat, room)} == {call.id}
    assert {one.trace for one in (document, told, seat, room)} == {call.trace}
    assert (other.parent, other.trace != call.trace) == ("", True)
    assert (later.parent, later.links, seat.links) == (other.id, (room.id,), (room.id,))
    assert "muted" in seat.events
    assert "started" in room.events
    assert room.attributes["roomtone.conference"] == scene.conference.replace("-", "")
    assert (document.kind, document.attributes["http.response.status_code"]) == (CLIENT, 200)
    assert document.attributes["url.full"].startswith(scene.customer.base)
    assert (update.kind, update.attributes["http.response.status_code"]) == (SERVER, 200)
    assert scene.conference in update.attributes["url.path"]
    for name, span in (("/voice/", document), ("/status", told)):
        told_of = [
            visit.headers.get("traceparent", "") for visit in scene.customer.visits if name in visit.path
        ]
        assert any(each.startswith(f"00-{span.trace}-{span.id}-") for each in told_of)
    assert not re.search(r"\+1555|Traced", repr([span.attributes for span in collector.spans]))


async def test_a_call_that_an_application_makes_stands_under_its_request(
    traced: Scene, collector: Collector
) -> None:
    who = traced.rest.who
    headers = {"Authorization": aiohttp.encode_basic_auth(who.sid, who.token), "traceparent": OUTSIDE}
    told = {"Url": traced.customer.base, "StatusCallback": f"{traced.customer.base}/fate?secret=1"}
    told["StatusCallbackEvent"] = "initiated"
    form = {"To": NOBODY, "From": "+15550199", **told}
    made = await traced.rest.post("Calls.json", form, headers=headers)
    assert made.status in {200, 201}, made
    await traced.customer.wait(lambda visit: visit.path == "/fate", 30)
    await traced.rest.made(f"Calls/{made.body['sid']}.json", {"Status": "canceled"})
    sid = made.body["sid"].replace("-", "")
    call = await collector.wait(named("call", sid))
    request = await collector.wait(lambda span: span.name == "api calls.create")
    fate = await collector.wait(named("callback", sid))
    _, trace, above, _ = OUTSIDE.split("-")
    assert {one.trace for one in (request, call, fate)} == {trace}
    assert (request.parent, call.parent, fate.parent) == (above, request.id, call.id)
    assert (call.kind, call.attributes["roomtone.direction"]) == (CLIENT, "outbound-api")
    assert fate.attributes["url.full"] == f"{traced.customer.base}/fate"
    assert fate.attributes["roomtone.event_id"]


async def test_nothing_is_told_where_nobody_asked(scene: Scene) -> None:
    await scene.enter("ann", await scene.open_line("Untraced"))
    assert not any("traceparent" in visit.headers for visit in scene.customer.visits)
