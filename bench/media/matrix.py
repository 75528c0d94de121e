"""Which loads are measured, in which order, and within which time.

The matrix is cut into sections. Each stands for itself: one that fails, or for which no time is left, is noted on the page,
and the others go on. What matters most comes first.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bench.media import janus, results
from bench.media.coding import Coding, coding_of
from bench.media.results import BUSY_BRAIN, OURS, PEER, RECORDING, TRACKS, Results
from bench.media.rows import FLOORS, Cores, Row, find_capacity, measure
from bench.media.score import Length, Load
from bench.media.timer import lateness_p999_ms

SIZES = ((10, 2), (3, 2), (50, 3), (200, 3))
"""Conference sizes, and speakers in each."""
CROWD = (1_000, 5)
"""One conference of listeners and a few speakers."""
EACH = Length(window=2.5)
WITH_EARS = Length(window=2.5, delay=4, content=2)
WITH_CONTENT = Length(window=2.5, content=2)
SHORT = Length(window=2.5, windows=2)
PROBE = Length(window=2.5, windows=2)
STARTING_S = 3.0
"""What a row takes beside its windows: to code the sounds, start the server and seat everybody."""
JUDGING_S = 6.0
"""What it takes to listen to what was captured."""
ESTIMATES_US = {"PCMU": 400, "G722": 1_000, "OPUS": 2_500}
"""What a participant may cost, for choosing loads near the middle of a core."""
MIDDLE = {"PCMU": 1_500, "G722": 500, "OPUS": 200}
"""Participants in the rows that are compared."""
STEPS = {"PCMU": 250, "G722": 50, "OPUS": 25}
"""How closely the most participants are looked for."""
PEER_LOAD = {"PCMU": 300, "OPUS": 40}
PEER_LIMITS = (400, 1_000)
PEER_STEP = 100
MOST = 6_000
"""More than this no search tries; the generator's own core ends there."""
BUSY_SHARE = 0.8
"""Of what a core carries, where delays are looked at."""


@dataclass
class Bench:
    """A run of the whole matrix, or of part of it."""

    cores: Cores
    found: Results
    peers: bool
    budget_s: float = float("inf")
    """No section begins that would end after so long."""
    began: float = field(default_factory=time.monotonic)

    def section(self, name: str, about_s: float, run: Callable[[], object]) -> None:
        """Run a part that stands for itself, if there is time for it."""
        if self.spent_s + about_s > self.budget_s:
            self.note(f"Left out for want of time: {name}.")
            return
        self.progress(f"{name}: about {about_s:.0f} s")
        try:
            run()
        except Exception as why:  # noqa: BLE001 - one section's fault is no other's
            traceback.print_exc()
            self.note(f"{name} ended early: {type(why).__name__}: {why}")

    @property
    def spent_s(self) -> float:
        return time.monotonic() - self.began

    def note(self, text: str) -> None:
        """Keep a remark for the page."""
        self.progress(text)
        self.found.notes.append(text)

    def progress(self, text: str) -> None:
        """Say on stderr how far it is."""
        minutes, seconds = divmod(int(self.spent_s), 60)
        print(f"[{minutes}:{seconds:02}] {text}", file=sys.stderr, flush=True)

    def try_out(self, server: str, load: Load, length: Length) -> Row:
        """Measure and print a row."""
        self.progress(f"  {server}, {load.coding.name}: {load.endpoints} in conferences of {load.size}")
        row = measure(server, load, length, self.cores)
        tell(row)
        return row

    def run(self, server: str, load: Load, length: Length) -> Row:
        """Measure, print and keep a row."""
        row = self.try_out(server, load, length)
        self.found.rows.append(row)
        return row

    def floors(self, length: Length) -> None:
        load = Load(coding_of("PCMU"), MIDDLE["PCMU"], 10, 2)
        for name in FLOORS:
            self.run(name, load, length)

    def capacity(self, server: str, coding: Coding, limits: tuple[int, int], step: int) -> Row | None:
        """Search for the most participants in conferences of 10; the rows on the way are printed, not kept."""
        found = find_capacity(
            lambda count: Load(coding, count, 10, 2),
            limits,
            step,
            lambda load: self.try_out(server, load, PROBE),
        )
        if found.carried or found.failed:
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


def seconds(*lengths: Length) -> float:
    """Say how long rows of these lengths take."""
    return sum(
        STARTING_S
        + one.warm_up
        + one.window * one.windows
        + one.delay
        + one.content
        + JUDGING_S * bool(one.content)
        for one in lengths
    )


def quick(bench: Bench, codecs: list[Coding]) -> None:
    """Give an impression in about a minute: one row for each codec."""
    load = Load(coding_of("PCMU"), 500, 10, 2)
    bench.run(FLOORS[0], load, SHORT)
    bench.run(OURS, load, Length(warm_up=4, window=3, windows=2, delay=3, content=2))
    for coding in codecs:
        if coding.name != "PCMU":
            bench.run(OURS, Load(coding, MIDDLE[coding.name] // 2, 10, 2), SHORT)
    if bench.peers:
        bench.run(PEER, Load(load.coding, 200, 10, 2), SHORT)


def whole(bench: Bench, codecs: list[Coding]) -> None:
    """Run the matrix, what matters most first."""
    names = [coding.name for coding in codecs]
    telephones = "PCMU" in names
    if telephones:
        bench.section("the floor", seconds(SHORT, SHORT), partial(bench.floors, SHORT))
        bench.section("PCMU in all sizes", seconds(WITH_EARS, EACH, EACH, EACH, EACH), partial(_sizes, bench))
    for coding in codecs:
        if coding.name != "PCMU":
            name = f"{coding.name} in conferences of 10 and 50"
            bench.section(name, seconds(WITH_CONTENT, EACH), partial(_wide, bench, coding))
    if bench.peers:
        about_s = seconds(WITH_CONTENT, SHORT, SHORT, SHORT, SHORT) + 10
        bench.section("Janus", about_s, partial(_peers, bench, names))
    if telephones:
        bench.section("beside a busy brain", seconds(EACH) + 6, partial(_busy, bench))
        bench.section("recording", seconds(EACH, EACH, EACH), partial(_recording, bench))
    for coding in codecs:
        name = f"the most participants, {coding.name}"
        bench.section(name, seconds(*[PROBE] * 4), partial(_most, bench, coding))
    if bench.peers and telephones:
        bench.section(
            "the most participants, Janus", seconds(*[PROBE] * 3) + 6, partial(_most_of_peer, bench)
        )
    if telephones:
        bench.section("the floor once more", seconds(SHORT, SHORT), partial(bench.floors, SHORT))


def _sizes(bench: Bench) -> None:
    coding = coding_of("PCMU")
    for size, speakers in SIZES:
        load = Load(coding, MIDDLE["PCMU"] // size * size, size, speakers)
        bench.run(OURS, load, WITH_EARS if size == 10 else EACH)
    bench.run(OURS, Load(coding, sum(CROWD), sum(CROWD), CROWD[1]), EACH)


def _wide(bench: Bench, coding: Coding) -> None:
    middle = MIDDLE[coding.name]
    bench.run(OURS, Load(coding, middle, 10, 2), WITH_CONTENT)
    bench.run(OURS, Load(coding, middle // 50 * 50, 50, 3), EACH)


def _peers(bench: Bench, names: list[str]) -> None:
    for name in (name for name in names if name in janus.CODECS):
        bench.run(
            PEER, Load(coding_of(name), PEER_LOAD[name], 10, 2), WITH_CONTENT if name == "PCMU" else SHORT
        )
    for size, speakers in SIZES[1:] if "PCMU" in names else ():
        count = PEER_LOAD["PCMU"] // size * size
        bench.run(PEER, Load(coding_of("PCMU"), count, size, speakers), SHORT)


def _busy(bench: Bench) -> None:
    bench.run(BUSY_BRAIN, Load(coding_of("PCMU"), MIDDLE["PCMU"] // 2, 10, 2), EACH)
    bench.found.timer_ms = lateness_p999_ms(bench.cores)


def _recording(bench: Bench) -> None:
    """Beside one another: what it costs to record."""
    load = Load(coding_of("PCMU"), 500, 5, 2)
    for server in (OURS, RECORDING, TRACKS):
        bench.run(server, load, EACH)


def _most(bench: Bench, coding: Coding) -> None:
    known = (
        row.us for row in bench.found.rows
        if row.server == OURS and row.windows and (row.load.coding, row.load.size) == (coding, 10)
    )  # fmt: skip
    likely = 1e6 / next(known, ESTIMATES_US[coding.name])
    step = STEPS[coding.name]
    limits = (round(0.6 * likely / step) * step, min(MOST, round(1.4 * likely / step) * step))
    most = bench.capacity(OURS, coding, limits, step)
    if most and coding.name == "PCMU":
        load = Load(coding, int(most.load.endpoints * BUSY_SHARE) // 10 * 10, 10, 2)
        bench.found.at_share = bench.run(OURS, load, WITH_EARS)


def _most_of_peer(bench: Bench) -> None:
    bench.capacity(PEER, coding_of("PCMU"), PEER_LIMITS, PEER_STEP)
