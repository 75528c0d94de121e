"""Holds one thread of a process, and lets the others run: what a lost lock or an endless loop looks like from outside.

By ptrace(2): PTRACE_SEIZE and PTRACE_INTERRUPT stop a single thread. All of it happens in one thread of ours, as the
kernel wants it, which also buries the held thread when its process ends.
"""

from __future__ import annotations

import ctypes
import os
import threading
from pathlib import Path

SEIZE, INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000
"""Of waitpid(2): threads, too."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def thread_named(pid: int, name: str) -> int:
    """Find a thread of a process by its name."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise LookupError(f"process {pid} has no thread {name}")


class Held:
    """A thread that is held until its process ends."""

    def __init__(self, thread: int) -> None:
        self._thread = thread
        self._begun = threading.Event()
        self.fault = 0
        """Of errno(3); 0: it is held."""

        threading.Thread(target=self._hold, daemon=True).start()
        assert self._begun.wait(10)

    def _hold(self) -> None:
        for request in (SEIZE, INTERRUPT):
            if _libc.ptrace(request, self._thread, None, None) != 0:
                self.fault = ctypes.get_errno()
                break
        self._begun.set()
        while not self.fault:
            try:
                _, status = os.waitpid(self._thread, WALL)
            except ChildProcessError:
                return
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                return
