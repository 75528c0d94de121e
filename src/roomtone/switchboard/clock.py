"""The real clock and the real dice: the only places where time is read and identities are made."""

from __future__ import annotations

import time
import uuid

from roomtone.core.moment import Moment


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """Give both clocks, read together."""
        return Moment(wall_ms=time.time_ns() // 1_000_000, mono_ns=time.monotonic_ns())


class SystemDice:
    """The operating system's randomness."""

    def bits128(self) -> int:
        """Give a random UUID, version 4 (RFC 9562, section 5.4): customers read ids as such, and some of them check."""
        return uuid.uuid4().int
