"""What a watched process says that it holds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

from roomtone.testing.leaks import Held
from roomtone.testing.tones import Tone
from roomtone.testing.watched import ask, holdings


async def test_tasks_that_go_on_and_objects_of_ours_are_counted() -> None:
    waiting = asyncio.create_task(asyncio.sleep(60), name="courier 17")
    done = asyncio.create_task(asyncio.sleep(0), name="over")
    await done
    found = holdings([waiting, done, Tone(440), Tone(550), object()])
    assert found == {"tasks": {"courier": 1}, "objects": {"roomtone.testing.tones.Tone": 2}}
    waiting.cancel()


def test_a_process_answers_each_signal_anew(tmp_path: Path) -> None:
    """A real one, which `roomtone --version` would end too soon: it is asked while it waits for a call."""
    file = tmp_path / "holdings.json"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "roomtone.testing.watched",
            str(file),
            "phone",
            "--answer",
            "--silent",
            "--json",
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert b"listening" in process.stdout.readline()
        assert [ask(process.pid, file)["turn"] for _ in range(2)] == [1, 2]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def held(**more: int) -> Held:
    kinds = Counter({name.replace("_", "."): count for name, count in more.items() if "_" in name})
    return Held(
        Counter(task=more.get("task", 0)), kinds, more.get("files", 5), more.get("sockets", 2),
        Counter(calls=more.get("rows", 0)), 1.0, 1.0,
    )  # fmt: skip


def test_what_is_more_than_before_is_named() -> None:
    before = held(task=1)
    assert held(task=1).beyond(before) == {}
    assert held(task=3, rows=2, sockets=4, files=4).beyond(before) == {
        "sockets": 2, "rows of calls": 2, "tasks task": 2,
    }  # fmt: skip


def test_a_class_has_grown_by_one_for_every_ten_calls() -> None:
    before = held(core_Call=5)
    assert held(core_Call=14).grown(before, 100) == {}
    assert held(core_Call=15).grown(before, 100) == {"core.Call": 10}
