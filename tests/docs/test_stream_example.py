"""The agent of `examples/ai-agent` joins a conference and answers with a tone when somebody has spoken."""

from __future__ import annotations

import asyncio
import socket

import pytest

from stage.scene import Scene
from stage.sipp import free_port

from .test_call_examples import Program, running, until

pytestmark = pytest.mark.timeout(180)

TONE_HZ = 1_877.0


async def listens(port: int, program: Program) -> None:
    """Wait until the agent takes connections."""
    async with asyncio.timeout(60):
        while program.process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
    raise AssertionError("the agent is over")


async def test_the_agent_answers_who_has_spoken(scene: Scene) -> None:
    port = free_port(socket.SOCK_STREAM)
    async with running(scene, "ai-agent/agent.py", str(port)) as agent:
        await listens(port, agent)
        stream = f'<Stream name="agent" url="ws://127.0.0.1:{port}/room" bidir="true"/>'
        inner = f"<Response><Dial><Conference beep='false' waitUrl=''>standup{stream}</Conference></Dial></Response>"
        number = await scene.claim(scene.customer.host("/voice/standup", inner))
        ann, bob = await scene.dial("ann", number), await scene.dial("bob", number)
        await agent.says("joined")
        ann_hz = ann.phone.settings.pitch_hz
        assert ann_hz is not None
        await until(lambda: ann_hz in bob.phone.heard((ann_hz,), 200), "the conference has begun")
        await ann.phone.wait_for_packets(50, within_s=15)  # a second: long enough to count as speech
        # Both sing without an end: who falls silent has spoken.
        await bob.hang_up()
        ann.phone.say(None)
        await until(lambda: TONE_HZ in ann.phone.heard((TONE_HZ,), 200), "the agent answers")
        await agent.says("answered")
        await ann.hang_up()
        await agent.says("left")
