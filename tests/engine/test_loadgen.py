"""The load generator against the engine: ten endpoints, and everyone hears the others and not themselves.

No figure is asserted here; `make bench` measures. The sound is judged by FFmpeg's codecs, for each codec that both know.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.link.messages import Codec

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("PCMU", "G722", "OPUS")
BUILT = [
    ROOT / "engine/target" / kind / "roomtone-loadgen"
    for kind in ("release", "debug")
    if (ROOT / "engine/target" / kind / "roomtone-loadgen").is_file()
]


@pytest.mark.skipif(
    not BUILT, reason="no load generator: cargo build --manifest-path engine/Cargo.toml -p loadgen"
)
@pytest.mark.parametrize("codec", [one.value.upper() for one in Codec if one.value.upper() in JUDGED])
def test_ten_endpoints_hear_the_others_and_not_themselves(codec: str) -> None:
    command = [sys.executable, "-m", "bench.media", "--smoke", "--codec", codec]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=25, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "content 10/10" in done.stdout
