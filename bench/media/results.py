"""Tables for people: printed as they come, and `bench/RESULTS.md` at the end."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.media import janus
from bench.media.play import ROOT
from bench.media.rows import FLOORS, Capacity, Cores, Row
from bench.media.servers import engine_binary

PAGE = ROOT / "bench" / "RESULTS.md"
HEAD = ("server", "codec", "size", "speak", "N", "µs/p·s [min..max]", "core", "× floor", "missing", "late")
HEAD_MORE = ("gap p99/max ms", "mouth-to-ear p50/p99 ms", "content", "kB/p", "tick late p99.9 ms")
OURS = "Roomtone"
PEER = "Janus"
BUSY_BRAIN = "Roomtone, busy brain"
RECORDING = "Roomtone, recording"
TRACKS = "Roomtone, tracks"
DASH = "–"
SECTIONS = ("## At a glance", "## Aims", "## Cost", "## Ratios", "## Most participants on one core")
BUSY = 0.05
"""Above this share of the server's processor used by others, a row says so."""


@dataclass
class Results:
    """All rows so far."""

    command: str
    rows: list[Row] = field(default_factory=list)
    capacities: list[Capacity] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_share: Row | None = None
    """Ours at four fifths of what a core carries."""
    timer_ms: float | None = None
    """How late a bare timer is on this machine, as the engine's ticks are measured."""

    @property
    def floor_us(self) -> float | None:
        """The cheapest echo: the strictest floor."""
        echoes = [row.us for row in self.rows if row.server in FLOORS and row.windows]
        return min(echoes, default=None)

    def peer_of(self, row: Row) -> Row | None:
        """Find the peer's row of the same codec and size."""
        same = (
            one for one in self.rows
            if one.server == PEER and one.windows
            and (one.load.coding, one.load.size) == (row.load.coding, row.load.size)
        )  # fmt: skip
        return next(same, None)


def cells(row: Row, floor_us: float | None) -> list[str]:
    """Spell one row."""
    load = row.load
    first = [row.server, load.coding.name, str(load.size), str(load.speakers), str(load.endpoints)]
    if not row.windows:
        return [*first, row.failed, *[DASH] * (len(HEAD) + len(HEAD_MORE) - len(first) - 1)]
    low, high = row.us_range
    p50, p99 = row.delay_ms(0.5), row.delay_ms(0.99)
    marks = "*" * (row.median_of("others") > BUSY) + "†" * row.starved
    return [
        *first,
        f"{row.us:.0f} [{low:.0f}..{high:.0f}]{marks}",
        f"{row.median_of('core'):.0%}",
        f"{row.us / floor_us:.2f}" if floor_us else DASH,
        f"{row.median_of('missing'):.2%}",
        f"{row.median_of('late'):.2%}",
        f"{row.median_of('gap_p99_ms'):.1f}/{max(one.gap_max_ms for one in row.windows):.0f}",
        f"{p50:.0f}/{p99:.0f}" if p50 is not None and p99 is not None else DASH,
        str(row.hearing) if row.hearing else DASH,
        f"{row.kb:.0f}",
        f"{median(row.lateness_ms):.2f}" if row.lateness_ms else DASH,
    ]


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """Spell a table of Markdown, aligned so that it can be read as it is."""
    widths = [max(len(line[at]) for line in [list(head), *rows]) for at in range(len(head))]

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    return "\n".join([line(list(head)), line(["-" * width for width in widths]), *map(line, rows)])


def capacity_cells(capacity: Capacity) -> list[str]:
    """Spell the outcome of one search."""
    row = capacity.carried or capacity.failed
    assert row is not None
    carried, failed = capacity.carried, capacity.failed
    first = "none was" if failed is None else f"{failed.load.endpoints} ({_why(failed)})"
    return [
        row.server, row.load.coding.name, str(row.load.size), str(row.load.speakers),
        str(carried.load.endpoints) if carried else "none tried",
        f"{carried.us:.0f}" if carried else DASH,
        f"{carried.median_of('core'):.0%}" if carried else DASH,
        f"{carried.median_of('gap_p99_ms'):.1f}" if carried else DASH,
        first,
    ]  # fmt: skip


def _why(row: Row) -> str:
    if row.failed:
        return row.failed
    figures = f"{row.median_of('missing'):.1%} missing, {row.median_of('late'):.1%} late"
    return figures + (", the generator was starved" if row.starved else "")


CAPACITY_HEAD = (
    "server", "codec", "size", "speak", "most participants", "µs/p·s", "core", "gap p99 ms", "least not carried",
)  # fmt: skip


def page(results: Results, cores: Cores, glance: Sequence[str] = ()) -> str:
    """Write the page; `glance` is what stands before its tables."""
    floor = results.floor_us
    parts = [
        "# What a participant costs",
        "Written by the command below; `docs/reference/bench.md` says what each column means.",
        f"    {results.command}",
        "\n".join(f"- {line}" for line in machine(cores)),
        *glance,
        "## Cost",
        table(HEAD + HEAD_MORE, [cells(row, floor) for row in results.rows]),
        "`*` others used the server's processor too; `†` the load generator was starved: read both with care.",
        "## Ratios",
        table(("", "Roomtone", "of the floor", "peer", "peer / Roomtone"), ratios(results)),
    ]
    if results.capacities:
        found = [capacity_cells(one) for one in results.capacities]
        parts += ["## Most participants on one core", table(CAPACITY_HEAD, found)]
    parts += [f"- {note}" for note in results.notes]
    return "\n\n".join(parts) + "\n"


def keep(page: Path, text: str) -> None:
    """Write the page. Sections that others have added to it stay, in their order, behind ours."""
    ours = {line for line in text.splitlines() if line.startswith("## ")} | set(SECTIONS)
    before = page.read_text() if page.exists() else ""
    sections = re.split(r"^(?=## )", before, flags=re.MULTILINE)[1:]
    others = [section.strip() for section in sections if section.splitlines()[0] not in ours]
    page.write_text("\n\n".join([text.strip(), *others]) + "\n")


def ratios(results: Results) -> list[list[str]]:
    """Hold our rows against the floor and against the peer's."""
    lines = []
    for row in results.rows:
        if row.server != OURS or not row.windows:
            continue
        floor, peer = results.floor_us, results.peer_of(row)
        name = f"{row.load.coding.name}, size {row.load.size}, N {row.load.endpoints}"
        of_floor = f"{row.us / floor:.2f} ×" if floor else DASH
        theirs = [f"{peer.us:.0f} µs", f"{peer.us / row.us:.1f} ×"] if peer else [DASH, DASH]
        lines.append([name, f"{row.us:.0f} µs", of_floor, *theirs])
    return lines


def machine(cores: Cores) -> list[str]:
    """Describe what it was measured on, naming no host."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    cpu = found[1] if found else platform.machine()
    pinned = (
        "not pinned" if cores.server is None else f"server on {cores.server}, generator on {cores.generator}"
    )
    engine = subprocess.run([str(engine_binary()), "--version"], capture_output=True, text=True, check=False)
    revision = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    named = os.environ.get("ROOMTONE_ENGINE_BINARY")
    source = (
        "of ROOMTONE_ENGINE_BINARY" if named else f"at {revision.stdout.strip() or 'an unknown revision'}"
    )
    ours = f"{engine.stdout.strip()} {source}"
    theirs = f"Janus {janus.version() or 'not installed'}"
    return [
        f"{today}; {cpu}, {os.cpu_count()} processors ({pinned}), {system}",
        f"{ours}; {theirs}; Python {platform.python_version()}",
        "loopback, a port per call, 20 ms packets; cost = processor time of the server process / participants / seconds",
    ]
