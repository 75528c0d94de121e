"""`roomtone lint-compat`: what the store knows, told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from roomtone.cli import main
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.usage import Use
from roomtone.store import open_store

OWNER = Project(ProjectId(0xAB), "desk", "signalwire", "key", 1)
SID = "00000000-0000-0000-0000-0000000000ab"


BROKEN = "; refused or read otherwise in strict mode"


def lint(data: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["lint-compat", "--data", str(data), *more])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with open_store(tmp_path / "roomtone.db") as store:
            await store.add_project(OWNER, "token")
            await store.note_use(Use(OWNER.id, "bins.list", "twilio", 1_537_822_800_000))
            await store.note_use(
                Use(OWNER.id, "participants.update Beep", "signalwire twilio", 1_537_822_800_000)
            )

    asyncio.run(fill())
    return tmp_path


def test_what_was_used_is_told(data: Path) -> None:
    done = lint(data)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        f"{SID} (desk, signalwire)",
        "  bins.list: not at twilio, used since 2018-09-24T21:00:00Z",
        f"  participants.update Beep: not at signalwire nor at twilio, used since 2018-09-24T21:00:00Z{BROKEN}",
    ]
    found = json.loads(lint(data, "--json", "--project", SID).output)
    assert [(one["uses"], one["lacking"]) for one in found] == [
        ("bins.list", "twilio"),
        ("participants.update Beep", "signalwire twilio"),
    ]


def test_nothing_was_used(data: Path) -> None:
    done = lint(data, "--project", SID.replace("ab", "ac"))
    assert (done.exit_code, done.output) == (0, "nothing was used that one of the vendors lacks\n")


def test_what_cannot_be_told(data: Path) -> None:
    assert "neither a UUID" in lint(data, "--project", "x").output
    assert "there is no" in lint(data / "elsewhere").output
