"""The words of delivery: what is owed to a customer's server, and what came of trying. Plain values.

They live on the lowest floor because the store keeps them and the courier carries them, and those two never meet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from roomtone.core.ids import CallId, ConferenceId, RecordingId, StreamId
from roomtone.core.notices import Notice


def event_id(of: ConferenceId | CallId | RecordingId | StreamId, sequence: int) -> str:
    """Name a notice for ever: 32 lower-case hex digits, the same in every life of the program.

    It is derived, not drawn, so that a notice that is delivered again (a retry, a crash between the customer's answer
    and our record of it) is recognisably the same one.

    Args:
        of: The conference, call, recording or stream it tells of.
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
    return hashlib.sha256(f"roomtone {kind} {of.hex} {sequence}".encode()).hexdigest()[:32]


def host_of(url: str) -> str:
    """Give host and port of a URL in lower case, without a user; empty if it is no URL. Couriers share by it."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


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


@dataclass(frozen=True, slots=True)
class Claim:
    """What a courier asks of the outbox."""

    holder: str
    """Name of the courier, the same in every life of it: its leases can be returned after a crash."""

    now_ms: int
    until_ms: int
    """When the leases run out, wall clock."""

    limit: int
    """At most this many notices."""

    each: int
    """At most this many for one host."""

    busy: frozenset[str] = frozenset()
    """Hosts that have their share already: nothing for them is wanted."""
