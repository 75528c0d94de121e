"""The processes on the demo's stage: server, music, callers. Each can outlive the demo.

A caller takes commands from a named pipe that it holds open itself and tells its news into a file, so it neither needs
nor misses us.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")

READY = "roomtone ready "
WITHIN_S = 20.0
_LOOK_EVERY_S = 0.01


class StageProblem(Exception):  # noqa: N818 - told by what happened
    """Something on the stage did not do its part; the text says what, with its log."""


def wait_for(look: Callable[[], Found | None], what: str, within_s: float = WITHIN_S) -> Found:
    """Look again and again until there is something to see.

    Raises:
        StageProblem: There was nothing in `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise StageProblem(f"{what}: not in {within_s:g} s")
        time.sleep(_LOOK_EVERY_S)
    return found


class Background:
    """A process whose output goes to a file."""

    def __init__(self, name: str, arguments: list[str], folder: Path, commands: Path | None = None) -> None:
        self.name = name
        self.output = folder / f"{name}.log"
        stdin = os.open(commands, os.O_RDWR) if commands else os.open(os.devnull, os.O_RDONLY)
        try:
            with self.output.open("wb") as output:
                # A session of its own: Ctrl-C at the demo's terminal must not end what is to stay.
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [sys.executable, "-u", *arguments],
                    stdin=stdin,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        finally:
            os.close(stdin)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def lines(self) -> list[str]:
        """Give the whole lines it has printed so far."""
        text = self.output.read_text(errors="replace")
        return text[: text.rfind("\n") + 1].splitlines()

    def wait_for_line(
        self, wanted: Callable[[str], Found | None], what: str, within_s: float = WITHIN_S
    ) -> Found:
        """Wait for a line that `wanted` makes something of, and give that.

        Raises:
            StageProblem: It ended, or printed no such line in time.
        """

        def look() -> Found | None:
            ended = self._process.poll() is not None
            found = next((made for line in self.lines() if (made := wanted(line)) is not None), None)
            if found is None and ended:
                raise StageProblem(f"{self.name} ended before «{what}»:\n" + "\n".join(self.lines()[-20:]))
            return found

        return wait_for(look, f"{self.name}: {what}", within_s)

    def end(self, within_s: float = 15.0) -> None:
        """Ask it to end, and insist if it does not."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_server(folder: Path) -> tuple[Background, dict[str, Any]]:
    """Start `roomtone serve` on free loopback ports; gives it and what its ready line says."""
    free = "127.0.0.1:0"
    options = [
        "--http",
        free,
        "--https",
        free,
        "--sip",
        free,
        "--rtp-ports",
        "0-0",
        "--data",
        str(folder / "data"),
    ]
    server = Background("server", ["-m", "roomtone", "serve", *options], folder)

    def ready(line: str) -> dict[str, Any] | None:
        return json.loads(line.removeprefix(READY)) if line.startswith(READY) else None

    try:
        return server, server.wait_for_line(ready, "ready")
    except StageProblem:
        server.end()
        raise


def start_music(folder: Path, music: Path) -> tuple[Background, str]:
    """Serve a folder of audio files by HTTP, as a customer's own server would; gives it and its base URL."""
    server = Background(
        "music", ["-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(music)], folder
    )

    def port(line: str) -> str | None:
        return line.split(" port ")[1].split(maxsplit=1)[0] if " port " in line else None

    return server, f"http://127.0.0.1:{server.wait_for_line(port, 'serving')}"


def create_project(folder: Path) -> dict[str, Any]:
    """Make a project with the command line; gives its credentials."""
    command = [
        sys.executable,
        "-m",
        "roomtone",
        "project",
        "create",
        "--data",
        str(folder / "data"),
        "--name",
        "demo",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise StageProblem(f"roomtone project create: {done.stderr.strip()}")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


class Caller:
    """A phone with a pitch: a process of its own that called a number and is steered by JSON lines."""

    def __init__(self, name: str, pitch_hz: float, number: str, sip: str, folder: Path) -> None:
        self.name, self.pitch_hz = name, pitch_hz
        self.call = ""
        """Sid of its call, once somebody knows it."""

        self.commands = folder / f"{name}.commands"
        os.mkfifo(self.commands)
        target = f"sip:{number}@{sip.removeprefix('sip:')}"
        arguments = [
            "-m",
            "roomtone.testing.sip_caller",
            "--to",
            target,
            "--pitch",
            str(pitch_hz),
            "--user",
            name,
        ]
        self.process = Background(name, arguments, folder, self.commands)
        self._turn = itertools.count(1)

    def wait_until_answered(self) -> None:
        """Wait for the server to pick up."""
        event = self.process.wait_for_line(_event_of({"answered", "ended"}), "answered")
        if event["event"] == "ended":
            raise StageProblem(
                f"the call of {self.name} was refused: {event.get('status')} {event.get('reason')}"
            )

    @property
    def gone(self) -> bool:
        """Whether the call is over."""
        return any(_event_of({"ended"})(line) for line in self.process.lines())

    def ask(self, **command: Any) -> str:
        """Send a command; gives the ticket to fetch the answer with."""
        ticket = str(next(self._turn))
        with self.commands.open("w") as pipe:
            pipe.write(json.dumps({**command, "id": ticket}) + "\n")
        return ticket

    def answer(self, ticket: str) -> dict[str, Any]:
        """Wait for the answer to a command."""

        def mine(line: str) -> dict[str, Any] | None:
            said = _parsed(line)
            return said if said.get("id") == ticket else None

        return self.process.wait_for_line(mine, "an answer")


def _parsed(line: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _event_of(wanted: set[str]) -> Callable[[str], dict[str, Any] | None]:
    def look(line: str) -> dict[str, Any] | None:
        said = _parsed(line)
        return said if said.get("event") in wanted else None

    return look
