"""What the courier needs from its neighbours, in its own words; `server.py` introduces them to each other.

The outbox is the store's. Its one promise: of each lane's undelivered notices at most one, the oldest, is out under a
lease at any time. That is what keeps them in order. A lane is a conference, a call or a recording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from roomtone.core.delivery import Attempt, Claim, Owed, Waiting
from roomtone.core.ids import ProjectId
from roomtone.core.moment import Moment
from roomtone.core.notices import Notice
from roomtone.core.project import Project
from roomtone.net.words import Answer, NetFault, Question


class Outbox(Protocol):
    """Notices that are owed, committed together with what they tell. All times are wall clock, ms since 1970 UTC."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find whose notice it is: the project decides dialect and signing key."""

    async def waiting(self) -> Sequence[Waiting]:
        """List who is owed something, each with when the first of it can be given out."""

    async def claim(self, claim: Claim) -> Sequence[Owed]:
        """Lease the oldest undelivered notice of some lanes, of each addressee those first that are due first.

        A lane whose oldest notice is leased to somebody, or not due yet, gives none.
        """

    async def delivered(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it arrived, and lease the lane's next notice until `until_ms`, or else one of the same addressee.

        None is leased if the lease of `owed` had run out and somebody else took it. If `until_ms` is None the
        lane's next notice goes to the back of the queue of all that is due.
        """

    async def given_up(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it will not be tried again, and lease the lane's next notice likewise."""

    async def postponed(self, owed: Owed, attempt: Attempt, *, due_ms: int, counts: bool = True) -> None:
        """Record that it did not arrive, return the lease, and have it due at `due_ms`.

        `counts` says whether this was one of the attempts that it may have.
        """

    async def release(self, holder: str) -> None:
        """Return every lease of this holder: an earlier life of it has crashed."""


class Remains(Protocol):
    """What the outbox keeps of what is over, or should be."""

    async def expire(self, owed_before_ms: int, now_ms: int) -> int:
        """Give up some of what is owed since before a moment; gives how many, 0 if there are no more."""

    async def set_back(self, now_ms: int) -> int:
        """Have some of what seems to be owed in the future owed now; gives how many, 0 if there are no more."""

    async def forget(self, settled_before_ms: int) -> int:
        """Delete some of what was settled before a moment; gives how many, 0 if there are no more."""


class Http(Protocol):
    """The guarded client (`roomtone.net`)."""

    async def ask(self, question: Question) -> Answer | NetFault:
        """Ask a customer's server; never raises for a fault of the world."""


class Clock(Protocol):
    """Reads the time."""

    def now(self) -> Moment:
        """Give both clocks, read together."""


class Settle(Protocol):
    """Writes down what became of a notice in the end: `Outbox.delivered` or `Outbox.given_up`."""

    async def __call__(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Write it, and lease what is next until then."""


Spell = Callable[[Notice, Project], Question]
"""Puts a notice into the words of a project's dialect, signed; its patience says how often it may be tried."""
