"""Starts the engine's binary and waits for its readiness line."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACES = (
    ".venv/bin/roomtone-engine",
    "engine/target/release/roomtone-engine",
    "engine/target/debug/roomtone-engine",
)
READY = "engine ready "


def binary() -> Path:
    """Find the engine: where ROOMTONE_ENGINE_BINARY says, else where it is installed or built."""
    if named := os.environ.get("ROOMTONE_ENGINE_BINARY"):
        if not Path(named).is_file():
            raise FileNotFoundError(f"ROOMTONE_ENGINE_BINARY names {named}, which is no file")
        return Path(named)
    for place in PLACES:
        if (ROOT / place).is_file():
            return ROOT / place
    raise FileNotFoundError(f"no engine in {', '.join(PLACES)}; build it by: make build")


@dataclass
class Running:
    """An engine that is ready."""

    process: subprocess.Popen[str]
    socket: Path
    ready: dict[str, Any]
    log: Path

    @property
    def sip(self) -> tuple[str, int]:
        listener = next(one for one in self.ready["listeners"] if one["transport"] == "udp")
        return listener["host"], listener["port"]

    @property
    def sips(self) -> tuple[str, int]:
        listener = next(one for one in self.ready["listeners"] if one["transport"] == "tls")
        return listener["host"], listener["port"]

    def rss_kb(self) -> int:
        """Resident memory in kB."""
        return int(self._status("VmRSS"))

    def cpu_s(self) -> float:
        """Processor time used so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> str:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(line for line in lines if line.startswith(name + ":")).split()[1]

    async def logged(self, text: str, within_s: float = 15.0) -> None:
        """Wait until a line of the engine's log has this text."""
        async with asyncio.timeout(within_s):
            while text not in self.log.read_text():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.01)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def launch(
    directory: Path, *options: str, socket: Path | None = None, stderr: int | None = None
) -> subprocess.Popen[str]:
    """Start an engine without waiting for it."""
    socket = socket or directory / "engine.sock"
    command = [str(binary()), "--socket", str(socket), *options]
    with (directory / "engine.log").open("a") as log:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr or log, text=True, start_new_session=True
        )


def wait_ready(process: subprocess.Popen[str], directory: Path, within_s: float = 30.0) -> dict[str, Any]:
    """Read the readiness line; the engine's log is in the error when it does not come."""
    assert process.stdout is not None
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.1)[0]:
            line = process.stdout.readline()
            if line.startswith(READY):
                return json.loads(line[len(READY) :])
            if not line:
                break
    raise AssertionError(f"engine did not get ready: {(directory / 'engine.log').read_text()}")


def ports_of_my_own() -> str:
    """A range of RTP ports that engines of parallel tests are unlikely to share."""
    first = 20_000 + (os.getpid() * 37 + time.monotonic_ns() // 1_000) % 380 * 100
    return f"{first}-{first + 99}"


@contextmanager
def running(
    directory: Path, *options: str, rtp_ports: str | None = None, host: str = "127.0.0.1", sip_port: int = 0
) -> Iterator[Running]:
    """Run an engine on free loopback ports for as long as the block lasts."""
    socket = directory / "engine.sock"
    sip = f"[{host}]:{sip_port}" if ":" in host else f"{host}:{sip_port}"
    usual = ("--sip", sip, "--rtp-host", host, "--rtp-ports", rtp_ports or ports_of_my_own())
    process = launch(directory, *usual, *options)
    try:
        yield Running(process, socket, wait_ready(process, directory), directory / "engine.log")
    finally:
        # Killed, not asked to end: goodbyes to phones that are gone already would take their time in each test.
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
    broken = [line for line in (directory / "engine.log").read_text().splitlines() if "event=panic" in line]
    assert not broken, broken
