"""Each example does with real calls what its README says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import pytest

from stage.scene import HOLD_HZ, Scene

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NODE_MODULES = ROOT / "tests" / "interop" / "js" / "node_modules"


def environment(scene: Scene) -> dict[str, str]:
    return os.environ | {
        "ROOMTONE_URL": scene.server.ready["http"].rstrip("/"),
        "ROOMTONE_SPACE": scene.server.ready["https"].split("//")[1].rstrip("/"),
        "ROOMTONE_SID": scene.rest.who.sid,
        "ROOMTONE_TOKEN": scene.rest.who.token,
        "NODE_EXTRA_CA_CERTS": str(scene.server.ca),
        "NODE_PATH": str(NODE_MODULES),
    }


async def test_hold_music(twilio_scene: Scene) -> None:
    scene = twilio_scene
    ann, _ = await scene.gather(2, "lobby")
    process = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / "hold-music" / "hold_music.py", "lobby",
        scene.customer.host_tone("/music.wav", HOLD_HZ), env=environment(scene),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert (await process.stdout.readline()).decode() == f"{ann.call_sid} is on hold: True\n"
    await scene.expect({"ann": {"hold"}, "bob": set()})
    process.stdin.write(b"\n")
    assert (await process.stdout.readline()).decode() == f"{ann.call_sid} is on hold: False\n"
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})
    assert await process.wait() == 0


async def test_coach_whisper(scene: Scene) -> None:
    if not NODE_MODULES.is_dir():
        pytest.skip("the npm SDKs are not installed: run make test")
    ann, bob, _ = await scene.gather(3, "coaching")
    expected = {
        "monitor": {"ann": {"bob", "cat"}, "bob": {"cat"}, "cat": {"bob"}},
        "whisper": {"ann": {"bob", "cat"}, "bob": {"ann", "cat"}, "cat": {"bob"}},
        "barge": {"ann": {"bob", "cat"}, "bob": {"ann", "cat"}, "cat": {"ann", "bob"}},
    }
    for mode, heard in expected.items():
        process = await asyncio.create_subprocess_exec(
            "node", EXAMPLES / "coach-whisper" / "coach.cjs", mode, scene.conference, ann.call_sid, bob.call_sid,
            env=environment(scene), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert said.decode().startswith("muted: "), said
        assert process.returncode == 0
        await scene.expect(heard, mode)


async def test_the_curl_lines_of_the_readme(scene: Scene) -> None:
    """Run as they stand, with the variables a reader would set."""
    text = (ROOT / "README.md").read_text()
    block = next(found for found in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "Hold=true" in found)
    lines = [line for line in block.replace("\\\n", " ").splitlines() if line.startswith("curl")]
    know = {
        "api": f"{scene.server.ready['http'].rstrip('/')}/api/laml/2010-04-01/Accounts/{scene.rest.who.sid}",
        "sid": scene.rest.who.sid, "token": scene.rest.who.token,
    }  # fmt: skip
    answers = [await shell(lines[0], know)]
    know["request_url"] = answers[0]["request_url"]
    await shell(lines[1], know)
    caller = await scene.dial("ann", "+15550100")
    found = (await shell(lines[2], know))["conferences"]
    know["conference"] = found[0]["sid"]
    know["call"] = (await shell(lines[3], know))["participants"][0]["call_sid"]
    assert (await shell(lines[4], know))["hold"] is True
    assert caller.is_up


async def shell(line: str, know: dict[str, str]) -> dict[str, object]:
    line = line.split("#", maxsplit=1)[0].replace("curl", "curl -s --fail-with-body", 1)
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", line, env=os.environ | know, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said
    found = json.loads(said)
    assert isinstance(found, dict)
    return found
