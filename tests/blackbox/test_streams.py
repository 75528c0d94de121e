"""Streams to a customer's WebSocket: who is heard there, and what it says is heard by whom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from roomtone.core.moment import Moment
from roomtone.trust import open_trust
from stage.scene import WAIT_HZ, Scene
from stage.websockets import Socket, WebSockets, is_silent

VOICE_HZ = 1_877.0
"""What the server sings."""


@pytest.fixture
async def server_side() -> AsyncIterator[WebSockets]:
    async with WebSockets() as sockets:
        yield sockets


def document(inner: str) -> str:
    return f"<Response>{inner}</Response>"


async def told(scene: Scene, event: str) -> dict[str, str]:
    """Wait until the customer is told of a stream."""
    visit = await scene.customer.wait(lambda one: one.parameters.get("StreamEvent") == event, within_s=30)
    return visit.parameters


async def caller_with(scene: Scene, inner: str) -> Any:
    number = await scene.claim(scene.customer.host("/voice/stream", document(inner)))
    caller = await scene.dial("ann", number)
    asked = await scene.customer.wait(lambda one: one.path == "/voice/stream")
    caller.call_sid = asked.call
    return caller


async def test_what_a_caller_says_and_hears_arrives_in_its_track(
    scene: Scene, server_side: WebSockets
) -> None:
    tone = scene.customer.host_tone("/tone", WAIT_HZ)
    start = (
        f"<Start><Stream name='s' url='{server_side.url}' track='both_tracks' authBearerToken='secret' "
        f"statusCallback='{scene.customer.base}/news'><Parameter name='a' value='b'/></Stream></Start>"
    )
    caller = await caller_with(scene, f"{start}<Play loop='0'>{tone}</Play>")
    socket = await server_side.connected()
    assert socket.headers["Authorization"] == "Bearer secret"
    first = await socket.wait_for("connected")
    assert (first["protocol"], "sequenceNumber" in first) == ("Call", False)
    begun = await socket.wait_for("start")
    assert begun["sequenceNumber"] == "1"
    assert begun["start"]["callSid"] == caller.call_sid
    assert begun["start"]["tracks"] == ["inbound", "outbound"]
    assert begun["start"]["customParameters"] == {"a": "b"}
    assert begun["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    ann_hz = caller.phone.settings.pitch_hz
    await socket.hears("inbound", {ann_hz}, (ann_hz, WAIT_HZ))
    await socket.hears("outbound", {WAIT_HZ}, (ann_hz, WAIT_HZ))
    numbers = [int(one["sequenceNumber"]) for one in socket.messages if "sequenceNumber" in one]
    assert numbers == list(range(1, len(numbers) + 1))
    chunks = [int(one["media"]["chunk"]) for one in socket.of("media") if one["media"]["track"] == "inbound"]
    assert chunks == list(range(1, len(chunks) + 1))
    await caller.hang_up()
    stop = await socket.wait_for("stop")
    assert stop["stop"]["callSid"] == caller.call_sid
    started, stopped = await told(scene, "stream-started"), await told(scene, "stream-stopped")
    assert (started["StreamName"], started["StreamSid"]) == ("s", stopped["StreamSid"])
    news = [one.parameters["StreamEvent"] for one in scene.customer.visits if one.path == "/news"]
    assert news == ["stream-started", "stream-stopped"]


async def test_a_server_speaks_with_a_caller_and_then_the_document_goes_on(
    scene: Scene, server_side: WebSockets
) -> None:
    after = scene.customer.host_tone("/after", WAIT_HZ)
    connect = f"<Connect><Stream url='{server_side.url}'/></Connect>"
    caller = await caller_with(scene, f"{connect}<Play loop='0'>{after}</Play>")
    socket = await server_side.connected()
    ann_hz = caller.phone.settings.pitch_hz
    await socket.hears("inbound", {ann_hz}, (ann_hz,))
    await socket.sing(VOICE_HZ, 20.0)
    await socket.say({"event": "mark", "mark": {"name": "sung"}})
    await until(lambda: VOICE_HZ in caller.phone.heard((VOICE_HZ,), 200))
    assert not socket.of("mark"), "it has not been played to its end"
    await socket.say({"event": "clear"})
    assert (await socket.wait_for("mark"))["mark"]["name"] == "sung"
    await until(lambda: VOICE_HZ not in caller.phone.heard((VOICE_HZ,), 200))
    await socket.sing(VOICE_HZ, 0.2)
    await socket.say({"event": "mark", "mark": {"name": "again"}})
    await socket.wait(lambda: len(socket.of("mark")) == 2)
    caller.phone.press("5")
    assert (await socket.wait_for("dtmf"))["dtmf"]["digit"] == "5"
    await socket.close()
    await until(lambda: WAIT_HZ in caller.phone.heard((WAIT_HZ,), 200))


async def test_a_stream_is_started_and_stopped_by_rest(scene: Scene, server_side: WebSockets) -> None:
    caller = await caller_with(scene, "<Echo timeout='120'/>")
    path = f"Calls/{caller.call_sid}/Streams"
    reply = await scene.rest.post(f"{path}.json", {"Url": "http://example.com/"})
    assert (reply.status, "31922" in reply.text) == (422, True), reply
    made = await scene.rest.made(
        f"{path}.json", {"Url": server_side.url, "Name": "mine", "Track": "inbound_track"}
    )
    assert made["name"] == "mine"
    socket = await server_side.connected()
    ann_hz = caller.phone.settings.pitch_hz
    await socket.hears("inbound", {ann_hz}, (ann_hz,))
    twin = await scene.rest.made(
        f"{path}.json",
        {"Url": server_side.url, "Name": "mine", "StatusCallback": f"{scene.customer.base}/news"},
    )
    assert twin["status"] == "stopped"
    assert (await told(scene, "stream-error"))["StreamError"] == "Duplicated stream name"
    stopped = await scene.rest.made(f"{path}/mine.json", {"Status": "stopped"})
    assert (stopped["sid"], stopped["status"]) == (made["sid"], "stopped")
    await socket.wait_for("stop")
    await socket.wait(lambda: socket.closed)
    again = await scene.rest.made(f"{path}/{made['sid']}.json", {"Status": "stopped"})
    assert again["status"] == "stopped"


async def test_a_conference_is_heard_and_a_server_speaks_into_it(
    scene: Scene, server_side: WebSockets
) -> None:
    ann, bob = await scene.gather(2, "streamed")
    path = f"Conferences/{scene.conference}/Streams"
    form = {"Url": server_side.url, "StreamCodec": "PCMU", "StatusCallback": f"{scene.customer.base}/news"}
    made = await scene.rest.made(f"{path}.json", form)
    socket = await server_side.connected()
    begun = await socket.wait_for("start")
    assert begun["start"]["conferenceSid"] == made["conference_sid"] == scene.conference
    pitches = (ann.phone.settings.pitch_hz, bob.phone.settings.pitch_hz)
    await socket.hears("inbound", set(pitches), pitches)
    await scene.update(bob, Muted="true")
    await socket.hears("inbound", {pitches[0]}, pitches)
    assert is_silent(socket.heard("outbound"))
    await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})
    await socket.wait_for("stop")
    started, stopped = await told(scene, "stream-started"), await told(scene, "stream-stopped")
    assert started["ConferenceSid"] == stopped["ConferenceSid"] == scene.conference


async def test_a_two_way_server_of_a_conference_is_heard_by_all(
    scene: Scene, server_side: WebSockets
) -> None:
    async def treat(socket: Socket) -> None:
        await socket.wait_for("start")
        await socket.sing(VOICE_HZ, 60.0)

    server_side.treat = treat
    stream = f"<Stream name='agent' url='{server_side.url}' bidir='true'/>"
    inner = f"<Dial><Conference beep='false' waitUrl=''>agents{stream}</Conference></Dial>"
    number = await scene.claim(scene.customer.host("/voice/agents", document(inner)))
    ann, bob = await scene.dial("ann", number), await scene.dial("bob", number)
    for one, other in ((ann, bob), (bob, ann)):
        wanted = {VOICE_HZ, other.phone.settings.pitch_hz}
        among = (VOICE_HZ, ann.phone.settings.pitch_hz, bob.phone.settings.pitch_hz)
        await until(lambda one=one, wanted=wanted, among=among: one.phone.heard(among, 200) == wanted)
    assert len(server_side.sockets) == 1, "who comes second starts no second one"
    socket = server_side.sockets[0]
    assert VOICE_HZ not in {hz for hz in (VOICE_HZ,) if hz in _heard(socket)}, "it does not hear itself"
    await socket.close()
    await until(lambda: VOICE_HZ not in ann.phone.heard((VOICE_HZ,), 200))


async def test_a_listener_hears_the_agents_that_come_and_go_on_the_outbound_track(
    scene: Scene, server_side: WebSockets
) -> None:
    voices = (1_433.0, VOICE_HZ)

    def agent(sockets: WebSockets, hz: float) -> str:
        async def treat(socket: Socket) -> None:
            await socket.wait_for("start")
            await socket.sing(hz, 60.0)

        sockets.treat = treat
        stream = f"<Stream name='agent {hz}' url='{sockets.url}' bidir='true'/>"
        return document(f"<Dial><Conference beep='false' waitUrl=''>panel{stream}</Conference></Dial>")

    async with WebSockets() as first, WebSockets() as second:
        for number, (sockets, hz) in enumerate(zip((first, second), voices, strict=True)):
            path = scene.customer.host(f"/voice/panel{number}", agent(sockets, hz))
            await scene.dial(("ann", "bob")[number], await scene.claim(path))
            if number == 0:
                begun = (await (await first.connected()).wait_for("start"))["start"]
                streams = f"Conferences/{begun['conferenceSid']}/Streams.json"
                await scene.rest.made(streams, {"Url": server_side.url})
                listener = await server_side.connected()
        await listener.hears("outbound", set(voices), voices)
        await first.sockets[0].close()
        await listener.hears("outbound", {voices[1]}, voices)


def _heard(socket: Socket) -> set[float]:
    from roomtone.testing.tones import pitches_in

    return pitches_in(socket.heard("inbound"), (VOICE_HZ,))


async def test_a_server_that_refuses_is_told_of_and_the_document_goes_on(
    scene: Scene, server_side: WebSockets
) -> None:
    server_side.refuse = 403
    tone = scene.customer.host_tone("/after", WAIT_HZ)
    connect = (
        f"<Connect><Stream url='{server_side.url}' statusCallback='{scene.customer.base}/news'/></Connect>"
    )
    caller = await caller_with(scene, f"{connect}<Play loop='0'>{tone}</Play>")
    assert (await told(scene, "stream-error"))["StreamError"] in {"connection_refused", "HTTP 403 Forbidden"}
    await until(lambda: WAIT_HZ in caller.phone.heard((WAIT_HZ,), 200))


async def test_who_has_a_certificate_of_the_local_ca_is_trusted_and_who_has_a_stranger_s_is_not(
    scene: Scene, tmp_path: Path
) -> None:
    data = scene.server.data
    strange = await asyncio.to_thread(stranger_s_certificate, tmp_path)
    caller = await caller_with(scene, "<Echo timeout='120'/>")
    path = f"Calls/{caller.call_sid}/Streams.json"
    async with WebSockets((data / "server.pem", data / "server.key")) as ours, WebSockets(strange) as theirs:
        assert ours.url.startswith("wss://")
        await scene.rest.made(path, {"Url": ours.url, "Track": "inbound_track"})
        ann_hz = caller.phone.settings.pitch_hz
        socket = await ours.connected()
        await socket.hears("inbound", {ann_hz}, (ann_hz,))
        form = {"Url": theirs.url, "StatusCallback": f"{scene.customer.base}/news"}
        await scene.rest.made(path, form)
        error = await told(scene, "stream-error")
        assert error["StreamError"] == "connection_refused_timeout_or_ssl_error"
        assert not theirs.sockets


def stranger_s_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine of a CA that nobody knows."""
    trust = open_trust(folder / "strange", (), Moment(time.time_ns() // 1_000_000, 0))
    return trust.certificate, trust.key


async def test_no_address_of_ones_own_network_is_asked(scene: Scene) -> None:
    start = (
        f"<Start><Stream url='wss://10.0.0.1/x' statusCallback='{scene.customer.base}/news'/></Start>"
        f"<Start><Stream url='wss://169.254.169.254/' statusCallback='{scene.customer.base}/news2'/></Start>"
    )
    await caller_with(scene, f"{start}<Echo timeout='60'/>")
    error = await told(scene, "stream-error")
    assert error["StreamError"] == "invalid_url" or "not public" in error["StreamError"]
    await scene.customer.wait(lambda one: one.path == "/news2", within_s=30)


async def until(come: Any, within_s: float = 30.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within_s):
        while not come():  # noqa: ASYNC110 - nobody tells when a pitch is heard
            await asyncio.sleep(0.05)
