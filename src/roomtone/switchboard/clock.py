"""The real clock and the real dice: the only places where time is read and identities are made."""

from __future__ import annotations

import os
import time

from roomtone.core.moment import Moment


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """Give both clocks, read together."""
        return Moment(wall_ms=time.time_ns() // 1_000_000, mono_ns=time.monotonic_ns())


POOL_BYTES = 4096
"""Randomness that is fetched at once: asking the system costs as much as the rest of a small request."""

_VERSION_4 = 0x4 << 76
_VARIANT = 0x2 << 62
_FREE_BITS = ~(0xF << 76) & ~(0x3 << 62)


class SystemDice:
    """The operating system's randomness. Each throw is used once; not to be shared by threads."""

    def __init__(self) -> None:
        self._pool = b""
        self._used = 0

    def bits128(self) -> int:
        """Give a random UUID, version 4 (RFC 9562, section 5.4): customers read ids as such, and some of them check."""
        if self._used == len(self._pool):
            self._pool, self._used = os.urandom(POOL_BYTES), 0
        drawn = int.from_bytes(self._pool[self._used : self._used + 16])
        self._used += 16
        return drawn & _FREE_BITS | _VERSION_4 | _VARIANT

    def secret(self, count: int) -> bytes:
        """Give a key: asked for alone, so that it never lay beside what others are told."""
        return os.urandom(count)
