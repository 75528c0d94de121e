"""The servers that are asked: ours with its thousand participants, and Prism serving Twilio's specification."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRISM = ROOT / "bench" / "peers" / "node_modules" / ".bin" / "prism"
SPECIFICATION = ROOT.parent / "shared" / "specs" / "twilio-api-v2010-openapi.yaml"
SERVER_CORE, CLIENT_CORE = 0, 1
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Asked:
    """A server that runs, and what it can be asked."""

    name: str
    base: str
    process: subprocess.Popen[str]
    pid: int
    authorization: str
    one: list[str]
    """Paths of participants."""

    fifty: list[str]
    """Paths of lists of fifty."""

    def processor_s(self) -> float:
        """Processor time that it has used, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def resident_mb(self) -> float:
        """Memory that it holds, in MB."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def _line(process: subprocess.Popen[str], within_s: float) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], within_s)
    assert readable, "it is not ready in time"
    return process.stdout.readline()


def ours(folder: Path, participants: int = 1_000, conferences: int = 100) -> Asked:
    """Start the house of `bench.rest.house`: ten of its conferences hold half of all."""
    command = [
        "taskset", "-c", str(SERVER_CORE), sys.executable, "-m", "bench.rest.house",
        str(folder), str(participants), str(conferences),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    ready = json.loads(_line(process, 120))
    subprocess.run(
        ["taskset", "-apc", str(CLIENT_CORE), str(ready["engine_pid"])], check=True, capture_output=True
    )
    credentials = base64.b64encode(f"{ready['user']}:{ready['token']}".encode()).decode()
    root = f"/2010-04-01/Accounts/{ready['user']}/Conferences"
    sizes: dict[str, int] = {}
    for conference, _ in ready["came"]:
        sizes[conference] = sizes.get(conference, 0) + 1
    return Asked(
        "Roomtone",
        f"http://127.0.0.1:{ready['port']}",
        process,
        ready["pid"],
        f"Basic {credentials}",
        [f"{root}/{conference}/Participants/{call}.json" for conference, call in ready["came"]],
        [f"{root}/{one}/Participants.json" for one, size in sizes.items() if size == max(sizes.values())],
    )


def prism(port: int = 4811) -> Asked | None:
    """Start Prism on the vendor's specification; None if either is not there."""
    if not PRISM.exists() or not SPECIFICATION.exists():
        return None
    command = [
        "taskset", "-c", str(SERVER_CORE), str(PRISM), "mock", "-p", str(port), "-h", "127.0.0.1",
        "--verboseLevel", "silent", str(SPECIFICATION),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    account, conference, call = ("AC" + "1" * 32, "CF" + "1" * 32, "CA" + "1" * 32)
    root = f"/2010-04-01/Accounts/{account}/Conferences/{conference}/Participants"
    asked = Asked(
        "Prism",
        f"http://127.0.0.1:{port}",
        process,
        process.pid,
        "Basic " + base64.b64encode(b"x:y").decode(),
        [f"{root}/{call}.json"],
        [f"{root}.json"],
    )
    if not _answers(asked, 60):
        asked.stop()
        return None
    return asked


def _answers(asked: Asked, within_s: float) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        request = urllib.request.Request(
            asked.base + asked.one[0], headers={"Authorization": asked.authorization}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:
                return bool(reply.status == 200)
        except urllib.error.HTTPError as no:
            print(f"Prism answers {no.code}: {no.read()[:200]!r}", file=sys.stderr)
            return False
        except OSError:
            time.sleep(0.2)
    return False


def start_to_ready_s(folder: Path) -> tuple[float, float]:
    """Start `roomtone serve` on a folder that has been used before; gives seconds to its ready line, and MB at rest."""
    program = ROOT / ".venv" / "bin" / "roomtone"
    command = [
        str(program), "serve", "--data", str(folder), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0",
        "--sip", "127.0.0.1:0", "--rtp-ports", "0-0", "--log-level", "warning", "--drain-s", "0",
    ]  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = _line(process, 60)
    took = time.monotonic() - began
    ready = json.loads(line.partition("ready ")[2])
    asked = Asked("", "", process, ready["pid"], "", [], [])
    memory = asked.resident_mb()
    asked.stop()
    return took, memory
