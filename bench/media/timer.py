"""How late a thread wakes up that does nothing else: what the machine and its kernel add to every tick."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack

from bench.media.play import pinned
from bench.media.rows import Cores
from bench.media.servers import ENGINE_PRIORITY

TICKS = 1_000
TICK_S = 0.005
PROGRAM = f"""
import time
due, late = time.monotonic(), []
for _ in range({TICKS}):
    due += {TICK_S}
    time.sleep(max(0.0, due - time.monotonic()))
    late.append(time.monotonic() - due)
print(sorted(late)[-2] * 1_000)
"""


def lateness_p999_ms(cores: Cores) -> float:
    """Sleep from tick to tick at the engine's priority on its processor, beside a busy brain, as the engine does."""
    others = sorted(os.sched_getaffinity(0) - {cores.server}) if cores.server is not None else []
    with ExitStack() as stack:
        for other in others:
            burn = subprocess.Popen(["taskset", "-c", str(other), sys.executable, "-c", "while True: pass"])
            stack.callback(burn.wait)
            stack.callback(burn.kill)
        command = [*pinned(cores.server, ENGINE_PRIORITY), sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return float(done.stdout)
