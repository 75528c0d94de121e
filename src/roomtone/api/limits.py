"""How much anybody may ask: requests of a project, and wrong credentials from one address.

Both are buckets that fill again as time goes by. Nothing is kept of those who have been quiet long enough for their
bucket to be full. A source address is the one the connection comes from: behind a proxy all have one, so then the limit
of wrong credentials is better left to the proxy.

Sources: SignalWire "Rate limits"; Twilio error 20429; RFC 6585 section 4; RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

from roomtone.core.ids import ProjectId

REMEMBERED = 10_000
"""How many buckets of one kind are kept at most; those not used lately go first."""

BURST_S = 2.0
"""How many seconds' worth of requests may come at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; 0 is no limit."""

    requests_per_s: float = 0
    """Of one project."""

    wrong_logins_per_minute: float = 0
    """From one address."""


@dataclass(slots=True)
class _Bucket:
    level: float
    at_s: float


class Buckets:
    """One bucket for each who asks."""

    def __init__(self, per_s: float, size: float) -> None:
        self._per_s = per_s
        self._size = size
        self._buckets: OrderedDict[object, _Bucket] = OrderedDict()

    def take(self, who: object, now_s: float) -> int:
        """Take one from somebody's bucket.

        Returns:
            What is left, in whole ones; below 0: it was empty, and nothing was taken.
        """
        bucket = self._filled(who, now_s)
        if bucket.level < 1:
            return -1
        bucket.level -= 1
        return int(bucket.level)

    def wait_s(self, who: object, now_s: float) -> int:
        """Say after how many whole seconds there is one again; 0: there is one now."""
        missing = 1 - self._filled(who, now_s).level
        return max(0, math.ceil(missing / self._per_s))

    def _filled(self, who: object, now_s: float) -> _Bucket:
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = self._buckets[who] = _Bucket(self._size, now_s)
        bucket.level = min(self._size, bucket.level + (now_s - bucket.at_s) * self._per_s)
        bucket.at_s = now_s
        self._buckets.move_to_end(who)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a project may still ask."""

    limit: int
    """Requests at once."""

    left: int
    """Below 0: this one was too many."""

    wait_s: int
    """Seconds until there is one again."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Tell it, under the names that clients of rate-limited APIs look for."""
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(max(self.left, 0))),
            ("X-RateLimit-Reset", str(self.wait_s)),
        )


class Gate:
    """Counts for the doors."""

    def __init__(self, limits: Limits) -> None:
        self._size = max(1.0, limits.requests_per_s * BURST_S)
        self._requests = Buckets(limits.requests_per_s, self._size) if limits.requests_per_s else None
        per_minute = limits.wrong_logins_per_minute
        self._wrong = Buckets(per_minute / 60, max(1.0, per_minute)) if per_minute else None

    def request(self, project: ProjectId, now_s: float) -> Allowance | None:
        """Count a project's request; None: there is no limit."""
        if self._requests is None:
            return None
        left = self._requests.take(project, now_s)
        return Allowance(int(self._size), left, self._requests.wait_s(project, now_s))

    def shut_s(self, source: str, now_s: float) -> int:
        """Say for how many seconds nobody from an address may try to log in; 0: they may."""
        return 0 if self._wrong is None else self._wrong.wait_s(source, now_s)

    def wrong(self, source: str, now_s: float) -> None:
        """Count wrong credentials from an address."""
        if self._wrong is not None:
            self._wrong.take(source, now_s)
