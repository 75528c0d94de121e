"""Streams and restarts: the socket outlives the brain, and what went with the engine is told as stopped."""

from __future__ import annotations

import pytest

from stage.scene import Scene
from stage.server import in_thread
from stage.websockets import WebSockets

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_a_socket_outlives_the_brain_and_is_taken_up(stage: Scene) -> None:
    async with WebSockets() as sockets:
        ann, bob = await stage.gather(2, "streamed")
        path = f"Conferences/{stage.conference}/Streams"
        form = {"Url": sockets.url, "Name": "mine", "StatusCallback": f"{stage.customer.base}/news"}
        made = await stage.rest.made(f"{path}.json", form)
        socket = await sockets.connected()
        pitches = (ann.phone.settings.pitch_hz, bob.phone.settings.pitch_hz)
        await socket.hears("inbound", set(pitches), pitches)
        await stage.customer.wait(lambda one: one.parameters.get("StreamEvent") == "stream-started")
        stage.server.kill_brain()
        before = len(socket.of("media"))
        await socket.wait(lambda: len(socket.of("media")) > before + 100)
        await in_thread(stage.server.start_again)
        stopped = await stage.rest.made(f"{path}/mine.json", {"Status": "stopped"})
        assert (stopped["sid"], stopped["status"]) == (made["sid"], "stopped")
        await socket.wait_for("stop")
        assert len(sockets.sockets) == 1
        await stage.customer.wait(
            lambda one: one.parameters.get("StreamEvent") == "stream-stopped", within_s=30
        )


async def test_what_went_with_the_engine_is_told_as_stopped(stage: Scene) -> None:
    async with WebSockets() as sockets:
        await stage.gather(2, "streamed")
        form = {"Url": sockets.url, "StatusCallback": f"{stage.customer.base}/news"}
        await stage.rest.made(f"Conferences/{stage.conference}/Streams.json", form)
        await (await sockets.connected()).wait_for("media")
        await stage.customer.wait(lambda one: one.parameters.get("StreamEvent") == "stream-started")
        stage.server.kill_engine()
        await stage.customer.wait(
            lambda one: one.parameters.get("StreamEvent") == "stream-stopped", within_s=60
        )
