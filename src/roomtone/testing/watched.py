"""Run `roomtone` and have it write down, whenever SIGUSR2 comes, what it holds: for looking for leaks.

``python -m roomtone.testing.watched FILE serve …``. FILE is replaced by a JSON object: ``turn`` counts the signals, ``tasks`` has
the tasks that go on by the first word of their names, ``objects`` the objects of our own classes. What was there when the house
was built is not counted (`roomtone.tidying` puts it aside). Garbage is collected first.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0

_RESTING = frozenset({"courier woken", "courier rests"})
"""Tasks of the courier that are there while it has nothing to do, and for a moment are not."""


def holdings(objects: Iterable[object]) -> dict[str, dict[str, int]]:
    """Count tasks that go on, and objects of our own classes."""
    tasks: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    for one in objects:
        kind = type(one)
        if kind.__module__.startswith("roomtone."):
            ours[f"{kind.__module__}.{kind.__qualname__}"] += 1
        elif isinstance(one, asyncio.Task) and not one.done() and (name := one.get_name()) not in _RESTING:
            tasks[_name(name, one)] += 1
    return {"tasks": dict(tasks), "objects": dict(ours)}


def _name(name: str, task: asyncio.Task[object]) -> str:
    """Name the kind of task: the first word of its name, or what it runs if nobody named it."""
    word = name.split(" ", maxsplit=1)[0].rstrip("-0123456789")
    return getattr(task.get_coro(), "__qualname__", word) if word == "Task" else word


def ask(pid: int, file: Path) -> dict[str, Any]:
    """Ask a process that runs so what it holds.

    Raises:
        TimeoutError: It does not answer.
    """
    before = file.read_text() if file.exists() else ""
    os.kill(pid, signal.SIGUSR2)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()) != before:
            found = json.loads(text)
            assert isinstance(found, dict)
            return found
        time.sleep(0.02)
    raise TimeoutError(f"process {pid} does not say what it holds")


def main() -> None:
    """Run as a program."""
    file, turn = Path(sys.argv[1]), 0

    def write(*_: object) -> None:
        nonlocal turn
        turn += 1
        gc.collect()
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps({"turn": turn, **holdings(gc.get_objects())}))
        fresh.replace(file)

    signal.signal(signal.SIGUSR2, write)
    sys.argv = ["roomtone", *sys.argv[2:]]
    from roomtone.cli import main as roomtone

    roomtone()


if __name__ == "__main__":
    main()
