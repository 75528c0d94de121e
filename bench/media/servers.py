"""Servers to be measured: our engine, and the echo that is the floor. Each is a process on a processor of its own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.media.play import HOST, ROOT, CannotPlay, Target, binary, pinned
from bench.media.score import Load

FIRST_PORT = 10_000
ENGINE_PRIORITY = 10
READY_S = 20.0
ENGINES = (
    ".venv/bin/roomtone-engine",
    "engine/target/release/roomtone-engine",
    "engine/target/debug/roomtone-engine",
)


def engine_binary() -> Path:
    """Find the engine: where ROOMTONE_ENGINE_BINARY says, else where it is installed or built."""
    named = os.environ.get("ROOMTONE_ENGINE_BINARY")
    places = [Path(named)] if named else [ROOT / place for place in ENGINES]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"no engine in {', '.join(map(str, places))}; make build makes it")


@contextmanager
def engine(folder: Path, load: Load, core: int | None) -> Iterator[Target]:
    """Run Roomtone's engine. The load generator joins its streams to conferences through the engine protocol."""
    socket = folder / "engine.sock"
    last = FIRST_PORT + 2 * load.endpoints + 63
    command = [*pinned(core), str(engine_binary()), "--socket", str(socket), "--sip", "127.0.0.1:0"]
    command += ["--rtp-host", HOST, "--rtp-ports", f"{FIRST_PORT}-{last}", "--log", "warn"]
    with _running(folder, command) as process:
        _wait_for(process, folder, "engine ready ")
        yield Target(process.pid, ("--engine", str(socket)))


@contextmanager
def busy_engine(folder: Path, load: Load, core: int | None) -> Iterator[Target]:
    """Run the engine while another process, as a brain would, takes all it can get of the other processors."""
    others = sorted(os.sched_getaffinity(0) - {core})
    burn = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for other in others:
            stack.enter_context(_running(folder, ["taskset", "-c", str(other), *burn]))
        yield stack.enter_context(engine(folder, load, core))


@contextmanager
def recording_engine(folder: Path, load: Load, core: int | None, *, tracks: bool = False) -> Iterator[Target]:
    """Run the engine while it records every conference: its mix, and perhaps a track for each participant."""
    tapes = folder / "tapes"
    tapes.mkdir()
    with engine(folder, load, core) as target:
        options = (*target.options, "--record", str(tapes), *(["--tracks"] if tracks else []))
        yield Target(target.pid, options)


@contextmanager
def echo(folder: Path, load: Load, core: int | None, way: str = "epoll") -> Iterator[Target]:
    """Run the floor: each datagram comes straight back."""
    command = [
        *pinned(core, ENGINE_PRIORITY),
        str(binary()),
        "echo",
        "--endpoints",
        str(load.endpoints),
        "--way",
        way,
    ]
    with _running(
        folder, [*command, "--host", HOST, "--first-port", str(FIRST_PORT), "--seconds", "300"]
    ) as process:
        ports = _wait_for(process, folder, "echo ready ")
        yield Target(process.pid, ports_option(folder, json.loads(ports)))


def ports_option(folder: Path, ports: list[int]) -> tuple[str, str]:
    """Write down where a server takes each endpoint's sound."""
    path = folder / "ports.json"
    path.write_text(json.dumps(ports))
    return ("--ports", str(path))


@contextmanager
def _running(folder: Path, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with (folder / "server.log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def _wait_for(process: subprocess.Popen[str], folder: Path, beginning: str) -> str:
    assert process.stdout is not None
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.1)[0]:
            line = process.stdout.readline()
            if line.startswith(beginning):
                return line.removeprefix(beginning)
            if not line:
                break
    log = (folder / "server.log").read_text().strip()
    raise CannotPlay(f"the server did not get ready: {log or 'it said nothing'}")
