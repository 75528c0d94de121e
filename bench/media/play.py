"""Runs the load generator and reads its report."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
NETWORK = 11 + os.getpid() % 200
HOST = f"127.{NETWORK}.255.1"
"""Servers and endpoints of this run are at addresses of their own, so that another run does not meet them."""
GENERATOR_PRIORITY = 5
PLACES = ("engine/target/release/roomtone-loadgen", "engine/target/debug/roomtone-loadgen")


class CannotPlay(Exception):  # noqa: N818 - named for what happened
    """The load generator gave up; its last words are the message."""


class Captured(msgspec.Struct, array_like=True, frozen=True):
    """A packet a listener got."""

    endpoint: int
    arrived_ns: int
    timestamp: int
    payload: bytes


class Said(msgspec.Struct, array_like=True, frozen=True):
    """A packet a caller sent."""

    endpoint: int
    sent_ns: int
    position: int


class Act(msgspec.Struct, frozen=True):
    """What came of one act; `engine/loadgen/src/report.rs` says what each figure means."""

    name: str
    seconds: float
    sent: int
    unsent: int
    behind_p99_ms: float
    expected: int
    received: int
    missing: int
    late: int
    duplicate: int
    strays: int
    gap_p50_ms: float
    gap_p99_ms: float
    gap_max_ms: float
    server_cpu_s: float
    own_cpu_s: float
    server_rss_kb: int
    busy_s: list[float]
    captured: list[Captured]
    said: list[Said]
    listeners: list[int] = msgspec.field(default_factory=list)


class Ticks(msgspec.Struct, frozen=True):
    """What one of the engine's threads told of its ticks in five seconds; `engine/wire/protocol.toml` says more."""

    thread: int
    ticks: int
    skipped: int
    late_p50_us: int
    late_p999_us: int
    late_max_us: int


class Report(msgspec.Struct, frozen=True):
    """What came of a score."""

    endpoints: int
    acts: list[Act]
    ticks: list[Ticks] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class Target:
    """How to reach a server, and which process to meter."""

    pid: int
    options: tuple[str, ...]
    host: str = HOST


def binary() -> Path:
    """Find the load generator."""
    named = os.environ.get("ROOMTONE_LOADGEN_BINARY")
    places = [Path(named)] if named else [ROOT / place for place in PLACES]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"no load generator in {', '.join(map(str, places))}; cargo build -p loadgen makes it"
    )


def play(folder: Path, target: Target, core: int | None, within_s: float) -> Report:
    """Play `score` of this folder against a server.

    Raises:
        CannotPlay: It could not join, or the server went away.
    """
    score, report = folder / "score", folder / "report"
    options = ["--score", str(score), "--report", str(report), "--meter", str(target.pid)]
    options += ["--host", target.host, "--network", str(NETWORK), *target.options]
    done = subprocess.run(
        [*pinned(core, GENERATOR_PRIORITY), str(binary()), "play", *options],
        capture_output=True, text=True, timeout=within_s, check=False,
    )  # fmt: skip
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise CannotPlay(words[-1].removeprefix("roomtone-loadgen: "))
    wanted: dict[str, Any] = msgspec.msgpack.decode(score.read_bytes())
    read = msgspec.msgpack.decode(report.read_bytes(), type=Report)
    acts = [
        msgspec.structs.replace(act, listeners=asked["listeners"])
        for act, asked in zip(read.acts, wanted["acts"], strict=True)
    ]
    return Report(read.endpoints, acts, read.ticks)


def addresses(endpoints: int) -> list[tuple[str, int]]:
    """Say where the load generator's endpoints receive."""
    done = subprocess.run(
        [str(binary()), "addresses", "--endpoints", str(endpoints), "--network", str(NETWORK)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [(host, port) for host, port in json.loads(done.stdout)]


def pinned(core: int | None, priority: int | None = None) -> list[str]:
    """Prefix of a command that is to run on one processor, and, where that is allowed, before what others run.

    `priority` asks for real-time scheduling; the engine's own thread has 10 of it.
    """
    place = ["taskset", "-c", str(core)] if core is not None else []
    if os.geteuid() != 0:
        return place
    before = ["nice", "-n", "-10"] if priority is None else ["chrt", "--fifo", str(priority)]
    return [*before, *place]
