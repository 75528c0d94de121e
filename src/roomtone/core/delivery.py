"""The words of delivery: what is owed to a customer's server, and what came of trying. Plain values.

They live on the lowest floor because the store keeps them and the courier carries them, and those two never meet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId, StreamId, TranscriptionId
from roomtone.core.notices import Notice


def event_id(of: ConferenceId | CallId | RecordingId | StreamId | TranscriptionId, sequence: int) -> str:
    """Name a notice for ever: 32 lower-case hex digits, the same in every life of the program.

    It is derived, not drawn, so that a notice that is delivered again (a retry, a crash between the customer's answer
    and our record of it) is recognisably the same one.

    Args:
        of: The conference, call, recording, stream or transcription it tells of.
        sequence: Its number there.
    """
    match of:
        case ConferenceId():
            kind = "event"
        case CallId():
            kind = "call event"
        case RecordingId():
            kind = "recording event"
        case StreamId():
            kind = "stream event"
        case TranscriptionId():
            kind = "transcription event"
    return hashlib.sha256(f"roomtone {kind} {of.hex} {sequence}".encode()).hexdigest()[:32]


def host_of(url: str) -> str:
    """Give host and port of a URL in lower case, without a user; empty if it is no URL. Couriers share by it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


class Outcome(StrEnum):
    """What became of a notice in the end."""

    DELIVERED = "delivered"
    GIVEN_UP = "given up"
    """It was tried as often as it was to be."""

    EXPIRED = "expired"
    """Its server was away for too long; whatever attempts were left were never made."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice taken out of the outbox under a lease: until the lease runs out nobody else delivers it."""

    row: int
    """Its place in the outbox."""

    event_id: str
    """Its name, the same at every attempt."""

    notice: Notice
    host: str
    """Whose server it goes to: `host_of` its URL."""

    attempts: int
    """How often its delivery was tried already, from 0."""

    holder: str
    """Whose lease it is."""

    leased_until_ms: int
    """Wall clock at which the lease runs out, ms since 1970 UTC."""

    owed_ms: int = 0
    """Since when it is owed: committed, or put back to be told again."""

    uncounted: int = 0
    """How many of the attempts do not count: those before it was put back, and those that only asked whether its
    server is there again."""

    @property
    def addressee(self) -> Addressee:
        """Whom it is for."""
        return Addressee(self.notice.project, self.host)


class Addressee(NamedTuple):
    """One project's server at one host: those that share nothing, so that neither waits for the other."""

    project: ProjectId
    host: str


class Waiting(NamedTuple):
    """An addressee that is owed something."""

    addressee: Addressee
    ready_ms: int
    """When the first of its lanes' heads can be given out: due, and leased to nobody."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice as the outbox keeps it, told or not."""

    row: int
    event_id: str
    notice: Notice
    host: str
    attempts: int
    owed_ms: int
    due_ms: int
    """When it is tried next, if it is still owed."""

    settled_ms: int | None
    """When it was delivered or given up; None: it is still owed."""

    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try."""

    number: int
    """From 1 within its notice."""

    at_ms: int
    """Wall clock at its beginning, ms since 1970 UTC."""

    latency_ms: int
    """From its beginning to the answer or the fault."""

    status: int | None
    """HTTP status of the answer; None: there was none."""

    problem: str | None = None
    """One sentence when there was no answer; None otherwise."""


class Want(NamedTuple):
    """How much is wanted for one addressee."""

    addressee: Addressee
    most: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a courier asks of the outbox."""

    holder: str
    """Name of the courier, the same in every life of it: its leases can be returned after a crash."""

    now_ms: int
    until_ms: int
    """When the leases run out, wall clock."""

    wants: tuple[Want, ...]
