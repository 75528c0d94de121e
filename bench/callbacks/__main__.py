"""Measure how fast a backlog of callbacks drains, and put it into ``bench/RESULTS.md`` as its section Callbacks.

The courier, the store and the HTTP client as `roomtone serve` has them, on one core, and customers' servers that answer
at once on another. The backlog is committed before the courier begins, as after an outage. Options: ``--quick`` (a tenth
of the rows), ``--no-page``.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop
from bench.rest.page import put

from roomtone.core.call.notices import notices
from roomtone.core.call.state import Call, CallCallback, CallStatus
from roomtone.core.conference.advance import advance
from roomtone.core.conference.messages import Join, Message, Mute, Unmute
from roomtone.core.conference.state import Callback, Topic
from roomtone.core.conference.step import opened
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Caller, Direction, Method
from roomtone.net.client import Client
from roomtone.net.client import Settings as NetSettings
from roomtone.store import Store, open_store
from roomtone.switchboard.clock import SystemClock
from roomtone.webhooks import Courier, Tools, spell

TITLE = "## Callbacks"
AIM_PER_S = 500
ABOUT = (
    "A backlog committed before the courier begins, drained by courier, store and HTTP client on one core; customers' "
    f"servers that answer at once on another. SQLite, `synchronous=FULL`. The aim is {AIM_PER_S} a second."
)
HEAD = (
    "backlog",
    "servers",
    "callbacks/s",
    "per processor-s",
    "seconds",
    "told again",
    "out of order",
    "lost",
)
SERVER_CORE, CUSTOMER_CORE = 0, 1
PROJECTS = 10
CLOCK = SystemClock()
CALLER = Caller("+15550000001", "+15550000002", Direction.INBOUND)


@dataclass(frozen=True)
class Load:
    """What is owed."""

    name: str
    lanes: int
    each: int
    hosts: int


LOADS = (
    Load("1,000 conferences × 10", 1_000, 10, 10),
    Load("10,000 calls × 1", 10_000, 1, 10),
    Load("1,000 conferences × 10", 1_000, 10, 1),
    Load("one conference × 10,000", 1, 10_000, 1),
)


@contextmanager
def receiver(hosts: int) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run customers' servers on their core."""
    command = [sys.executable, "-m", "bench.callbacks.receiver", str(hosts)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _pin(process.pid, CUSTOMER_CORE)
        assert process.stdout
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait()


def _pin(pid: int, core: int) -> None:
    os.sched_setaffinity(pid, {sorted(os.sched_getaffinity(os.getppid()))[core % (os.cpu_count() or 1)]})


async def _conference(store: Store, load: Load, number: int, url: str) -> None:
    """Commit a conference that owes so many notices: one joins, and is muted and unmuted."""
    call, now = CallId(number + 1), CLOCK.now()
    join = Join(
        ParticipantId(number + 1), call, CALLER, callback=Callback(url, Method.POST, frozenset(Topic))
    )
    changes: list[Message] = [Unmute(call) if one % 2 else Mute(call) for one in range(load.each - 1)]
    state = opened(ConferenceId(number + 1), ProjectId(1 + number % PROJECTS), f"room {number}", now)
    made = advance(state, (join, *changes), now)
    assert len(made.notices) == load.each, len(made.notices)
    await store.commit_conference(made.state, made.events, made.notices, now)


async def _call(store: Store, number: int, url: str) -> None:
    """Commit a call that owes word of its end."""
    now = CLOCK.now()
    call = Call(
        CallId(number + 1), ProjectId(1 + number % PROJECTS), CALLER, now.wall_ms, now.wall_ms, status=CallStatus.COMPLETED,
        ended_ms=now.wall_ms, callback=CallCallback(url), revision=1,
    )  # fmt: skip
    after, owed = notices(None, call, now)
    assert len(owed) == 1, owed
    await store.commit_call(after, owed, now)


async def _commit(store: Store, load: Load, port: int) -> None:
    for number in range(PROJECTS):
        await store.add_project(
            Project(ProjectId(1 + number), f"p{number}", "twilio", "key", CLOCK.now().wall_ms), "token"
        )
    for begin in range(0, load.lanes, 64):
        numbers = range(begin, min(begin + 64, load.lanes))
        urls = [f"http://127.0.0.{1 + number % load.hosts}:{port}/told" for number in numbers]
        pairs = zip(numbers, urls, strict=True)
        if load.each == 1:
            await asyncio.gather(*(_call(store, number, url) for number, url in pairs))
        else:
            await asyncio.gather(*(_conference(store, load, number, url) for number, url in pairs))


async def _drain(folder: Path, load: Load, port: int) -> tuple[float, float]:
    """Commit the backlog and deliver it; gives seconds, and seconds of processor time."""
    async with open_store(folder / "roomtone.db") as store, Client(NetSettings()) as http:
        print(f"{load.name}: committing", file=sys.stderr, flush=True)
        await _commit(store, load, port)
        print(f"{load.name}: draining", file=sys.stderr, flush=True)
        courier = Courier(Tools(store, http, spell, CLOCK, note=store.note_exchange))
        began, used = time.perf_counter(), _processor_s()
        delivering = asyncio.create_task(courier.run())
        if not await courier.drain(300):
            print(f"{load.name}: not drained in 300 s", file=sys.stderr)
        took, used = time.perf_counter() - began, _processor_s() - used
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        return took, used


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def row(load: Load, folder: Path) -> list[str]:
    """Measure one load."""
    with receiver(load.hosts) as (port, process):
        took, used = uvloop.run(_drain(folder, load, port))
        told = json.loads(process.communicate("")[0])
    many = load.lanes * load.each
    cells = [
        load.name, str(load.hosts), f"{many / took:.0f}", f"{many / used:.0f}", f"{took:.1f}", str(told["again"]),
        str(told["unordered"]), str(many - told["came"] + told["again"]),
    ]  # fmt: skip
    print("  ".join(cells), flush=True)
    return cells


def main() -> int:
    _pin(0, SERVER_CORE)
    quick = "--quick" in sys.argv
    loads = (
        [Load(one.name, max(one.lanes // 10, 1), one.each, one.hosts) for one in LOADS] if quick else LOADS
    )
    rows = []
    for load in loads:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(load, Path(folder)))
    lines = ["| " + " | ".join(line) + " |" for line in (list(HEAD), ["---"] * len(HEAD), *rows)]
    print("\n".join(lines))
    if "--no-page" not in sys.argv and not quick:
        put(TITLE, "python -m bench.callbacks", ABOUT, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
