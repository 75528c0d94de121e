"""Keys of the terminal, one at a time and unseen; the terminal is left as it was found."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable
from typing import Self


class Keyboard:
    """Reads the terminal of standard input while it is open."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._file = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._file)

    def __enter__(self) -> Self:
        tty.setcbreak(self._file)
        asyncio.get_running_loop().add_reader(self._file, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._file)
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    def _read(self) -> None:
        raw = os.read(self._file, 256)
        if not raw:  # the terminal is gone
            self._take("q")
            return
        text = raw.decode("utf-8", "ignore")
        if len(text) > 1 and text.startswith("\x1b"):
            return  # an arrow or the like
        for sign in text:
            self._take(sign)
