"""The tutorial's commands run as they stand, one after the other, on addresses that are free here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from stage.sipp import free_ports

pytestmark = [pytest.mark.usefixtures("program"), pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial" / "supervised-call.md"
MARK = "=== "


def blocks(kind: str) -> list[str]:
    """Give the tutorial's blocks of this kind, without the one that builds."""
    found = re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [block for block in found if "make setup" not in block]


def run(folder: Path) -> str:
    """Run all commands in one shell, each block announced by its number, and give what they print."""
    ports = {name: free_ports() for name in ("http", "https", "sip")}
    script = "".join(f"echo '{MARK}{number}'\n{block}" for number, block in enumerate(blocks("sh")))
    script = script.replace("127.0.0.1:8080", f"127.0.0.1:{ports['http']}")
    script = script.replace("127.0.0.1:5060", f"127.0.0.1:{ports['sip']}")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    known = {f"ROOMTONE_{name.upper()}": f"127.0.0.1:{port}" for name, port in ports.items()}
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | known | {"ROOMTONE_RTP_PORTS": "0-0"}, start_new_session=True, text=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=240)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)  # what a block that failed has left behind
    assert shell.returncode == 0, said
    return said


def test_the_tutorial_leads_to_a_supervised_call(tmp_path: Path) -> None:
    said = run(tmp_path)
    everybody, whispering = (picture.strip("\n") for picture in blocks("text"))
    assert everybody in said, said
    assert whispering in said, said
    assert re.search(r'"hold": ?true', said), said
    assert list(tmp_path.glob("*.log")) == []
    assert not (tmp_path / "tutorial-data").exists()
