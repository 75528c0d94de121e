"""Writing a database file anew: for as long as there is time, and wholly or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count, pairwise
from pathlib import Path

import pytest

from roomtone.store import StoreUnavailable, compact
from roomtone.store.rewriting import rewrite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database most of which is free, though what stood there can still be read."""
    file = tmp_path / "roomtone.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA secure_delete=OFF")  # which some distributions have on
        database.execute("CREATE TABLE told (number INTEGER PRIMARY KEY, words TEXT)")
        rows = ((number, f"in confidence {number} " * 20) for number in range(5_000))
        database.executemany("INSERT INTO told VALUES (?, ?)", rows)
        database.commit()
        database.execute("DELETE FROM told WHERE number > 2500")
        database.commit()
    return file


def ticking(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much at each look."""
    ticks = count()
    return lambda: next(ticks) * seconds


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(database.execute("SELECT count(*) FROM told").fetchone()[0])


def test_without_time_nothing_is_changed(path: Path):
    before = path.stat().st_size
    assert not rewrite(path, within_s=0.0)
    assert (path.stat().st_size, rows(path)) == (before, 2_501)


def test_it_is_smaller_and_keeps_no_trace(path: Path):
    assert b"in confidence 4000 " in path.read_bytes()
    done = compact(path, print)
    assert done.after_bytes == path.stat().st_size < done.before_bytes
    assert rows(path) == 2_501
    assert b"in confidence 4000 " not in path.read_bytes()


def test_whoever_waits_is_told_about_every_second(path: Path):
    told: list[float] = []
    done = compact(path, told.append, ticking(2.0))
    assert told
    assert all(later - earlier >= 1 for earlier, later in pairwise([0.0, *told]))
    assert done.took_s >= told[-1]


def test_what_is_broken_off_is_as_it_was(path: Path):
    def look(_elapsed_s: float) -> None:
        raise InterruptedError  # as Ctrl-C would

    before = path.stat().st_size
    with pytest.raises(StoreUnavailable, match="broken off; it is as it was"):
        compact(path, look, ticking(1.0))
    assert (path.stat().st_size, rows(path)) == (before, 2_501)


def test_without_room_nothing_is_begun(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    with pytest.raises(StoreUnavailable, match="must be free beside it"):
        compact(path, print)


def test_what_is_no_database_is_not_made_one(tmp_path: Path):
    with pytest.raises(StoreUnavailable, match="there is no database"):
        compact(tmp_path / "roomtone.db", print)
    assert list(tmp_path.iterdir()) == []
