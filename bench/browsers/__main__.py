"""Measure phones in the browser: ``python -m bench.browsers``; puts a section into ``bench/RESULTS.md``.

Chromium joins a conference by the console's softphone, again and again; then fifty legs that a server cannot tell from
browsers talk and listen. The aims: 500 ms from the click to sound, and fifty legs on one processor. Options:
``--joins N`` (20), ``--legs N`` (50), ``--seconds N`` (20), ``--no-page``.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from bench.browsers import joins, legs
from bench.rest.page import put

from stage.server import Server

TITLE = "## Phones in the browser"
ABOUT = (
    "Server, callers and browser on one machine. *Joins*: Chromium with a made-up microphone, from the click on *Join* in the "
    "console to the first sample that is no silence, and to a SIPp caller's first 40 ms of the browser's tone. *Legs*: ICE, "
    "DTLS-SRTP and Opus from the load generator, conferences of ten, two of whom speak; all come at once."
)


def median_and_most(values_ms: list[float]) -> str:
    return (
        f"{statistics.median(values_ms):.0f} ms, at most {max(values_ms):.0f} ms" if values_ms else "nobody"
    )


async def rows(options: argparse.Namespace, folder: Path) -> list[tuple[str, str, str]]:
    """Measure everything; gives what, the aim and the figure."""
    server = Server(folder / "data", ("--drain-s", "0"))
    server.start()
    try:
        heard, spoke = await joins.measure(server, folder, options.joins)
        cost = await legs.measure(server, folder, options.legs, options.seconds)
    finally:
        server.stop()
    return [
        (
            f"join by the console, {options.joins} times: the browser hears",
            "≤ 500 ms",
            median_and_most(heard),
        ),
        ("and is heard", "≤ 500 ms", median_and_most(spoke)),
        (
            f"{cost.legs} legs, {cost.connected} connected: the engine",
            "≤ 100 % of a core",
            f"{cost.core:.0%}; {cost.missing:.2%} missing, {cost.refused} not to be opened",
        ),
        ("from the first check to the keys, all at once", "", median_and_most(cost.keys_ms)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.browsers")
    parser.add_argument("--joins", type=int, default=20)
    parser.add_argument("--legs", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--no-page", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = asyncio.run(rows(options, Path(name)))
    lines = ["| what | aim | measured |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in found)]
    print("\n".join(lines), flush=True)
    if not options.no_page:
        put(TITLE, "python -m bench.browsers", ABOUT, lines)


if __name__ == "__main__":
    main()
