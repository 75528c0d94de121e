"""Costs of the ways to ask the kernel, by the same load generator and checks as `make bench`.

    .venv/bin/python experiments/media-io/measure.py ENDPOINTS [ROUNDS [WAY…]]

Prints a table: medians over the rounds, in which the ways take turns, so that what else the machine does falls on all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.media import rows, servers  # noqa: E402 - found beside us, not installed
from bench.media.__main__ import choose_cores, raise_limit_of_files  # noqa: E402
from bench.media.coding import coding_of  # noqa: E402
from bench.media.play import HOST, Target, pinned  # noqa: E402
from bench.media.score import Length, Load  # noqa: E402

WAYS = (
    "stamped-until-empty",
    "stamped-once",
    "recvfrom-once",
    "dont-discover",
    "connected-once",
    "stamped-connected-once",
    "epoll",
    "uring",
    "uring-stamped",
)
LENGTH = Length(warm_up=4, window=3, windows=3)


@contextmanager
def echo(folder: Path, load: Load, core: int | None, way: str) -> Iterator[Target]:
    """Run one way."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))
    command = [*pinned(core, servers.ENGINE_PRIORITY), str(target / "release" / "media-io"), way]
    command += [str(load.endpoints), HOST, str(servers.FIRST_PORT), "60"]
    with servers._running(folder, command) as process:  # noqa: SLF001 - the bench's own way to run a server
        ports = servers._wait_for(process, folder, "echo ready ")  # noqa: SLF001
        yield Target(process.pid, servers.ports_option(folder, json.loads(ports)))


def main() -> None:
    """Measure and print."""
    endpoints, rounds, ways = int(sys.argv[1]), int((sys.argv[2:3] or ["3"])[0]), sys.argv[3:] or WAYS
    manifest = str(HERE / "Cargo.toml")
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", manifest], check=True)
    raise_limit_of_files()
    load, cores = Load(coding_of("PCMU"), endpoints, 10, 2), choose_cores()
    found: dict[str, list[rows.Window]] = {way: [] for way in ways}
    rows.FLOORS = (*rows.FLOORS, *ways)
    for _ in range(rounds):
        for way in ways:
            rows.SERVERS[way] = partial(echo, way=way)
            row = rows.measure(way, load, LENGTH, cores)
            print(
                f"  {way}: {row.failed or [round(one.us) for one in row.windows]}",
                file=sys.stderr,
                flush=True,
            )
            found[way] += row.windows
    print("| way | µs/p·s | of the first | missing | gap p99 ms |\n|---|---|---|---|---|")
    first = median(one.us for one in found[ways[0]])
    for way, windows in found.items():
        if windows:
            us, missing, gap = (
                median(getattr(one, name) for one in windows) for name in ("us", "missing", "gap_p99_ms")
            )
            print(f"| {way} | {us:.0f} | {us / first:.2f} | {missing:.2%} | {gap:.1f} |")


if __name__ == "__main__":
    main()
