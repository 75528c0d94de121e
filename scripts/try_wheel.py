"""Install the wheel of `dist/` where there is no compiler, and see that it serves: `make dist-test`.

Usage: ``python scripts/try_wheel.py dist/roomtone-….whl``. A fresh virtual environment in a temporary folder, a PATH with
nothing on it but that environment, dependencies as locked in `requirements/run.txt` and as wheels alone. Then
`roomtone --version`, `roomtone serve` on free ports of this machine, and a question at `/healthz`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY = "roomtone ready "
READY_WITHIN_S = 60.0


def main(wheel: Path) -> None:
    """Do all of it; an error ends it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = _installed(wheel.resolve(), folder / "venv")
        alone = {"PATH": str(programs), "HOME": name, "LANG": "C.UTF-8"}
        for compiler in ("cargo", "rustc", "cc", "gcc", "clang", "maturin"):
            assert not (programs / compiler).exists(), f"{compiler} is on the PATH"
        version = _told([str(programs / "roomtone"), "--version"], alone)
        print(version)
        _serve(programs / "roomtone", folder, alone)
    print(f"{wheel.name}: installed without a compiler, served, stopped")


def _installed(wheel: Path, venv: Path) -> Path:
    """Make the environment, and give the folder of its programs."""
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    programs = venv / "bin"
    environment = {**os.environ, "PATH": str(programs)}
    environment.pop("VIRTUAL_ENV", None)
    pip = [str(programs / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    locked = ["--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")]
    subprocess.run([*pip, *locked], check=True, env=environment)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, env=environment)
    subprocess.run([str(programs / "python"), "-m", "pip", "check"], check=True, env=environment)
    return programs


def _told(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout.strip()


def _serve(program: Path, folder: Path, environment: dict[str, str]) -> None:
    """Start the server, ask it how it is, and stop it."""
    log = folder / "serve.log"
    here = [
        word
        for option in ("--http", "--sip")
        for word in (option, "127.0.0.1:0")
    ]  # fmt: skip
    command = [
        str(program),
        "serve",
        "--data",
        str(folder / "data"),
        *here,
        "--https",
        "off",
        "--rtp-ports",
        "0-0",
    ]
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        ready = _ready(server, log)
        with urllib.request.urlopen(f"{ready['http']}/healthz", timeout=10) as answer:  # noqa: S310 - our own
            assert json.load(answer) == {"status": "ok"}, "it is not well"
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0, log.read_text()
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def _ready(server: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    """Wait for the line that says where it listens."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and server.poll() is None:
        for line in log.read_text(errors="replace").splitlines(keepends=True):
            if line.startswith(READY) and line.endswith("\n"):
                found: dict[str, str] = json.loads(line.removeprefix(READY))
                return found
        time.sleep(0.05)
    raise SystemExit(f"the server did not get ready:\n{log.read_text(errors='replace')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
