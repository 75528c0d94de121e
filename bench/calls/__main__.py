"""Measure calls with SIPp, print a table, and put it into ``bench/RESULTS.md`` as its section Calls.

The server (brain and engine) is on one processor, SIPp on another. Options: ``--quick`` (shorter), ``--no-page``,
``--leaks`` (only what is left of ten thousand calls; writes no page).
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.calls import leaks as leaking
from bench.calls.house import House
from bench.calls.outgoing import invites_ms
from bench.calls.sipp import Calls, Carrier, Load
from bench.rest.page import put

TITLE = "## Calls"
ABOUT = "Brain and engine share one processor, SIPp has another; hosted documents, SQLite with `synchronous=FULL`."
HEAD = ("load", "aim", "measured")
MENU = '<Response><Gather timeout="300" numDigits="1"/></Response>'
ROOM = "<Response><Dial><Conference>room {}</Conference></Dial></Response>"


class Bench:
    """The rows, and the folder that all is done in."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self._folder = folder
        self._share = 10 if quick else 1
        self._turn = 0

    def tell(self, load: str, aim: str, measured: str) -> None:
        """Add a row."""
        self.rows.append((load, aim, measured))
        print(f"{load}: {measured}", flush=True)

    def carry(self, house: House, numbers: list[str], load: Load) -> tuple[Calls, float]:
        """Play a load to its end; gives what came of it and the share of a processor that it took."""
        self._turn += 1
        used, began = house.processor_s(), time.monotonic()
        carrier = Carrier(house, numbers, load, self._folder / f"sipp{self._turn}")
        told = carrier.wait(load.calls / load.per_s + load.stay_ms / 1_000 + 120)
        return told, (house.processor_s() - used) / (time.monotonic() - began)

    def answers(self, house: House, name: str, numbers: list[str]) -> None:
        """How soon calls are answered at 50 a second."""
        told, core = self.carry(house, numbers, Load(50, 1_000 // self._share, 2_000))
        self.tell(
            f"INVITE to 200, 50 calls/s, {name}",
            "p50 ≤ 15 ms, p99 ≤ 60 ms",
            f"p50 {told.percentile_ms(0.5):.0f} ms, p99 {told.percentile_ms(0.99):.0f} ms, {told.failed} of "
            f"{told.answered + told.failed} failed, {core:.0%} of a core",
        )

    def endurance(self, house: House, numbers: list[str]) -> None:
        """A hundred calls a second for two minutes, into conferences."""
        told, core = self.carry(house, numbers, Load(100, 12_000 // self._share, 1_000))
        self.tell(
            f"100 calls/s for {120 // self._share} s, into conferences",
            "< 0.1 % failed",
            f"{told.failed} of {told.answered + told.failed} failed, p99 {told.percentile_ms(0.99):.0f} ms, "
            f"{core:.0%} of a core",
        )

    def left_over(self, house: House, files: int, memory_mb: float) -> None:
        """What is left when all calls are over."""
        deadline = time.monotonic() + 30
        while (left := busy(house)) != (0, 0) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.tell(
            "left when they are over: calls, conferences, open files more than before",
            "0, 0, 0",
            f"{left[0]}, {left[1]}, {house.open_files() - files}; memory {memory_mb:.0f} MB before, {house.resident_mb():.0f} after",
        )

    def dialogs(self, house: House, number: str) -> None:
        """Five thousand calls at the same time, in a menu that waits, of phones that agree to comfort noise.

        Fifty packets a second to each would take what two processors can send, whoever holds the calls. The server has
        both processors: what is asked is whether it holds them, and in how much memory.
        """
        house.spread()
        many = 5_000 // self._share
        load = Load(50, many, 20_000 + many * 20, quiet=True)
        carrier = Carrier(house, [number], load, self._folder / "dialogs")
        most_mb, most = 0.0, 0
        while carrier.goes_on:
            time.sleep(0.5)
            now = carrier.now("CurrentCall")
            if now >= most:
                most, most_mb = now, max(most_mb, house.resident_mb())
        told = carrier.wait(60)
        self.tell(
            f"{many} dialogs at once, waiting in a menu, phones that agree to comfort noise, both processors",
            "≤ 1 GB",
            f"{most_mb:.0f} MB with {most}; {told.failed} failed",
        )

    def outgoing(self, house: House) -> None:
        """From POST Participants to the INVITE."""
        took = asyncio.run(invites_ms(house, 500 // self._share))
        p50, p99 = took[len(took) // 2], took[round(0.99 * (len(took) - 1))]
        self.tell(
            "POST Participants to INVITE on the wire", "p99 ≤ 30 ms", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms"
        )


def busy(house: House) -> tuple[int, int]:
    """Count the calls and the conferences that are not over (a page of each at most)."""
    calls = sum(
        len(house.ask("GET", f"Calls.json?Status={one}")["calls"])
        for one in ("in-progress", "ringing", "queued")
    )
    return calls, len(house.ask("GET", "Conferences.json?Status=in-progress")["conferences"])


def leaks(folder: Path, bench: Bench, *, quick: bool) -> None:
    """Call ten thousand times, and tell what is left."""
    folder.mkdir()
    calls = leaking.CALLS // (10 if quick else 1)
    house = House.open(folder / "data", "20000-30001", folder / "holdings.json")
    try:
        first, warm, last = leaking.run(house, folder, calls)
        left = last.beyond(first) | last.grown(warm, calls) | leaking.engine_holds(house, folder)
    finally:
        house.end()
    found = ", ".join(f"{name}: {count}" for name, count in left.items() if count)
    bench.tell(
        f"left of {calls:,} short calls: legs, streams, plans, sources, files, sockets, tasks, rows, objects",
        "nothing",
        found or "nothing",
    )
    bench.tell(
        f"memory after {calls // leaking.WARM:,} and after {calls:,} calls",
        "the same, within 10 %",
        f"brain {warm.brain_mb:.0f} and {last.brain_mb:.0f} MB, engine {warm.engine_mb:.0f} and {last.engine_mb:.0f} MB",
    )


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    house = House.open(folder, "20000-30001")
    try:
        yield house
    finally:
        house.stop()


def measure(folder: Path, *, quick: bool) -> list[str]:
    """Measure everything, and give the section's lines."""
    bench = Bench(folder, quick=quick)
    with opened(folder / "data") as house:
        menu, rooms = house.number(MENU), [house.number(ROOM.format(n)) for n in range(20)]
        bench.carry(house, [menu, *rooms], Load(20, 42, 500))
        files, memory_mb = house.open_files(), house.resident_mb()
        bench.answers(house, "a menu", [menu])
        bench.answers(house, "20 conferences", rooms)
        bench.outgoing(house)
        bench.endurance(house, rooms)
        bench.left_over(house, files, memory_mb)
        bench.dialogs(house, menu)
    leaks(folder / "leaks", bench, quick=quick)
    return ["| " + " | ".join(row) + " |" for row in (HEAD, ("---",) * len(HEAD), *bench.rows)]


def main() -> int:
    if shutil.which("sipp") is None:
        print("SIPp is not there (apt-get install sip-tester): calls are not measured", file=sys.stderr)
        return 0
    if "--leaks" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), quick="--quick" in sys.argv)
            leaks(Path(folder) / "leaks", bench, quick="--quick" in sys.argv)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(Path(folder), quick="--quick" in sys.argv)
    if "--no-page" not in sys.argv and "--quick" not in sys.argv:
        put(TITLE, "python -m bench.calls", ABOUT, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
