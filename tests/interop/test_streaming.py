"""An official SDK, unmodified, starts and stops a stream of a call."""

from __future__ import annotations

import asyncio

from twilio.rest import Client

from stage.scene import Scene
from stage.websockets import WebSockets


async def test_a_stream_is_started_and_stopped(twilio_scene: Scene) -> None:
    scene = twilio_scene
    client = Client(scene.rest.who.sid, scene.rest.who.token)
    client.api.base_url = scene.server.ready["http"].rstrip("/")
    number = await scene.claim(
        scene.customer.host("/voice/echo", "<Response><Echo timeout='120'/></Response>")
    )
    ann = await scene.dial("ann", number)
    asked = await scene.customer.wait(lambda one: one.path == "/voice/echo")
    async with WebSockets() as sockets:
        streams = client.calls(asked.call).streams
        made = await asyncio.to_thread(
            streams.create,
            url=sockets.url,
            name="sdk",
            track="inbound_track",
            parameter1_name="a",
            parameter1_value="b",
        )
        assert (made.name, made.status, made.call_sid, made.sid[:2]) == (
            "sdk",
            "in-progress",
            asked.call,
            "MZ",
        )
        socket = await sockets.connected()
        assert (await socket.wait_for("start"))["start"]["customParameters"] == {"a": "b"}
        ann_hz = ann.phone.settings.pitch_hz
        assert ann_hz is not None
        await socket.hears("inbound", {ann_hz}, (ann_hz,))
        stopped = await asyncio.to_thread(client.calls(asked.call).streams("sdk").update, status="stopped")
        assert (stopped.sid, stopped.status) == (made.sid, "stopped")
        await socket.wait_for("stop")
