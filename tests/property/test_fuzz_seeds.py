"""What the fuzzers of the doors begin with is taken by each of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(240)
def test_each_target_takes_its_seeds() -> None:
    fed = subprocess.run(
        [sys.executable, "-m", "fuzz", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert fed.returncode == 0, fed.stdout + fed.stderr
    assert {line.split()[0] for line in fed.stdout.splitlines()} == {
        "audio", "browser", "cxml", "form", "request", "sdp", "settings", "sip",
    }  # fmt: skip
