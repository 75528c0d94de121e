"""Measure with wrk, print a table, and put it into ``bench/RESULTS.md`` as its section REST.

Server on one core, wrk (and the engine) on another. Two figures for each load: answers per second as they came, and
answers per second of processor time that the server used, which is what one core would give to nobody else: on a
machine that others use, the second is the one to compare. Options: ``--quick`` (shorter), ``--no-page``.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.rest import servers
from bench.rest.page import put
from bench.rest.servers import Asked

TITLE = "## REST"
ABOUT = (
    "One core for the server, another for wrk and the engine. 1,000 participants in 100 conferences, let in by commands to the "
    "switchboard: committed, planned and posted to the native engine, without phones. SQLite, `synchronous=FULL`."
)
CONNECTIONS = {"GET participant": 16, "list of 50": 16, "POST Muted toggle": 64}
HEAD = (
    "server",
    "load",
    "answers/s",
    "per processor-s",
    "p50 ms",
    "p99 ms",
    "at half load: answers/s",
    "p99 ms",
    "not 2xx",
)


@dataclass(frozen=True)
class Run:
    """What wrk saw."""

    per_s: float
    per_processor_s: float
    p50_ms: float
    p99_ms: float
    odd: int


def script(asked: Asked, load: str, folder: Path, pause_ms: float) -> Path:
    """Write wrk's program for a load: paths in turn, and after each answer a pause that makes half of a load."""
    paths = asked.fifty if load == "list of 50" else asked.one
    method = "POST" if load.startswith("POST") else "GET"
    body = '({"Muted=true", "Muted=false"})[math.floor(n / #paths) % 2 + 1]' if method == "POST" else "nil"
    path = folder / "load.lua"
    path.write_text(
        f"paths = {{{','.join(json.dumps(one) for one in paths)}}}\nn = 0\n"
        f"wrk.headers['Authorization'] = '{asked.authorization}'\n"
        "wrk.headers['Content-Type'] = 'application/x-www-form-urlencoded'\n"
        f"function request()\n  n = n + 1\n  return wrk.format('{method}', paths[n * 37 % #paths + 1], nil, {body})\nend\n"
        + (f"function delay()\n  return math.random(0, {2 * pause_ms:.0f})\nend\n" if pause_ms else "")
    )
    return path


def wrk(asked: Asked, load: str, seconds: int, folder: Path, pause_ms: float = 0) -> Run:
    """Put a load on a server."""
    command = [
        "taskset", "-c", str(servers.CLIENT_CORE), "wrk", "-t1", f"-c{CONNECTIONS[load]}", f"-d{seconds}s", "--latency",
        "-s", str(script(asked, load, folder, pause_ms)), asked.base,
    ]  # fmt: skip
    before = asked.processor_s()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = asked.processor_s() - before
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    odd = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Run(
        float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),  # type: ignore[index]
        requests / max(used, 0.01),
        _ms(said, "50%"),
        _ms(said, "99%"),
        int(odd[1]) if odd else 0,
    )


def _ms(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


def row(asked: Asked, load: str, seconds: int, folder: Path) -> tuple[Run, list[str]]:
    """Measure one load whole and at half."""
    wrk(asked, load, 2, folder)
    whole = wrk(asked, load, seconds, folder)
    pause_ms = 2_000 * CONNECTIONS[load] / whole.per_s - whole.p50_ms / 4
    half = wrk(asked, load, seconds, folder, max(pause_ms, 1))
    cells = [
        asked.name, load, f"{whole.per_s:.0f}", f"{whole.per_processor_s:.0f}", f"{whole.p50_ms:.1f}",
        f"{whole.p99_ms:.1f}", f"{half.per_s:.0f}", f"{half.p99_ms:.1f}", str(whole.odd + half.odd),
    ]  # fmt: skip
    print("  ".join(cells), flush=True)
    return whole, cells


def measure(seconds: int, folder: Path) -> list[str]:
    """Measure everything, and give the section's lines."""
    rows, gets = [], {}
    for start in (lambda: servers.ours(folder / "data"), servers.prism):
        asked = start()
        if asked is None:
            print(
                "Prism, or the specification that it serves, is not there: no peer in this run",
                file=sys.stderr,
            )
            continue
        try:
            for load in CONNECTIONS:
                run, cells = row(asked, load, seconds, folder)
                rows.append(cells)
                if load == "GET participant":
                    gets[asked.name] = run
            rest_mb = asked.resident_mb()
        finally:
            asked.stop()
        rows.append([asked.name, "memory after it all", f"{rest_mb:.0f} MB", *["–"] * 6])
    servers.start_to_ready_s(folder / "second")
    took, memory = servers.start_to_ready_s(folder / "second")
    rows.append(["Roomtone", "start to ready line", f"{took:.2f} s", *["–"] * 6])
    rows.append(["Roomtone", "memory at rest", f"{memory:.0f} MB", *["–"] * 6])
    lines = ["| " + " | ".join(line) + " |" for line in (list(HEAD), ["---"] * len(HEAD), *rows)]
    if len(gets) == 2:
        ratio = gets["Roomtone"].per_processor_s / gets["Prism"].per_processor_s
        lines += ["", f"GET participant, per processor-second: {ratio:.1f} × Prism."]
    return lines


def main() -> int:
    if shutil.which("wrk") is None:
        print("wrk is not installed: apt-get install wrk", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        lines = measure(3 if "--quick" in sys.argv else 8, Path(folder))
    print("\n".join(lines))
    if "--no-page" not in sys.argv:
        put(TITLE, "python -m bench.rest", ABOUT, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
