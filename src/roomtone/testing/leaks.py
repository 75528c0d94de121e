"""What a server holds, from the outside: files, sockets, tasks, objects, rows that are not over, memory. To look for leaks.

The brain has to run as `roomtone.testing.watched`. Needs Linux (``/proc``) and an SQLite store.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from roomtone.store.recollection import KEPT
from roomtone.testing.watched import ask

_RECALLED = ("roomtone.core.ids.", "roomtone.core.conference.state.Conference")
"""Classes of which a state of a conference that is over consists."""

_OPEN_ROWS = {
    "calls": "SELECT count(*) FROM calls WHERE ended_ms IS NULL",
    "participants": "SELECT count(*) FROM participants WHERE left_ms IS NULL",
    "conferences": "SELECT count(*) FROM conferences WHERE status != 'completed'",
    "outbox": "SELECT count(*) FROM outbox WHERE settled_ms IS NULL",
}


@dataclass(frozen=True)
class Held:
    """What brain and engine hold."""

    tasks: Counter[str]
    objects: Counter[str]
    files: int
    sockets: int
    """Of the engine: a call has two."""

    rows: Counter[str]
    brain_mb: float
    engine_mb: float

    def beyond(self, before: Held) -> dict[str, int]:
        """Give what is more than before, by name."""
        more = {
            "files": self.files - before.files,
            "sockets": self.sockets - before.sockets,
            **{f"rows of {name}": count for name, count in self.rows.items()},
            **{f"tasks {name}": count for name, count in (self.tasks - before.tasks).items()},
        }
        return {name: count for name, count in more.items() if count > 0}

    def grown(self, before: Held, calls: int) -> dict[str, int]:
        """Give the classes of ours of which there is one more for every ten calls, or so.

        The store keeps the states of the last conferences (`roomtone.store.recollection`): so many of those are no leak.
        """
        more = self.objects - before.objects
        return {
            name: count
            for name, count in more.items()
            if count * 10 >= calls and not (name.startswith(_RECALLED) and self.objects[name] <= 2 * KEPT)
        }


def look(brain: int, engine: int, holdings: Path, data: Path) -> Held:
    """Ask both processes, and the database, what they hold.

    Args:
        brain: Process number of a brain that runs as `roomtone.testing.watched`.
        engine: Of its engine.
        holdings: Where that brain writes.
        data: Its data folder, with an SQLite database.
    """
    told = ask(brain, holdings)
    return Held(
        Counter(told["tasks"]), Counter(told["objects"]), len(_open(brain)), _sockets(engine), _open_rows(data),
        _resident_mb(brain), _resident_mb(engine),
    )  # fmt: skip


def _sockets(pid: int) -> int:
    count = 0
    for one in _open(pid):
        with contextlib.suppress(FileNotFoundError):  # closed in between
            count += str(one.readlink()).startswith("socket:")
    return count


def _open(pid: int) -> list[Path]:
    return [one for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink()]


def _resident_mb(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _open_rows(data: Path) -> Counter[str]:
    file = next(data.glob("*.db"))
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as store:
        return Counter({name: store.execute(asked).fetchone()[0] for name, asked in _OPEN_ROWS.items()})
