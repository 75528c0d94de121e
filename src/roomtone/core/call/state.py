"""A call as a value. Its life is in `step.py`.

A call is the customer's resource; the leg (switchboard) is our running task for it. Its document, where it stands in
it, is kept beside it as text, so that a restarted brain goes on with the next verb.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.conference.messages import CallStatus
from roomtone.core.ids import CallId, ConferenceId, NumberId, ProjectId, RecordingId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.values import Caller, Method

__all__ = ["Call", "CallCallback", "CallStatus", "CallTopic", "HangupParty"]


class CallTopic(StrEnum):
    """What a customer can subscribe to of one call, in the order in which it comes."""

    INITIATED = "initiated"
    """We began to call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"
    """It is over, however it ended."""


@dataclass(frozen=True, slots=True)
class CallCallback:
    """Where a customer wants to be told how a call fares, and of what."""

    url: str
    """Absolute http or https URL, as configured."""

    method: Method = Method.POST
    events: frozenset[CallTopic] = frozenset({CallTopic.COMPLETED})


class HangupParty(StrEnum):
    """Who ended a call."""

    PEER = "peer"
    ROOMTONE = "roomtone"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one project."""

    id: CallId
    project: ProjectId
    caller: Caller
    created_ms: int
    updated_ms: int
    status: CallStatus = CallStatus.QUEUED
    started_ms: int | None = None
    """Wall clock of the answer."""

    ended_ms: int | None = None
    number: NumberId | None = None
    """The claimed number that was called, if one was."""

    conference: ConferenceId | None = None
    """The conference it is in now."""

    script: str | None = None
    """Where it stands in its document: versioned JSON made and read by `roomtone.cxml.script`; opaque here."""

    parameters: tuple[tuple[str, str], ...] = ()
    """Extra request parameters the call brought along (SipCallId, SipHeader_X-…), in order."""

    hung_up_by: HangupParty | None = None
    revision: int = 0
    """Counts commits: the fence against two writers. Counted by `revised`, not by each change."""

    callback: CallCallback | None = None
    """Where its life is told; None: nowhere."""

    last_sequence: int = -1
    """Number of the last notice of this call, from 0; -1: there was none. Counted by `notices`."""

    sip_status: int | None = None
    """Final SIP response to its INVITE, once it is over; None: there was none, or nobody told."""

    queue_ms: int = 0
    """How long a call of ours had to wait for its turn."""

    time_limit_s: int | None = None
    """Seconds that it may last from its answer; None: nobody said so."""

    record: RecordingWish | None = None
    """How it is recorded from its answer; None: it is not."""

    recording: RecordingId | None = None
    """The recording that was begun with its answer; None: none was."""

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.ended_ms is not None

    @property
    def began_ms(self) -> int | None:
        """When it began, as its record tells: at its answer; if it ended unanswered, when it was made; else None yet."""
        if self.started_ms is not None or not self.over:
            return self.started_ms
        return self.created_ms

    @property
    def duration_s(self) -> int | None:
        """Whole seconds from the answer to the end, begun ones not counted; 0 if never answered, None until over."""
        if self.ended_ms is None:
            return None
        return 0 if self.started_ms is None else max(0, self.ended_ms - self.started_ms) // 1_000
