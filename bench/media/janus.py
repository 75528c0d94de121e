"""Janus AudioBridge as a peer: Debian's package, plain RTP participants, a configuration of our own in a folder.

Steered over its Unix socket. Sources: Janus' documentation of the AudioBridge plugin ("Plain RTP participants") and of
the Unix Sockets transport.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from bench.media.play import CannotPlay, Target, addresses, pinned
from bench.media.score import Load
from bench.media.servers import FIRST_PORT, ports_option

LIBRARIES = Path("/usr/lib")
LOCAL = "127.0.0.1"
"""Janus takes no address that is not an interface's own."""
REPLY_S = 40.0
LISTENING_S = 8.0
STARTS = 5
LETTER_BYTES = 1 << 20
CODECS = {"PCMU": ("pcmu", 8_000), "OPUS": ("opus", 48_000)}
"""Ours to Janus' name and the rate of its room. It has no G.722."""


def version() -> str | None:
    """Say which Janus is here, None when there is none."""
    if not shutil.which("janus"):
        return None
    done = subprocess.run(["janus", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+[.\d]*", done.stdout + done.stderr)
    return found[0] if found else "of unknown version"


@contextmanager
def janus(folder: Path, load: Load, core: int | None) -> Iterator[Target]:
    """Run Janus with the load's conferences in it.

    Raises:
        CannotPlay: It did not start, or refused a participant.
    """
    configuration = folder / "janus"
    configuration.mkdir(exist_ok=True)
    path = folder / "janus.sock"
    _configure(configuration, path)
    command = [*pinned(None), "janus", "-F", str(configuration), "-C", str(configuration / "janus.jcfg")]
    with (folder / "server.log").open("a+") as log, _listening(command, log, path) as (process, line), line:
        _pin(process.pid, core)
        ports = Conversation(line).seat_all(load)
        yield Target(process.pid, ports_option(folder, ports), LOCAL)


class Conversation:
    """One session; a handle for each participant."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._n = 0
        self._session = self._ask(janus="create")["data"]["id"]

    def seat_all(self, load: Load) -> list[int]:
        """Make rooms and participants; give the port each endpoint is to send to."""
        codec, rate_hz = CODECS[load.coding.name]
        host = self._attach()
        for number in range(len(load.conferences)):
            room = {"room": number + 1, "sampling_rate": rate_hz, "allow_rtp_participants": True}
            quiet = {"permanent": False, "record": False, "audiolevel_ext": False, "audiolevel_event": False}
            self._say(host, {"request": "create", **room, **quiet})
        return [
            self._join(endpoint // load.size + 1, codec, load.coding.payload_type, address)
            for endpoint, address in enumerate(addresses(load.endpoints))
        ]

    def _join(self, room: int, codec: str, payload_type: int, address: tuple[str, int]) -> int:
        rtp = {"ip": address[0], "port": address[1], "payload_type": payload_type}
        body = {"request": "join", "room": room, "codec": codec, "rtp": rtp}
        joined = self._say(self._attach(), body)
        return int(joined["rtp"]["port"])

    def _attach(self) -> int:
        asked = {"janus": "attach", "session_id": self._session, "plugin": "janus.plugin.audiobridge"}
        return int(self._ask(**asked)["data"]["id"])

    def _say(self, handle: int, body: dict[str, Any]) -> dict[str, Any]:
        reply = self._ask(janus="message", session_id=self._session, handle_id=handle, body=body)
        answer: dict[str, Any] = reply["plugindata"]["data"]
        if "error" in answer:
            raise CannotPlay(f"Janus refuses: {answer['error']}")
        return answer

    def _ask(self, **letter: Any) -> dict[str, Any]:
        """Ask, and wait for the answer itself: events of others, and the promise of an answer, are passed over."""
        self._n += 1
        name = str(self._n)
        self._line.send(json.dumps({"transaction": name, **letter}).encode())
        while True:
            reply: dict[str, Any] = json.loads(self._line.recv(LETTER_BYTES))
            if reply.get("transaction") != name or reply["janus"] == "ack":
                continue
            if reply["janus"] == "error":
                raise CannotPlay(f"Janus refuses: {reply['error']}")
            return reply


@contextmanager
def _listening(
    command: list[str], log: TextIO, path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """Run Janus and connect to it.

    Version 1.1.2 may end its Unix socket's thread before it has begun, mostly when it has one processor only: so it is
    pinned to one later, and started again when it happens all the same.
    """
    for _ in range(STARTS):
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            if line := _connect(path, process):
                yield process, line
                return
        finally:
            process.kill()
            process.wait(10)
    log.seek(0)
    raise CannotPlay(f"Janus does not listen: {log.read().strip().splitlines()[-1:]}")


def _pin(pid: int, core: int | None) -> None:
    """Keep all threads there are, and with them those they will start, on one processor."""
    for thread in Path(f"/proc/{pid}/task").iterdir() if core is not None else ():
        os.sched_setaffinity(int(thread.name), {core})


def _connect(path: Path, process: subprocess.Popen[bytes]) -> socket.socket | None:
    until = time.monotonic() + LISTENING_S
    while time.monotonic() < until and process.poll() is None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line.settimeout(REPLY_S)
        try:
            line.connect(str(path))
        except OSError:
            line.close()
            time.sleep(0.05)
        else:
            return line
    return None


def _configure(folder: Path, path: Path) -> None:
    """Switch on the AudioBridge and the Unix socket, and nothing else."""

    def others(kind: str, but: str) -> str:
        found = LIBRARIES.glob(f"*/janus/{kind}/*.so")
        return ",".join(sorted(one.name for one in found if but not in one.name))

    (folder / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{folder}", debug_level = 2, debug_colors = false, session_timeout = 0 }}\n'
        f'plugins: {{ disable = "{others("plugins", "audiobridge")}" }}\n'
        f'transports: {{ disable = "{others("transports", "pfunix")}" }}\n'
        f'loggers: {{ disable = "{others("loggers", "none")}" }}\n'
        f'events: {{ broadcast = false, disable = "{others("events", "none")}" }}\n'
    )
    (folder / "janus.transport.pfunix.jcfg").write_text(
        f'general: {{ enabled = true, json = "compact", path = "{path}" }}\nadmin: {{ admin_enabled = false }}\n'
    )
    (folder / "janus.plugin.audiobridge.jcfg").write_text(
        f'general: {{ events = false, local_ip = "{LOCAL}", rtp_port_range = "{FIRST_PORT}-39999" }}\n'
    )
