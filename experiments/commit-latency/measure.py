"""How long a commit takes, alone and in company, with and without waiting for the disk.

    .venv/bin/python experiments/commit-latency/measure.py [FOLDER]

Each room commits one change after the other (a mute or unmute: one state, one participant, one event, one owed
notice) and waits for each, as the switchboard does. Beside it, as a measure of this disk and this moment: a bare
transaction of one row through the standard library.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from roomtone.core.conference.advance import advance
from roomtone.core.conference.messages import Join, Mute, Unmute
from roomtone.core.conference.state import Callback, Conference, Topic
from roomtone.core.conference.step import opened
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.values import Caller, Method
from roomtone.store import Settings, Store, open_store

NOW = Moment(1_700_000_000_000, 0)
CALLBACK = Callback("https://app.example/conference", Method.POST, frozenset(Topic))
CASES = ((1, 3), (8, 3), (32, 3), (128, 3), (1, 300), (8, 300))
"""Rooms that commit at once, and people in each."""

SECONDS = 3.0


async def begin(store: Store, number: int, people: int) -> Conference:
    """Commit a room with these people in it."""
    joins = [
        Join(
            ParticipantId(number << 64 | one),
            CallId(number << 64 | one),
            Caller("a", "b"),
            callback=CALLBACK,
            max_participants=1000,
        )
        for one in range(1, people + 1)
    ]
    result = advance(opened(ConferenceId(number), ProjectId(1), f"room {number}", NOW), joins, NOW)
    await store.commit_conference(result.state, result.events, (), NOW)
    return result.state


async def steer(store: Store, state: Conference, until: float, took: list[float]) -> None:
    """Mute and unmute one after the other, and note how long each commit took."""
    while time.perf_counter() < until:
        one = state.participants[state.revision % len(state.participants)]
        result = advance(state, [Unmute(one.call) if one.muted else Mute(one.call)], NOW)
        began = time.perf_counter()
        await store.commit_conference(result.state, result.events, result.notices, NOW)
        took.append(time.perf_counter() - began)
        state = result.state


async def case(path: Path, rooms: int, people: int, settings: Settings) -> tuple[list[float], float]:
    """Run one case on a database of its own; give how long each commit took, and the processor time of all."""
    async with open_store(path, settings) as store:
        states = [await begin(store, number, people) for number in range(1, rooms + 1)]
        took: list[float] = []
        until, processor = time.perf_counter() + SECONDS, time.process_time()
        await asyncio.gather(*(steer(store, state, until, took) for state in states))
        processor = time.process_time() - processor
    return took, processor


def bare(path: Path, synchronous: str) -> tuple[list[float], float]:
    """Commit one row at a time through the standard library."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={synchronous}")
    database.execute("CREATE TABLE rows (text TEXT)")
    took = []
    until, processor = time.perf_counter() + SECONDS, time.process_time()
    while time.perf_counter() < until:
        began = time.perf_counter()
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO rows VALUES (?)", ("x" * 1_000,))
        database.execute("COMMIT")
        took.append(time.perf_counter() - began)
    database.close()
    return took, time.process_time() - processor


def line(name: str, took: list[float], processor: float) -> str:
    """Give one row of the table."""
    took.sort()
    spots = [took[int(len(took) * share)] * 1_000 for share in (0.5, 0.95, 0.99)]
    return (
        f"| {name} | {len(took) / SECONDS:,.0f} | "
        + " | ".join(f"{spot:.2f}" for spot in spots)
        + f" | {processor * 1_000 / len(took):.2f} |"
    )


def main(folder: Path) -> None:
    """Print the table."""
    print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}")
    print(
        "| case | commits/s | p50 ms | p95 ms | p99 ms | processor ms per commit |\n|---|---|---|---|---|---|"
    )
    for survive, synchronous in ((True, "FULL"), (False, "NORMAL")):
        print(line(f"{synchronous}: bare row", *bare(folder / f"bare-{synchronous}.db", synchronous)))
        for rooms, people in CASES:
            path = folder / f"{synchronous}-{rooms}-{people}.db"
            took = asyncio.run(case(path, rooms, people, replace(Settings(), survive_power_loss=survive)))
            print(line(f"{synchronous}: {rooms} rooms of {people}", *took))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        main(Path(name))
