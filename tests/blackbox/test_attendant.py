"""`roomtone conference`, `call` and `top` beside a running server: what is typed is what is heard."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from stage.scene import Scene
from stage.server import PROGRAM


async def typed(scene: Scene, *words: str) -> str:
    """Run a command on the server's data folder, and give what it prints."""
    command = [str(PROGRAM), *words, "--data", str(scene.server.data), "--sid", scene.rest.who.sid]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def found(scene: Scene, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await typed(scene, *words, "--json")).splitlines()]


async def test_a_conference_is_seen_and_steered_by_name(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "attendant")
    rooms = await found(scene, "conference", "list")
    assert [one["sid"] for one in rooms] == [scene.conference]
    muted = await found(scene, "conference", "mute", scene.room, ann.call_sid[-8:])
    assert (muted[0]["call_sid"], muted[0]["muted"]) == (ann.call_sid, True)
    drawn = await typed(scene, "conference", "show", scene.conference)
    assert "is not heard by 2: muted" in drawn or "is not heard by 1: muted" in drawn
    held = await found(scene, "conference", "hold", scene.room, bob.call_sid)
    assert held[0]["hold"] is True
    assert {one["sid"] for one in await found(scene, "call", "list")} == {ann.call_sid, bob.call_sid}
    assert "2 calls" in await typed(scene, "top", "--once")
    ended = await found(scene, "conference", "end", scene.room)
    assert ended[0]["status"] == "completed"
