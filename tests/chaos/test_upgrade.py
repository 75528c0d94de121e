"""A running server is upgraded by the very commands of `docs/howto/upgrade.md`, while callers listen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.conftest import LONG, Figure
from chaos.gathering import Gathering
from stage.scene import Scene
from stage.server import Server, in_thread, is_alive

TIMES, CONFERENCES, CALLERS = (10, 10, 4) if LONG else (2, 2, 3)
OUT_OF_THIS_WORLD_MS = 1_500
"""As in `test_brain`."""

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "upgrade.md").read_text()
COMMANDS = [
    line.strip().partition(" #")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE.partition("## What happens in between")[0], re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
"""What the page has an operator type, up to where the new server runs. `pip install` into an environment of its own is what
`make dist-test` does; here both versions are the same."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if LONG else 180)]


def test_these_are_the_pages_commands() -> None:
    backup, install, leave, serve = COMMANDS
    assert install.startswith(
        "python3 -m venv /opt/roomtone-NEW && /opt/roomtone-NEW/bin/pip install roomtone"
    )
    assert backup.startswith("roomtone backup ")
    assert leave.startswith("kill ")
    assert serve == "/opt/roomtone-NEW/bin/roomtone serve --data /var/lib/roomtone …"


def typed(command: str, server: Server, folder: Path) -> str:
    """A command of the page, for this server."""
    environment = Path(sys.executable).parent
    words = {
        "/var/lib/roomtone": str(server.data),
        "/backups": str(folder),
        "PID": str(server.ready["pid"]),
        "/opt/roomtone-NEW/bin/roomtone": str(environment / "roomtone"),
    }
    for word, here in words.items():
        command = command.replace(word, here)
    return re.sub(r"^roomtone ", f"{environment}/roomtone ", command)


async def run(command: str) -> str:
    whole = {"shell": True, "capture_output": True, "text": True, "timeout": 120, "check": False}
    done = await in_thread(subprocess.run, command, **whole)
    assert done.returncode == 0, (command, done.stderr)
    return str(done.stdout)


async def test_callers_notice_nothing_of_an_upgrade(stage: Scene, figure: Figure, tmp_path: Path) -> None:
    backup, _, leave, _ = COMMANDS
    gathering = await Gathering.of(stage, CONFERENCES, CALLERS)
    crowd, engine = gathering.crowd, stage.server.ready["engine_pid"]
    try:
        await crowd.reset()
        for _ in range(TIMES):
            brain = stage.server.brain
            assert brain is not None
            assert json.loads(await run(typed(backup, stage.server, tmp_path)))["files"] > 0
            await run(typed(leave, stage.server, tmp_path))
            assert await in_thread(brain.wait, 30) == 0
            assert is_alive(engine)
            await in_thread(stage.server.start_again)
            adopted = f"adopted calls={CONFERENCES * CALLERS} conferences={CONFERENCES}"
            assert adopted in stage.server.log.read_text(errors="replace")
        longest_ms = max(await crowd.gaps_ms())
        assert stage.server.ready["engine_pid"] == engine
        assert await gathering.lost() == []
        await gathering.unmute_all()
        await gathering.end()
        assert gathering.missing() == []
        assert await crowd.over() == 0
        figure(
            f"upgraded {TIMES} times, {CONFERENCES} conferences of {CALLERS}: longest gap of sound",
            f"{longest_ms:.0f} ms",
            "40 ms",
        )
        assert longest_ms < OUT_OF_THIS_WORLD_MS
    finally:
        await crowd.close()
