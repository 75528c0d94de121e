"""Moments: the clock, read once at the edge of the house and handed down as an argument."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of both clocks, taken together."""

    wall_ms: int
    """Wall clock: milliseconds since 1970-01-01 UTC. For what people read; may jump."""

    mono_ns: int
    """Monotonic clock: nanoseconds since some start. For deadlines; never jumps, never stored."""

    def after(self, seconds: float) -> Moment:
        """Give the moment that lies this many seconds later."""
        return Moment(self.wall_ms + round(seconds * 1_000), self.mono_ns + round(seconds * 1_000_000_000))
