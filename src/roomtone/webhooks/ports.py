"""What the courier needs from its neighbours, in its own words; `server.py` introduces them to each other.

The outbox is the store's. Its one promise: of each conference's undelivered notices at most one, the oldest, is out
under a lease at any time. That is what keeps them in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from roomtone.core.delivery import Attempt, Owed
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project


class Outbox(Protocol):
    """Notices that are owed, committed together with what they tell. All times are wall clock, ms since 1970 UTC."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find whose notice it is: the project decides dialect and signing key."""

    async def claim(self, holder: str, *, now_ms: int, until_ms: int, limit: int) -> Sequence[Owed]:
        """Lease the oldest undelivered notice of up to `limit` conferences, those due first coming first.

        A conference whose oldest notice is leased to somebody, or not due yet, gives none.
        """

    async def delivered(self, owed: Owed, attempt: Attempt, *, until_ms: int) -> Owed | None:
        """Record that it arrived, and lease the conference's next notice, if there is one and the lease still held."""

    async def given_up(self, owed: Owed, attempt: Attempt, *, until_ms: int) -> Owed | None:
        """Record that it will not be tried again, and lease the conference's next notice likewise."""

    async def postponed(self, owed: Owed, attempt: Attempt, *, due_ms: int) -> None:
        """Record that it did not arrive, return the lease, and have it due at `due_ms`."""

    async def next_due(self) -> int | None:
        """Say when a claim can give something: the earliest due time, or end of a lease, of any conference's oldest."""

    async def release(self, holder: str) -> None:
        """Return every lease of this holder: an earlier life of it has crashed."""
