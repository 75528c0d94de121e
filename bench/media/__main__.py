"""The command: `python -m bench.media`, or `make bench ARGS=…`."""

from __future__ import annotations

import argparse
import os
import resource
import sys

from bench.media import janus, results
from bench.media.aims import AIM_HEAD, aims, bars
from bench.media.coding import CODINGS, Coding
from bench.media.matrix import EACH, WITH_EARS, Bench, quick, whole
from bench.media.results import OURS, PAGE, PEER, Results
from bench.media.rows import FLOORS, Cores
from bench.media.score import Length, Load

from roomtone.sdp.codecs import ABILITIES

SMOKE = Length(warm_up=0.4, window=0.4, windows=1, content=1.4)
MINUTES = 9.0
"""What the whole matrix may take."""
ALL = (*(one.name for one in CODINGS),)


def spoken() -> list[Coding]:
    """Give the codecs that the server agrees to: a new one gets its rows by itself."""
    known = {one.value.upper().replace(".", "") for one in ABILITIES}
    return [one for one in CODINGS if one.name in known]


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
    parser.add_argument("--minutes", type=float, default=MINUTES, help="begin nothing that would end later")
    parser.add_argument("--load", nargs=4, metavar=("SERVER", "N", "SIZE", "SPEAKERS"), help="one row only")
    return parser.parse_args()


def one_row(bench: Bench, codecs: list[Coding], wanted: list[str]) -> None:
    """Measure one row of one's own choice."""
    server, *numbers = wanted
    endpoints, size, speakers = map(int, numbers)
    length = EACH if server in FLOORS else WITH_EARS
    bench.run(server, Load(codecs[0], endpoints, size, speakers), length)


def glance(bench: Bench) -> list[str]:
    """Give what people look at first."""
    held = results.table(AIM_HEAD, aims(bench.found))
    return ["## At a glance", bars(bench.found), "## Aims", held]


def main() -> int:
    """Measure, print, write the page. Fails when a listener heard what they should not, or not what they should."""
    asked = parse()
    raise_limit_of_files()
    command = " ".join(["make bench", *([f'ARGS="{" ".join(sys.argv[1:])}"'] if sys.argv[1:] else [])])
    bench = Bench(choose_cores(), Results(command), not asked.no_peers, asked.minutes * 60)
    if bench.peers and not janus.version():
        bench.found.notes.append("Janus: not installed (Debian: apt-get install janus).")
        bench.peers = False
    codecs = [one for one in spoken() if not asked.codec or one.name in asked.codec]
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
    bench.found.notes.append(f"It took {bench.spent_s / 60:.1f} minutes.")
    text = results.page(bench.found, bench.cores, glance(bench))
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
