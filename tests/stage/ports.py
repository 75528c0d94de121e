"""Ports for the sound of engines that a test starts itself."""

from __future__ import annotations

import atexit
import contextlib
import functools
import random
import socket

import pytest

RTP_PORTS = range(8_000, 12_000, 100)
"""First ports of what engines of the contract suite take: nobody else does."""


@functools.cache
def ports_of(make: str) -> int:
    """Find a hundred ports for engines of this make; gives the first.

    They are ours for as long as this process lives, for all that run these tests: a socket at the first says so, for streams,
    where the engine's are for datagrams.
    """
    ranges = list(RTP_PORTS)
    random.shuffle(ranges)
    for first in ranges:
        mark = socket.socket()
        with contextlib.suppress(OSError):
            mark.bind(("127.0.0.1", first))
            atexit.register(mark.close)
            return first
        mark.close()
    pytest.fail("all ports for engines of these tests are taken")
