"""Time and chance that a test decides: fit for whatever takes a clock or dice as an argument."""

from __future__ import annotations

from roomtone.core.moment import Moment


class VirtualClock:
    """Stands still until told to go on."""

    def __init__(self, wall_ms: int = 1_700_000_000_000) -> None:
        self._now = Moment(wall_ms, 0)

    def now(self) -> Moment:
        """Give both clocks."""
        return self._now

    def advance(self, seconds: float) -> Moment:
        """Let time pass, and give the new moment."""
        self._now = self._now.after(seconds)
        return self._now


class CountingDice:
    """Makes identities 1, 2, 3, …: different within a test, and the same in each run of it."""

    def __init__(self, first: int = 1) -> None:
        self._next = first

    def bits128(self) -> int:
        """Give the next number."""
        number = self._next
        self._next += 1
        return number

    def secret(self, count: int) -> bytes:
        """Give bytes that tell which number they are."""
        return self.bits128().to_bytes(16).rjust(count, b"k")[-count:]
