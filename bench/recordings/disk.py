"""The engine recording, while another process keeps the disk it writes to busy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.media.play import Target
from bench.media.score import Load
from bench.media.servers import recording_engine

NAME = "Roomtone, recording, busy disk"
WRITING = """
import os, sys
block, file = os.urandom(1 << 22), os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
while True:
    for _ in range(16):
        os.write(file, block)
    os.fsync(file)
    os.lseek(file, 0, os.SEEK_SET)
"""
"""Brings 64 MB to the disk again and again: whoever writes meanwhile waits behind that."""


@contextmanager
def beside_a_busy_disk(folder: Path, load: Load, core: int | None) -> Iterator[Target]:
    """Run the engine while it records every conference to a disk that has other things to do."""
    command = ["nice", "-n", "19", sys.executable, "-c", WRITING, str(folder / "busy")]
    others = subprocess.Popen(command)
    try:
        with recording_engine(folder, load, core) as target:
            yield target
    finally:
        others.kill()
        others.wait(10)
