"""A writer that is killed in the middle of its work loses nothing that it said was committed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from keeping import claim
from rooms import NOW
from roomtone.core.delivery import Attempt
from roomtone.store import Store, open_store

PROGRAM = Path(__file__).with_name("writing_program.py")
TESTS = PROGRAM.parents[2]


def kill_while_writing(path: Path, after_lines: int) -> dict[int, int]:
    """Let the program commit so often, kill it at whatever it is doing, and give what it had said by then."""
    search = os.pathsep.join((str(TESTS), str(TESTS.parent / "src")))
    with subprocess.Popen(
        [sys.executable, PROGRAM, path],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": search},
    ) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(after_lines)]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
        lines += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        assert writer.wait() == -signal.SIGKILL
    said: dict[int, int] = {}
    for line in lines:
        number, revision = map(int, line.split())
        said[number] = revision
    return said


async def walk_outbox(store: Store, far_ms: int) -> dict[int, list[int]]:
    """Deliver everything, and give each conference's numbers in the order in which they were given out."""
    seen: defaultdict[int, list[int]] = defaultdict(list)
    while claimed := await claim(store, far_ms, limit=1000):
        for owed in claimed:
            seen[owed.notice.lane.value].append(owed.notice.sequence)
            await store.delivered(owed, Attempt(1, far_ms, 0, 200), until_ms=None)
    return seen


@pytest.mark.parametrize("after_lines", [1, 7, 60, 150])
async def test_nothing_that_was_committed_is_lost(tmp_path: Path, after_lines: int):
    said = kill_while_writing(tmp_path / "roomtone.db", after_lines)
    with closing(sqlite3.connect(tmp_path / "roomtone.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    async with open_store(tmp_path / "roomtone.db") as store:
        states = {one.id.value: one for one in await store.live_conferences()}
        owed = await walk_outbox(store, NOW.after(1_000_000).wall_ms)
    for number, revision in said.items():
        assert states[number].revision >= revision
    for number, state in states.items():
        assert owed[number] == list(range(1, state.last_sequence + 1))
