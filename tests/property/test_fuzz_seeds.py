"""What the fuzzers of the doors begin with is taken by each of them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine" / "fuzz"


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


def test_each_target_of_the_engine_is_built_and_has_seeds() -> None:
    built = {one["name"] for one in tomllib.loads((ENGINE / "Cargo.toml").read_text())["bin"]}
    assert built == {
        "door", "dtmf", "g722", "l16", "opus", "pcma", "pcmu", "relay", "rtcp", "rtp", "sip", "srtp", "stream",
    }  # fmt: skip
    assert {file.stem for file in (ENGINE / "fuzz_targets").glob("*.rs")} == built
    assert {seed.parent.name for seed in (ENGINE / "seeds").glob("*/*")} == built


def test_the_targets_that_are_named_exist() -> None:
    page = (ROOT / "SECURITY.md").read_text()
    named = {
        name
        for run in re.findall(r"fuzz targets? ((?:`\w+`(?:, )?)+)", page)
        for name in re.findall(r"\w+", run)
    }
    assert named == {"door", "relay", "rtcp", "rtp", "sip", "stream"}
    assert named <= {file.stem for file in (ENGINE / "fuzz_targets").glob("*.rs")}
