"""The server as a process, as anybody would start it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roomtone.config import load
from roomtone.provision import Wanted, create_project
from stage.secrets import leaked_in, note

READY = "roomtone ready "
START_WITHIN_S = 60.0
PROGRAM = Path(sys.executable).with_name("roomtone")


@dataclass(frozen=True)
class Credentials:
    """What `roomtone project create` prints."""

    sid: str
    token: str
    signing_key: str
    dialect: str


@dataclass
class Server:
    """One `roomtone serve` and its engine. Ports are free ones, told by the line that says it is ready."""

    data: Path
    options: tuple[str, ...] = ()
    ready: dict[str, Any] = field(default_factory=dict)
    brain: subprocess.Popen[bytes] | None = None
    starts: int = 0
    program: tuple[str, ...] = (str(PROGRAM),)
    """What is run."""

    taken_away: bool = False
    """Whether its process was ended on purpose, and not started again."""

    @property
    def log(self) -> Path:
        """What the last process printed, standard error included."""
        return self.data.with_name(f"{self.data.name}.{self.starts}.log")

    def start(
        self,
        *,
        sip: str = "127.0.0.1:0",
        http: str = "127.0.0.1:0",
        https: str = "127.0.0.1:0",
        rtp_ports: str = "0-0",
    ) -> None:
        """Start it and wait until it says that it is ready."""
        self.starts += 1
        self.taken_away = False
        addresses = {"--http": http, "--https": https, "--sip": sip, "--rtp-ports": rtp_ports}
        listening = [part for option in addresses.items() for part in option]
        command = [*self.program, "serve", "--data", str(self.data), *listening, *self.options]
        with self.log.open("wb") as log:
            self.brain = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self.ready = self._wait_until_ready()

    def start_again(self) -> None:
        """Start on the same data folder and the same addresses, as an operator's supervisor would."""
        http, https = (self.ready[name].split("//")[1].rstrip("/") for name in ("http", "https"))
        self.start(sip=self.ready["sip"].removeprefix("sip:"), http=http, https=https)

    def put_up_again(self) -> None:
        """Start it again if its process is gone: a test may have failed between stopping it and starting it again."""
        if not self.is_up:
            self.start_again()

    @property
    def is_up(self) -> bool:
        """Whether its process has not ended, as far as it is ours to know: none that was started here is gone."""
        return self.brain is None or self.brain.poll() is None

    def _wait_until_ready(self) -> dict[str, Any]:
        assert self.brain is not None
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            text = self.log.read_text(errors="replace")
            for line in text.splitlines(keepends=True):
                if line.startswith(READY) and line.endswith("\n"):
                    found = json.loads(line.removeprefix(READY))
                    assert isinstance(found, dict)
                    return found
            if self.brain.poll() is not None:
                break
            time.sleep(0.02)
        self.brain.kill()  # its engine gives up by itself when nobody comes back to it
        self.brain.wait()
        raise AssertionError(f"the server did not get ready:\n{self.log.read_text(errors='replace')}")

    def kill_brain(self) -> None:
        """Take its process away without a word (SIGKILL); the engine stays."""
        assert self.brain is not None
        self.taken_away = True
        os.kill(self.ready["pid"], signal.SIGKILL)
        self.brain.wait(10)

    def kill_engine(self) -> None:
        """Take the process of the engine that runs now away without a word, and wait until it is gone."""
        pid = self.engine_pid
        assert pid is not None, "there is an engine"
        self._end_engine(pid)

    def _end_engine(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
        self.ready.pop("engine_pid", None)  # the number may become another process's

    @property
    def engine_pid(self) -> int | None:
        """Process number of the engine: of the one that took the place of the first, if one did; None: there is none."""
        with contextlib.suppress(OSError):
            return peer_pid(self.data / "engine.sock")
        told: int | None = self.ready.get("engine_pid")
        return told if is_alive(told) else None

    def stop(self) -> None:
        """Ask it to stop (SIGTERM), and see to it that nothing stays behind."""
        if self.brain is None:
            return
        self.taken_away = True
        if self.brain.poll() is None:
            self.brain.send_signal(signal.SIGTERM)
            try:
                self.brain.wait(15)
            except subprocess.TimeoutExpired:
                self.brain.kill()
                self.brain.wait()
        if (engine := self.engine_pid) is not None:
            self._end_engine(engine)
        logs = (self.data.with_name(f"{self.data.name}.{n}.log") for n in range(1, self.starts + 1))
        told = leaked_in((*logs, self.data / "engine.log"))
        assert told == [], "no secret is ever logged"

    def create_project(self, dialect: str = "signalwire", **options: str) -> Credentials:
        """Make a project beside the running server, as the command line does but without a process of its own.

        A process takes a second or two to import everything, and nearly every module of tests makes a project.
        """
        settings = load({"data": str(self.data)}, {}, None)
        with ThreadPoolExecutor(1) as aside:  # a loop may run in this thread already
            made = aside.submit(
                lambda: asyncio.run(create_project(settings, Wanted(dialect=dialect, **options)))
            ).result(90)
        note(made["token"], made["signing_key"], user=made["sid"])
        return Credentials(made["sid"], made["token"], made["signing_key"], dialect)

    @property
    def sip_address(self) -> tuple[str, int]:
        """Host and port for phones."""
        host, port = self.ready["sip"].removeprefix("sip:").rsplit(":", 1)
        return host, int(port)

    @property
    def sips_address(self) -> tuple[str, int]:
        """Host and port for phones that speak TLS."""
        host, port = self.ready["sips"].removeprefix("sips:").rsplit(":", 1)
        return host, int(port)

    @property
    def ca(self) -> Path:
        """The certificate of the local CA."""
        return self.data / "ca.pem"


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """Have a server of its own in a folder, with further options of `roomtone serve`, for as long as the block lasts."""
    one = Server(folder / "data", options)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def peer_pid(path: Path) -> int:
    """Ask the kernel who listens on a Unix socket (unix(7), SO_PEERCRED)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(str(path))
        return int(struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def is_alive(pid: int | None) -> bool:
    """Whether a process exists and is no zombie."""
    if pid is None:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, within_s: float = 10.0) -> None:
    """Wait for the end of a process that need not be our child."""
    deadline = time.monotonic() + within_s
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)


async def in_thread(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run something slow and blocking while the phones go on speaking in this loop."""
    return await asyncio.to_thread(function, *args, **kwargs)
