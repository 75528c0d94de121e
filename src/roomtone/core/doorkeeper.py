"""How many wrong passwords an address may send, and what comes of more: it is shunned for a while, longer each time.

Pure; bounded in memory. One address may be many phones behind a NAT, so right answers are forgiving and bans short.

Anybody can write another's address on a packet. So whoever tells of a wrong answer here has to know that it came from
there, and mere requests, of which nobody knows, have no address shunned from which something right came lately.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.moment import Moment

ADDRESSES = 10_000
"""Remembered at a time; then those of longest ago are forgotten."""


KNOWN_S = 7_200.0
"""For how long an address is known from which something right came: as long as a registration lasts at most."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What is borne of one address."""

    wrong: int = 10
    """Wrong answers in a row, refilled at one every `refill_s`."""

    refill_s: float = 30.0
    asked: int = 300
    """Challenges that stay without a right answer, refilled at `asked_per_s`."""

    asked_per_s: float = 5.0
    shun_s: float = 60.0
    """The first time; twice as long each time, up to `longest_s`."""

    longest_s: float = 3_600.0


@dataclass(slots=True)
class _Record:
    wrong: float
    asked: float
    at_ns: int
    shunned: int = 0


class Doorkeeper:
    """Counts by address."""

    def __init__(self, patience: Patience = Patience()) -> None:
        self._patience = patience
        self._records: dict[str, _Record] = {}
        self._known: dict[str, int] = {}
        """When something right came, by address; moments of the monotonic clock."""

        self.shunned = 0
        """How often an address was shunned."""

        self.wrong = 0
        """How many wrong answers came."""

    def challenged(self, host: str, now: Moment) -> float:
        """Count a challenge; seconds to shun the address for, 0: not."""
        record = self._record(host, now)
        record.asked -= 1
        right_ns = self._known.get(host)
        if right_ns is not None and now.mono_ns - right_ns < KNOWN_S * 1_000_000_000:
            return 0.0
        return self._shun(record) if record.asked < 0 else 0.0

    def failed(self, host: str, now: Moment) -> float:
        """Count a wrong answer; seconds to shun the address for, 0: not."""
        self.wrong += 1
        record = self._record(host, now)
        record.wrong -= 1
        return self._shun(record) if record.wrong < 0 else 0.0

    def passed(self, host: str, now: Moment) -> None:
        """Count a right answer: the challenge before it was no guess."""
        record = self._record(host, now)
        record.asked = min(record.asked + 1, self._patience.asked)
        self._known.pop(host, None)
        if len(self._known) >= ADDRESSES:
            del self._known[next(iter(self._known))]
        self._known[host] = now.mono_ns

    def _record(self, host: str, now: Moment) -> _Record:
        patience = self._patience
        record = self._records.pop(host, None)
        if record is None:
            if len(self._records) >= ADDRESSES:
                del self._records[next(iter(self._records))]
            record = _Record(patience.wrong, patience.asked, now.mono_ns)
        waited_s = (now.mono_ns - record.at_ns) / 1_000_000_000
        record.wrong = min(record.wrong + waited_s / patience.refill_s, patience.wrong)
        record.asked = min(record.asked + waited_s * patience.asked_per_s, patience.asked)
        record.at_ns = now.mono_ns
        if waited_s > patience.longest_s:
            record.shunned = 0
        self._records[host] = record  # the latest is the last to be forgotten
        return record

    def _shun(self, record: _Record) -> float:
        record.wrong, record.asked = self._patience.wrong / 2, self._patience.asked / 2
        record.shunned += 1
        self.shunned += 1
        return min(self._patience.shun_s * float(1 << min(record.shunned - 1, 20)), self._patience.longest_s)
