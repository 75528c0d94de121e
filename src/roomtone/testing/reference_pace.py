"""How the reference engine keeps its time: what tells a test that the machine stood still, and not the engine. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from roomtone.link import messages

TELL_S = 5.0
"""How often it is told."""


@dataclass(slots=True)
class Pace:
    """The lateness of ticks since it was last told."""

    told_s: float
    """When that was, in seconds of a clock that only goes forward."""

    late_us: list[int] = field(default_factory=list)
    skipped: int = 0

    def note(self, late_s: float) -> None:
        """Count a tick that began so much after its time."""
        self.late_us.append(max(0, round(late_s * 1_000_000)))

    def take(self, now_s: float, streams: int, conferences: int) -> messages.TickStatistics | None:
        """Give what is to be told, if it is time, and begin anew."""
        if now_s - self.told_s < TELL_S or not self.late_us:
            return None
        late_us, skipped = sorted(self.late_us), self.skipped
        self.told_s, self.late_us, self.skipped = now_s, [], 0

        def quantile(of: float) -> int:
            return late_us[min(len(late_us) - 1, int(of * len(late_us)))]

        return messages.TickStatistics(
            thread=0, ticks=len(late_us), skipped=skipped, late_p50_us=quantile(0.5), late_p99_us=quantile(0.99),
            late_p999_us=quantile(0.999), late_max_us=late_us[-1], streams=streams, conferences=conferences,
            packets_unsent=0, facts_dropped=0,
        )  # fmt: skip
