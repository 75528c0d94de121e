"""Writing the whole database file anew: what was overwritten is gone from it, and what is free is given back.

SQLite's VACUUM takes time in proportion to the file, and nobody writes meanwhile. So a server does it for a moment at most
and once; whoever has a large file does it while no server runs (`roomtone compact`).

Sources: sqlite.org "VACUUM", "sqlite3_progress_handler", "PRAGMA freelist_count".
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from roomtone.store.faults import StoreUnavailable

AT_START_S = 1.0
"""How long a server that starts may spend on it: whoever wants to write waits so long."""

_LOOK_EVERY = 10_000
"""Steps of SQLite's machine between two looks at the clock: a millisecond or so."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What became of a file."""

    before_bytes: int
    after_bytes: int
    took_s: float


def rewrite(
    path: Path,
    within_s: float | None = None,
    tell: Callable[[float], None] = lambda _elapsed_s: None,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Write the file anew; says whether it was done, and not given up for want of time: then nothing is changed.

    Args:
        path: The file.
        within_s: How long it may take; None: as long as it takes.
        tell: Told about every second how long it has taken so far, in seconds.
        clock: Tells the time, in seconds.

    Raises:
        StoreUnavailable: It cannot be done now; nothing is lost by that.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        watch = _Watch(within_s, tell, clock)
        connection.set_progress_handler(watch.look, _LOOK_EVERY)
        try:
            connection.execute("VACUUM")
            connection.set_progress_handler(None, 0)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.DatabaseError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return False
            raise StoreUnavailable(f"{path}: {fault}") from fault
    return True


def compact(
    path: Path, tell: Callable[[float], None], clock: Callable[[], float] = time.monotonic
) -> Compacted:
    """Write the file anew, however long that takes; nobody else may have it open.

    Args:
        path: The file.
        tell: As with `rewrite`.
        clock: Tells the time, in seconds.

    Raises:
        StoreUnavailable: There is no database, it cannot be written, the disk has no room for a second one, or `tell` failed.
    """
    if not path.exists():
        raise StoreUnavailable(f"{path}: there is no database")
    before_bytes, began_s = path.stat().st_size, clock()
    free_bytes = shutil.disk_usage(path.parent).free
    if free_bytes < before_bytes:
        raise StoreUnavailable(
            f"{path}: {before_bytes} bytes must be free beside it to write it anew; there are {free_bytes}"
        )
    if not rewrite(path, tell=tell, clock=clock):
        raise StoreUnavailable(f"{path}: broken off; it is as it was")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            connection.execute("DELETE FROM seals WHERE name = 'too large'")
            connection.execute("INSERT OR REPLACE INTO seals VALUES ('rewritten', '')")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.DatabaseError as fault:
            if "no such table" not in str(fault):  # of a version before secrets were sealed
                raise StoreUnavailable(f"{path}: {fault}") from fault
    return Compacted(before_bytes, path.stat().st_size, clock() - began_s)


class _Watch:
    """Looks at the clock while SQLite works."""

    def __init__(
        self, within_s: float | None, tell: Callable[[float], None], clock: Callable[[], float]
    ) -> None:
        self._within_s = within_s
        self._tell = tell
        self._clock = clock
        self._began_s = clock()
        self._told_s = 0.0

    def look(self) -> bool:
        """Say whether to give up."""
        elapsed_s = self._clock() - self._began_s
        if elapsed_s >= self._told_s + 1:
            self._told_s = elapsed_s
            self._tell(elapsed_s)
        return self._within_s is not None and elapsed_s > self._within_s
