"""Whose turn it is: how much of the courier each addressee gets, and which are taken to be away. Pure.

An *addressee* is one project's server at one host. Each has lanes of its own, a few at first and one more for every
notice that arrives, so that nobody is met by everything at once; projects, hosts and those not known to be quick have a
bound each, so that what waits for a server that is slow or dead never takes what others need.

A circuit breaker watches each addressee: after some failures in a row by which nobody seems to be there it is *away*,
and one delivery at a time asks whether it is back, after waits that double, until something arrives.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from roomtone.core.delivery import Addressee, Waiting, Want
from roomtone.core.ids import ProjectId
from roomtone.core.moment import Moment

_FORGOTTEN_AT = 10_000
"""Addressees remembered at most; of those that nothing is under way for, the ones not heard of for longest are forgotten."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How much there is to share. Numbers are of lanes: deliveries under way at the same time."""

    parallel: int = 128
    """In all."""

    unproven: int = 64
    """For all addressees together that have not just answered within `quick_s`."""

    per_project: int = 32
    per_host: int = 16
    per_addressee: int = 8

    at_first: int = 4
    """For an addressee of which nothing is known; each notice that arrives makes it one more."""

    quick_s: float = 1.0

    trip: int = 5
    """Failures in a row after which an addressee is away."""

    first_wait_s: float = 1.0
    """How long one that is away is left alone at first, in seconds; doubled after each delivery that fails."""

    longest_wait_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an addressee."""

    share: int
    lanes: int = 0
    quick: bool = False
    failures: int = 0
    """In a row, of the kind by which nobody seems to be there."""

    wait_s: float = 0.0
    """How long it is left alone; 0: it is not away."""

    until: Moment | None = None
    """When it is asked again, if it is away."""

    @property
    def away(self) -> bool:
        """Whether it is left alone but for one delivery now and then."""
        return self.until is not None


class Shares:
    """Counts who has how much."""

    def __init__(self, settings: Sharing) -> None:
        self._settings = settings
        self._records: dict[Addressee, Record] = {}
        self._projects: Counter[ProjectId] = Counter()
        self._hosts: Counter[str] = Counter()
        self._unproven = 0
        self._lanes = 0

    def of(self, addressee: Addressee) -> Record:
        """Give what is known of an addressee."""
        return self._records.get(addressee) or Record(
            min(self._settings.at_first, self._settings.per_addressee)
        )

    def choose(self, waiting: Iterable[Waiting], now: Moment) -> tuple[Want, ...]:
        """Say what to claim: of each that is due one, then of each another, as far as there is room.

        Args:
            waiting: Who is owed something.
            now: The time.
        """
        due = [one for one in waiting if one.ready_ms <= now.wall_ms and not self._rests(one.addressee, now)]
        turns = deque(one.addressee for one in sorted(due, key=lambda one: one.ready_ms))
        wanted: Counter[Addressee] = Counter()
        try:
            while turns and self._lanes < self._settings.parallel:
                addressee = turns.popleft()
                if self._room(addressee):
                    self.begin(addressee)
                    wanted[addressee] += 1
                    turns.append(addressee)
        finally:
            for addressee in wanted.elements():
                self.end(addressee)
        return tuple(Want(addressee, most) for addressee, most in wanted.items())

    def next_ms(self, waiting: Iterable[Waiting], now: Moment) -> int | None:
        """Say when there is something to claim that there is not now, if nothing else happens; wall clock.

        None: not before something that is under way ends, or is committed.
        """
        times = []
        for one in waiting:
            until = self.of(one.addressee).until
            if until is not None and until.mono_ns > now.mono_ns:
                times.append(max(one.ready_ms, now.wall_ms + _ms_between(now, until)))
            elif one.ready_ms > now.wall_ms:
                times.append(one.ready_ms)
        return min(times, default=None)

    # What is under way ---------------------------------------------------------------------------------------------------

    def begin(self, addressee: Addressee) -> None:
        """A lane begins."""
        record = self.of(addressee)
        self._records[addressee] = replace(record, lanes=record.lanes + 1)
        self._count(addressee, record, 1)

    def end(self, addressee: Addressee) -> None:
        """A lane ends."""
        record = self._records.pop(addressee)
        self._records[addressee] = replace(record, lanes=record.lanes - 1)
        self._count(addressee, record, -1)
        self._forget()

    def arrived(self, addressee: Addressee, latency_s: float) -> bool:
        """Note that somebody is there; gives whether they were away."""
        before = self.of(addressee)
        share = min(before.share + 1, self._settings.per_addressee)
        quick = latency_s <= self._settings.quick_s
        self._learn(addressee, Record(share, before.lanes, quick))
        return before.away

    def missed(self, addressee: Addressee, now: Moment) -> bool:
        """Note that nobody seemed to be there; gives whether they are away from now on and were not before."""
        before = self.of(addressee)
        after = replace(before, failures=before.failures + 1, quick=False)
        if after.failures >= self._settings.trip and (
            before.until is None or before.until.mono_ns <= now.mono_ns
        ):
            wait_s = min(max(before.wait_s * 2, self._settings.first_wait_s), self._settings.longest_wait_s)
            at_first = min(self._settings.at_first, self._settings.per_addressee)
            after = replace(after, wait_s=wait_s, until=now.after(wait_s), share=at_first)
        self._learn(addressee, after)
        return after.away and not before.away

    # ---------------------------------------------------------------------------------------------------------------------

    def _rests(self, addressee: Addressee, now: Moment) -> bool:
        """Whether an addressee is away, and being asked already or not to be asked yet."""
        record = self.of(addressee)
        return record.until is not None and (record.lanes > 0 or now.mono_ns < record.until.mono_ns)

    def _room(self, addressee: Addressee) -> bool:
        """Whether one more lane may begin for an addressee."""
        record, settings = self.of(addressee), self._settings
        share = 1 if record.away else record.share
        return (
            record.lanes < share
            and self._projects[addressee.project] < settings.per_project
            and self._hosts[addressee.host] < settings.per_host
            and (record.quick or self._unproven < settings.unproven)
        )

    def _learn(self, addressee: Addressee, after: Record) -> None:
        before = self.of(addressee)
        if before.quick != after.quick:
            self._unproven += before.lanes if before.quick else -before.lanes
        self._records[addressee] = after

    def _count(self, addressee: Addressee, record: Record, by: int) -> None:
        self._lanes += by
        self._projects[addressee.project] += by
        self._hosts[addressee.host] += by
        self._unproven += 0 if record.quick else by
        if not self._projects[addressee.project]:
            del self._projects[addressee.project]
        if not self._hosts[addressee.host]:
            del self._hosts[addressee.host]

    def _forget(self) -> None:
        """Keep no more records than are of use."""
        if len(self._records) > _FORGOTTEN_AT:
            idle = [one for one, record in self._records.items() if not record.lanes]
            for one in idle[: len(idle) // 2]:
                del self._records[one]


def _ms_between(now: Moment, later: Moment) -> int:
    """Round up, so that whoever waits so long does not come too early."""
    return -((now.mono_ns - later.mono_ns) // 1_000_000)
