"""The load generator against the engine: ten endpoints, and everyone hears the others and not themselves.

No figure is asserted here; `make bench` measures. The sound is judged by FFmpeg's codecs, for each codec that both know.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.sdp.codecs import ABILITIES

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("PCMU", "G722", "OPUS")
BUILT = [
    ROOT / "engine/target" / kind / "roomtone-loadgen"
    for kind in ("release", "debug")
    if (ROOT / "engine/target" / kind / "roomtone-loadgen").is_file()
]


needs_loadgen = pytest.mark.skipif(
    not BUILT, reason="no load generator: cargo build --manifest-path engine/Cargo.toml -p loadgen"
)


def smoke(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.media", "--smoke", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=25, check=False)


@needs_loadgen
@pytest.mark.parametrize("codec", [name for name in JUDGED if name in ABILITIES])
def test_ten_endpoints_hear_the_others_and_not_themselves(codec: str) -> None:
    done = smoke("--codec", codec)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "content 10/10" in done.stdout


@needs_loadgen
def test_the_judge_is_not_fooled_by_a_server_that_sends_everyone_themselves() -> None:
    done = smoke("--server", "echo, epoll")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "content 0/10" in done.stdout
