"""The command: `python -m bench.media`, or `make bench ARGS=…`."""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from dataclasses import dataclass

from bench.media import janus, results
from bench.media.coding import CODINGS, Coding
from bench.media.results import BUSY_BRAIN, OURS, PAGE, PEER, Results
from bench.media.rows import FLOORS, Cores, Row, find_capacity, measure
from bench.media.score import Length, Load

from roomtone.sdp.codecs import ABILITIES

SIZES = ((3, 2), (10, 2), (50, 3), (200, 3))
"""Conference sizes, and speakers in each."""
CROWD = (1_000, 5)
"""One conference of listeners and a few speakers."""
EACH = Length()
WITH_EARS = Length(delay=4, content=2)
SHORT = Length(warm_up=4, window=3, windows=2)
PROBE = Length(warm_up=4, window=4, windows=2)
SMOKE = Length(warm_up=0.4, window=0.4, windows=1, content=1.4)
ESTIMATES_US = {"PCMU": 250, "G722": 1_000, "OPUS": 2_500}
"""What a participant may cost, for choosing loads near the middle of a core."""
QUICK = {"G722": 200, "OPUS": 100}
"""Participants in the rows of --quick: less than half a core."""
MOST = 6_000
"""More than this no search tries; the generator's own core ends there."""
ALL = (*(one.name for one in CODINGS),)


@dataclass
class Bench:
    """A run of the whole matrix, or of part of it."""

    cores: Cores
    found: Results
    peers: bool

    def run(self, server: str, load: Load, length: Length) -> Row:
        """Measure, print and keep a row."""
        row = measure(server, load, length, self.cores)
        self.found.rows.append(row)
        tell(row)
        return row

    def floors(self, load: Load, length: Length) -> None:
        for name in FLOORS:
            self.run(name, load, length)

    def peer(self, load: Load, length: Length) -> None:
        if self.peers and load.coding.name in janus.CODECS:
            self.run(PEER, load, length)

    def capacity(self, coding: Coding, cost_us: float, step: int) -> Row | None:
        """Search for the most participants in conferences of 10; the rows on the way are printed, not kept."""

        def run(load: Load) -> Row:
            row = measure(OURS, load, PROBE, self.cores)
            tell(row)
            return row

        likely = 1e6 / cost_us
        limits = (round(0.5 * likely / step) * step, min(MOST, round(1.4 * likely / step) * step))
        found = find_capacity(lambda count: Load(coding, count, 10, 2), limits, step, run)
        self.found.capacities.append(found)
        return found.carried


def tell(row: Row) -> None:
    """Print a row as soon as it is there."""
    widths = (17, 5, 4, 2, 5)
    spelt = results.cells(row, None)
    first = "  ".join(cell.ljust(width) for cell, width in zip(spelt[:5], widths, strict=True))
    labels = ("µs/p·s", "core", "", "missing", "late", "gap", "delay", "content", "kB/p", "tick late")
    rest = [f"{label} {cell}" for label, cell in zip(labels, spelt[5:], strict=True) if label and cell != "–"]
    print(first + "  " + "  ".join(rest), flush=True)
    if row.hearing and row.hearing.first_wrong:
        print(f"    {row.hearing.first_wrong}", flush=True)


def coding_of(name: str) -> Coding:
    return next(one for one in CODINGS if one.name == name)


def spoken() -> list[Coding]:
    """Give the codecs that the server agrees to: a new one gets its rows by itself."""
    known = {one.value.upper().replace(".", "") for one in ABILITIES}
    return [one for one in CODINGS if one.name in known]


def quick(bench: Bench, codecs: list[Coding]) -> None:
    """Give an impression in about a minute: one row for each codec."""
    load = Load(coding_of("PCMU"), 500, 10, 2)
    bench.run(FLOORS[0], load, SHORT)
    bench.run(OURS, load, Length(warm_up=4, window=3, windows=2, delay=3, content=2))
    for coding in codecs:
        if coding.name != "PCMU":
            bench.run(OURS, Load(coding, QUICK[coding.name], 10, 2), SHORT)
    bench.peer(Load(load.coding, 200, 10, 2), SHORT)


def whole(bench: Bench, codecs: list[Coding]) -> None:
    """Run the matrix."""
    for coding in codecs:
        if coding.name == "PCMU":
            narrow(bench, coding)
        else:
            wide(bench, coding)


def narrow(bench: Bench, coding: Coding) -> None:
    """Hold PCMU against the floor and the peer, in all sizes, and up to what a core carries."""
    middle = Load(coding, 2_000, 10, 2)
    bench.floors(middle, EACH)
    costs = {}
    for size, speakers in SIZES:
        load = Load(coding, 2_000 // size * size, size, speakers)
        costs[size] = bench.run(OURS, load, WITH_EARS if size == 10 else EACH)
    bench.run(OURS, Load(coding, sum(CROWD), sum(CROWD), CROWD[1]), EACH)
    bench.run(OURS, Load(coding, 200, 10, 2), WITH_EARS)
    bench.run(BUSY_BRAIN, Load(coding, 1_000, 10, 2), EACH)
    for size, speakers in SIZES:
        bench.peer(Load(coding, 300 // size * size, size, speakers), WITH_EARS if size == 10 else EACH)
    if costs[10].windows:
        most = bench.capacity(coding, costs[10].us, 250)
        if most:
            bench.run(OURS, Load(coding, int(most.load.endpoints * 0.08) * 10, 10, 2), WITH_EARS)
    bench.floors(middle, SHORT)


def wide(bench: Bench, coding: Coding) -> None:
    """Measure a dearer codec in conferences of 10 and 50, and up to what a core carries."""
    likely = int(1e6 / ESTIMATES_US[coding.name])
    ten = bench.run(OURS, Load(coding, likely // 20 * 10, 10, 2), WITH_EARS)
    bench.run(OURS, Load(coding, likely // 100 * 50 or 50, 50, 3), EACH)
    bench.peer(Load(coding, 40, 10, 2), EACH)
    if ten.windows:
        bench.capacity(coding, ten.us, 25 if likely < 600 else 50)


def choose_cores() -> Cores:
    """Give the server the last processor and the generator the first."""
    mine = sorted(os.sched_getaffinity(0))
    return Cores(mine[-1], mine[0]) if len(mine) > 1 else Cores(None, None)


def raise_limit_of_files() -> None:
    """Ask for as many open sockets as we may have: an engine holds two for each participant."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="an impression in about a minute; writes no page"
    )
    parser.add_argument(
        "--smoke", action="store_true", help="one row of ten endpoints, to see that all works"
    )
    parser.add_argument("--server", default=OURS, help="whom --smoke is about: an echo must fail it")
    parser.add_argument("--codec", choices=ALL, action="append", help="only this codec (may be given again)")
    parser.add_argument("--no-peers", action="store_true", help="leave Janus out")
    parser.add_argument("--no-page", action="store_true", help="write no bench/RESULTS.md")
    parser.add_argument("--load", nargs=4, metavar=("SERVER", "N", "SIZE", "SPEAKERS"), help="one row only")
    return parser.parse_args()


def one_row(bench: Bench, codecs: list[Coding], wanted: list[str]) -> None:
    """Measure one row of one's own choice."""
    server, *numbers = wanted
    endpoints, size, speakers = map(int, numbers)
    length = EACH if server in FLOORS else WITH_EARS
    bench.run(server, Load(codecs[0], endpoints, size, speakers), length)


def main() -> int:
    """Measure, print, write the page. Fails when a listener heard what they should not, or not what they should."""
    asked = parse()
    raise_limit_of_files()
    command = " ".join(["make bench", *([f'ARGS="{" ".join(sys.argv[1:])}"'] if sys.argv[1:] else [])])
    bench = Bench(choose_cores(), Results(command), peers=not asked.no_peers)
    if bench.peers and not janus.version():
        bench.found.notes.append("Janus: not installed (Debian: apt-get install janus).")
        bench.peers = False
    codecs = [one for one in spoken() if not asked.codec or one.name in asked.codec]
    began = time.monotonic()
    print("\n".join(results.machine(bench.cores)) + "\n", flush=True)
    if not codecs:
        print("not spoken: the server agrees to none of these codecs")
        return 0
    if asked.smoke:
        bench.run(asked.server, Load(codecs[0], 10, 5, 2), SMOKE)
    elif asked.load:
        one_row(bench, codecs, asked.load)
    elif asked.quick:
        quick(bench, codecs)
    else:
        whole(bench, codecs)
    bench.found.notes.append(f"It took {(time.monotonic() - began) / 60:.1f} minutes.")
    text = results.page(bench.found, bench.cores)
    print("\n" + text)
    if not (asked.quick or asked.smoke or asked.load or asked.codec or asked.no_page):
        results.keep(PAGE, text)
    judged = [row for row in bench.found.rows if row.server != PEER]
    wrong = [
        row for row in judged if row.failed or (row.hearing and row.hearing.right < row.hearing.listeners)
    ]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
