"""The server that is called: `roomtone serve` on one processor, a project, numbers with hosted documents."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv" / "bin" / "roomtone"
SERVER_CORE, CLIENT_CORE = 0, 1
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class House:
    """A server that runs, and a project in it."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    sid: str
    token: str
    numbers: dict[str, str] = field(default_factory=dict)
    """By document."""

    @classmethod
    def open(cls, folder: Path, rtp_ports: str, watch: Path | None = None) -> House:
        """Start it on an empty folder; `watch` is where it writes what it holds, when it is asked."""
        program = [str(PROGRAM)]
        if watch is not None:
            program = [sys.executable, "-m", "roomtone.testing.watched", str(watch)]
        command = [
            "taskset", "-c", str(SERVER_CORE), *program, "serve", "--data", str(folder),
            "--http", "127.0.0.1:0", "--https", "off", "--sip", "127.0.0.1:0", "--rtp-ports", rtp_ports,
            "--calls-per-s", "0", "--drain-s", "0", "--log-level", "error",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0], "it is not ready in time"
        ready = json.loads(process.stdout.readline().partition("ready ")[2])
        made = subprocess.run(
            [str(PROGRAM), "project", "create", "--data", str(folder), "--dialect", "twilio"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        told = json.loads(made.stdout)
        return cls(process, ready, told["account_sid"], told["token"])

    @property
    def sip(self) -> tuple[str, int]:
        """Where it is called."""
        host, _, port = self.ready["sip"].removeprefix("sip:").rpartition(":")
        return host, int(port)

    @property
    def pids(self) -> tuple[int, int]:
        """Its two processes: brain and engine."""
        return self.ready["pid"], self.ready["engine_pid"]

    @property
    def account(self) -> str:
        return f"{self.ready['http'].rstrip('/')}/2010-04-01/Accounts/{self.sid}"

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()

    def ask(self, method: str, path: str, **form: str) -> Any:
        """Ask the API."""
        url = path if path.startswith("http") else f"{self.account}/{path}"
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, body, {"Authorization": self.authorization}, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def number(self, document: str) -> str:
        """Claim a number that answers with this document."""
        if document not in self.numbers:
            hosted = self.ask("POST", "LamlBins.json", Name=f"bin {len(self.numbers)}", Contents=document)
            number = f"+1212555{len(self.numbers):04d}"
            self.ask("POST", "IncomingPhoneNumbers.json", PhoneNumber=number, VoiceUrl=hosted["request_url"])
            self.numbers[document] = number
        return self.numbers[document]

    def processor_s(self) -> float:
        """Processor time of both processes, in seconds."""
        total = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS_PER_S

    def resident_mb(self) -> float:
        """Memory of both processes, in MB."""
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids]
        return sum(int(found[1]) / 1024 for text in texts if (found := re.search(r"VmRSS:\s+(\d+)", text)))

    def spread(self) -> None:
        """Let it have both processors from now on, as any server has."""
        for pid in self.pids:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {SERVER_CORE, CLIENT_CORE})

    def open_files(self) -> int:
        """How many files and sockets both hold."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.pids)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def end(self) -> None:
        """Stop whatever is still there of it."""
        for pid in self.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(30)
