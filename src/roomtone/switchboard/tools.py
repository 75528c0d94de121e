"""What every leg is given, and how it says no."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roomtone.core.call.state import CallStatus
from roomtone.core.call.wishes import Invitation
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason
from roomtone.core.values import Document
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import RejectReason
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.dialogue import Dialogue
from roomtone.switchboard.directory import Directory
from roomtone.switchboard.farewells import Farewells
from roomtone.switchboard.notifier import Notifier
from roomtone.switchboard.ports import Clock, Dice, Documents, Media
from roomtone.switchboard.queues import Queues
from roomtone.switchboard.recordings import Recordings
from roomtone.switchboard.records import Records
from roomtone.switchboard.sources import Sources
from roomtone.switchboard.streams import Streams

REFUSED_JOINS: Mapping[Reason, Oddity] = MappingProxyType(
    {
        Reason.COACH_TARGET_MISSING: Oddity.COACHED_NOT_THERE,
        Reason.COACH_TARGET_NOT_PRESENT: Oddity.COACHED_NOT_THERE,
        Reason.COACH_TARGET_ON_HOLD: Oddity.COACHED_NOT_THERE,
        Reason.CONFERENCE_FULL: Oddity.CONFERENCE_FULL,
        Reason.LABEL_INVALID: Oddity.LABEL_INVALID,
        Reason.LABEL_TAKEN: Oddity.LABEL_TAKEN,
    }
)
"""What a document's notification calls a join that was refused."""

REJECTIONS = {
    RejectReason.REJECTED: (603, "Decline", CallStatus.NO_ANSWER),
    RejectReason.BUSY: (486, "Busy Here", CallStatus.BUSY),
}
"""What a rejected caller is told, and how the call ends in the customer's record."""


RingParty = Callable[[Project, Invitation, Document | None, CallId, Attempt], Awaitable[None]]
"""Whose document dials, whom it dials, what they hear before they are connected, the call that dials, and who is told."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every leg is given."""

    clock: Clock
    dice: Dice
    records: Records
    media: Media
    documents: Documents
    sources: Sources
    directory: Directory
    queues: Queues
    notifier: Notifier
    farewells: Farewells
    ring_party: RingParty
    """Begins to call somebody for a dial; raises `Refused` if they may not be called."""

    dialogue: Dialogue
    later: Callable[[Coroutine[None, None, None], str], None]
    """Has something done that outlives the call it is for; its name is for whoever looks at the tasks."""

    recordings: Recordings
    streams: Streams
    house: str = ""
    """The house's own address, without a slash at its end: sound is fetched there."""

    silent_hang_up_s: float = 0.0
    """Seconds without a packet that end a call; 0: none do."""
