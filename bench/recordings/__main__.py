"""Measure what recordings and streams cost, print tables, and put them into ``bench/RESULTS.md`` as a section.

The engine on one processor, callers on another: 100 conferences of five, two of whom speak, not recorded, recorded, with a
track for each, and recorded to a disk that is busy; in turns, so that what else the machine does meets all alike. Then an
hour of two channels finished, silenced and converted; and 500 streams, where cargo is there to build the sink. Options:
``--quick`` (an impression; no streams, no page), ``--no-page``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.media import rows
from bench.media.__main__ import choose_cores, raise_limit_of_files
from bench.media.coding import CODINGS
from bench.media.play import ROOT
from bench.media.results import table
from bench.media.rows import Row, measure
from bench.media.score import Length, Load
from bench.recordings import disk, finishing
from bench.rest.page import put

TITLE = "## Recordings and streams"
ABOUT = (
    "The engine on one processor, callers on another: conferences of five, two of whom speak, PCMU. *More* is against the same "
    "load not recorded. *Late* is the 99.9th percentile of how late ticks began, in each five seconds; *later* against not recorded."
)
PLAIN, RECORDED, TRACKS = "Roomtone", "Roomtone, recording", "Roomtone, tracks"
NAMES = {PLAIN: "not recorded", RECORDED: "recorded", TRACKS: "with tracks", disk.NAME: "recorded, busy disk"}
HEAD = (
    "conferences of 5",
    "",
    "µs per participant-s",
    "least and most",
    "more",
    "late p99.9 ms",
    "later, ms",
    "at most ms",
    "missing",
)
BEGAN_S = time.monotonic()


def progress(text: str) -> None:
    """Say on stderr how far it is."""
    minutes, seconds = divmod(int(time.monotonic() - BEGAN_S), 60)
    print(f"[{minutes}:{seconds:02}] {text}", file=sys.stderr, flush=True)


def of_the_engine(endpoints: int, rounds: int, length: Length) -> list[str]:
    """Measure the engine in turns, and give the table."""
    rows.SERVERS[disk.NAME] = disk.beside_a_busy_disk
    load = Load(next(one for one in CODINGS if one.name == "PCMU"), endpoints, 5, 2)
    found: dict[str, list[Row]] = {name: [] for name in NAMES}
    for turn in range(rounds):
        for name, said in NAMES.items():
            progress(f"round {turn + 1} of {rounds}: {said}")
            row = measure(name, load, length, choose_cores())
            if row.failed or not row.windows:
                progress(f"  failed: {row.failed}")
            else:
                found[name].append(row)
    plain = _cost(found[PLAIN]), _lateness(found[PLAIN])
    return table(HEAD, [_cells(load, name, found[name], plain) for name in NAMES if found[name]]).splitlines()


def _cost(measured: list[Row]) -> float | None:
    return median(row.us for row in measured) if measured else None


def _lateness(measured: list[Row]) -> float | None:
    late = [one for row in measured for one in row.lateness_ms]
    return median(late) if late else None


def _cells(load: Load, name: str, measured: list[Row], plain: tuple[float | None, float | None]) -> list[str]:
    costs = [window.us for row in measured for window in row.windows]
    cost, late = median(row.us for row in measured), [one for row in measured for one in row.lateness_ms]
    before_us, before_ms = (None, None) if name == PLAIN else plain
    return [
        str(len(load.conferences)), NAMES[name], f"{cost:.0f}", f"{min(costs):.0f} to {max(costs):.0f}",
        "" if before_us is None else f"{100 * (cost / before_us - 1):+.0f} %",
        f"{median(late):.2f}" if late else "-",
        "" if before_ms is None or not late else f"{median(late) - before_ms:+.2f}",
        f"{max(late):.2f}" if late else "-",
        f"{100 * median(row.median_of('missing') for row in measured):.2f} %",
    ]  # fmt: skip


def of_finishing(minutes: int) -> list[str]:
    """Measure what becomes of a recording, and give the table."""
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as place:
        progress(f"{minutes} minutes of two channels: finished, silenced, converted")
        taken = finishing.measure(Path(place), minutes)
    return table(finishing.HEAD, [one.cells(minutes) for one in taken]).splitlines()


def of_streams() -> list[str]:
    """Measure 500 streams, and give a sentence; none without cargo."""
    if shutil.which("cargo") is None:
        progress("cargo is not there: no streams in this run")
        return []
    progress("500 streams of PCMU (building their sink takes minutes the first time)")
    manifest = str(ROOT / "engine" / "Cargo.toml")
    command = ["cargo", "run", "--release", "--quiet", "--locked", "--manifest-path", manifest, "-p", "relay"]
    done = subprocess.run(
        [*command, "--example", "costs", "--", "500", "15"], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stdout.splitlines() if re.search(r"\d", line)]
    if done.returncode or not said:
        progress(f"streams failed: {done.stderr.strip()[-300:]}")
        return []
    return ["", f"To a sink on the loopback: {' '.join(said).strip()}."]


def main() -> int:
    """Measure, print, and write the section."""
    quick = "--quick" in sys.argv
    raise_limit_of_files()
    length = (
        Length(warm_up=4.0, window=5.0, windows=1) if quick else Length(warm_up=4.0, window=5.0, windows=3)
    )
    endpoints, rounds, minutes = (50, 1, 2) if quick else (500, 3, 60)
    lines = of_the_engine(endpoints, rounds, length)
    lines += ["", *of_finishing(minutes)]
    if not quick:
        lines += of_streams()
        lines += ["", f"It took {(time.monotonic() - BEGAN_S) / 60:.1f} minutes."]
    print("\n".join(lines))
    if not quick and "--no-page" not in sys.argv:
        put(TITLE, "python -m bench.recordings", ABOUT, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
