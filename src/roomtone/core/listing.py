"""What a list of things can be asked for: filters, and a window that stays put while things come and go.

Every list runs newest first: by creation time, then by id, both descending. A window hangs on a *place* in that order
and not on an item, so it still opens where it was after its item is gone. Spelled by a dialect, answered by the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.call.state import CallStatus
from roomtone.core.conference.state import Status
from roomtone.core.ids import CallId, ConferenceId, Id, RecordingId
from roomtone.core.pool import KindRange


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of a list."""

    created_ms: int
    """When the item there was made, ms since 1970 UTC."""

    id: Id
    """The item's own id (of a participant: not its call's)."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which run of a list is wanted. With neither place it is the head; both are never given together."""

    limit: int
    """At most this many items, 1 or more."""

    after: Place | None = None
    """Items strictly after this place: older ones, beginning with the next."""

    before: Place | None = None
    """Items strictly before this place: the newer ones nearest to it, still given newest first."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, ms since 1970 UTC; an end that is None is open."""

    from_ms: int | None = None
    """First millisecond inside."""

    until_ms: int | None = None
    """First millisecond outside."""


ALWAYS = Span()
"""All of time."""


@dataclass(frozen=True, slots=True)
class ParticipantFilter:
    """Which present participants; None takes both kinds."""

    muted: bool | None = None
    held: bool | None = None
    coaching: bool | None = None


@dataclass(frozen=True, slots=True)
class ConferenceFilter:
    """Which conferences of a project."""

    name: str | None = None
    """Exactly this friendly name."""

    status: Status | None = None
    created: Span = ALWAYS
    updated: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Which claimed numbers of a project."""

    phone_number: str | None = None
    """A run of characters found anywhere in the E.164 spelling; ``*`` stands for any one. Only ``+``, digits, ``*``."""

    friendly_name: str | None = None
    """Exactly this name."""

    of: KindRange | None = None
    """Of one kind."""


@dataclass(frozen=True, slots=True)
class BinFilter:
    """Which hosted documents of a project."""

    name: str | None = None
    """Exactly this name."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls of a project, over or not."""

    to: str | None = None
    """Exactly this called number, SIP user or client name."""

    from_: str | None = None
    """Exactly this calling one."""

    status: CallStatus | None = None
    parent: CallId | None = None
    """Made by this call."""

    began: Span = ALWAYS
    """When it began (`Call.began_ms`)."""

    ended: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """Which applications of a project."""

    name: str | None = None
    """Exactly this name."""


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """Which notifications of a project."""

    call: CallId | None = None
    failed: bool | None = None
    """Failures only, warnings only, or None: both."""

    created: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """Which recordings of a project."""

    call: CallId | None = None
    conference: ConferenceId | None = None
    created: Span = ALWAYS


@dataclass(frozen=True, slots=True)
class TranscriptionFilter:
    """Which transcriptions of a project."""

    recording: RecordingId | None = None
    created: Span = ALWAYS
