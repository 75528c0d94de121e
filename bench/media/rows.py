"""One row: a server under a load, with its figures; and the search for the greatest load it carries."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from bench.media import ears, score
from bench.media.coding import PACKETS_PER_S
from bench.media.janus import janus
from bench.media.play import Act, CannotPlay, Report, Target, play
from bench.media.score import Length, Load
from bench.media.servers import busy_engine, echo, engine, recording_engine

Server = Callable[[Path, Load, int | None], AbstractContextManager[Target]]
SERVERS: dict[str, Server] = {
    "Roomtone": engine,
    "Roomtone, busy brain": busy_engine,
    "Roomtone, recording": recording_engine,
    "Roomtone, tracks": partial(recording_engine, tracks=True),
    "echo, epoll": partial(echo, way="epoll"),
    "echo, 20 ms tick": partial(echo, way="tick"),
    "Janus": janus,
}
FLOORS = ("echo, epoll", "echo, 20 ms tick")

MISSING_LIMIT = 0.005
LATE_LIMIT = 0.001
"""Above these shares of packets a server does not carry its load."""
BEHIND_LIMIT_MS = 8.0
UNSENT_LIMIT = 0.005
"""Above these the load generator was starved: the window says little of the server."""
PLAY_MORE_S = 60.0


@dataclass(frozen=True)
class Cores:
    """Which processor runs what; None where there is only one."""

    server: int | None
    generator: int | None


@dataclass(frozen=True)
class Window:
    """One window's figures."""

    us: float
    """CPU-microseconds of the server per participant-second."""
    core: float
    """Share of a processor the server used."""
    missing: float
    late: float
    gap_p99_ms: float
    gap_max_ms: float
    starved: bool
    others: float
    """Share of the server's processor that others used."""

    @property
    def carried(self) -> bool:
        return self.missing < MISSING_LIMIT and self.late < LATE_LIMIT


@dataclass
class Row:
    """What came of one load on one server."""

    server: str
    load: Load
    windows: list[Window] = field(default_factory=list)
    kb: float = 0.0
    """Resident memory of the server per participant."""
    delays_ms: list[float] = field(default_factory=list)
    hearing: ears.Hearing | None = None
    lateness_ms: list[float] = field(default_factory=list)
    """Of its ticks, the 99.9th percentile in each five seconds that the engine told of."""
    failed: str = ""
    """Why there are no figures."""

    @property
    def us(self) -> float:
        return median(window.us for window in self.windows)

    @property
    def us_range(self) -> tuple[float, float]:
        return min(window.us for window in self.windows), max(window.us for window in self.windows)

    @property
    def starved(self) -> bool:
        return all(window.starved for window in self.windows)

    @property
    def carried(self) -> bool:
        """Whether the load was carried in at least half of the windows in which it was offered."""
        sound = [window for window in self.windows if not window.starved] or self.windows
        return 2 * sum(window.carried for window in sound) >= len(sound)

    def median_of(self, name: str) -> float:
        return float(median(getattr(window, name) for window in self.windows))

    def delay_ms(self, fraction: float) -> float | None:
        return float(np.quantile(self.delays_ms, fraction)) if self.delays_ms else None


def measure(name: str, load: Load, length: Length, cores: Cores) -> Row:
    """Start the server, load it, and take its figures. A server that cannot be loaded is a row that says why."""
    row = Row(name, load)
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as place:
        folder = Path(place)
        score.write(folder / "score", load, length)
        try:
            with SERVERS[name](folder, load, cores.server) as target:
                # An engine is joined by the load generator; others are peopled already.
                empty_kb = _rss_kb(target.pid) if "--engine" in target.options else 0.0
                within_s = PLAY_MORE_S + sum(_seconds(length))
                report = play(folder, target, cores.generator, within_s)
        except CannotPlay as why:
            row.failed = str(why)
            return row
        except (OSError, ValueError, subprocess.SubprocessError) as why:
            # A peer that hung or died, a report that was cut off: this row's trouble, not the others'.
            row.failed = f"{type(why).__name__}: {why}"
            return row
    _note(row, report, empty_kb, cores)
    return row


def _seconds(length: Length) -> Iterator[float]:
    yield from (length.warm_up, length.window * length.windows, length.delay, length.content)


def _rss_kb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def _note(row: Row, report: Report, empty_kb: float, cores: Cores) -> None:
    # The first of each thread tells of the time in which everybody joined, too.
    seen: set[int] = set()
    for told in report.ticks:
        if told.thread in seen:
            row.lateness_ms.append(told.late_p999_us / 1_000)
        seen.add(told.thread)
    for act in report.acts:
        if act.name == score.WINDOW:
            row.windows.append(_window(act, row, cores))
            row.kb = (act.server_rss_kb - empty_kb) / row.load.endpoints
        elif act.name == score.DELAY:
            row.delays_ms = ears.delays_ms(row.load, act)
        elif act.name == score.CONTENT:
            row.hearing = ears.judge(row.load, act)


def _window(act: Act, row: Row, cores: Cores) -> Window:
    due = act.sent + act.unsent
    # The floor is what a packet in and out costs: packets it never got are not to make it look cheap.
    served = act.received / PACKETS_PER_S if row.server in FLOORS else row.load.endpoints * act.seconds
    busy_s = act.busy_s[cores.server] if cores.server is not None else act.server_cpu_s
    return Window(
        us=1e6 * act.server_cpu_s / max(1.0, served),
        core=act.server_cpu_s / act.seconds,
        missing=act.missing / max(1, act.expected),
        late=act.late / max(1, act.expected),
        gap_p99_ms=act.gap_p99_ms,
        gap_max_ms=act.gap_max_ms,
        starved=act.behind_p99_ms > BEHIND_LIMIT_MS or act.unsent > UNSENT_LIMIT * due,
        others=max(0.0, busy_s - act.server_cpu_s) / act.seconds,
    )


@dataclass
class Capacity:
    """The greatest load carried, and the least that was not."""

    carried: Row | None = None
    failed: Row | None = None

    @property
    def starved(self) -> bool:
        """Whether it was the load generator that could not do more."""
        return self.failed is not None and (self.failed.starved or bool(self.failed.failed))


def find_capacity(
    load_of: Callable[[int], Load], limits: tuple[int, int], step: int, run: Callable[[Load], Row]
) -> Capacity:
    """Close in on the most participants between two limits, by halves, to a step.

    The lower limit is taken to be carried until a row says otherwise.
    """
    low, high = limits
    best = Capacity()
    while high - low >= step:
        middle = round((low + high) / 2 / step) * step
        if middle in {low, high}:
            break
        row = run(load_of(middle))
        if not row.failed and row.carried:
            low, best.carried = middle, row
        else:
            high, best.failed = middle, row
    return best
