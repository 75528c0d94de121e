"""A recording as a value: what is known of it, not its sound.

Sources: Twilio "Recording resource", "Conference recording"; SignalWire "Recordings".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId


class RecordingStatus(StrEnum):
    """How far a recording is; the words both vendors have."""

    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    STOPPED = "stopped"
    COMPLETED = "completed"
    ABSENT = "absent"


class RecordingSource(StrEnum):
    """What began a recording; each dialect has its own words for these."""

    DIAL = "dial"
    CONFERENCE = "conference"
    CALL_MADE = "call-made"
    """Wished for when the call was made by REST."""

    RECORD_VERB = "record-verb"
    CALL_STARTED = "call-started"
    """Begun by REST on a call that was up."""

    CONFERENCE_STARTED = "conference-started"
    """Begun by REST in a conference."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of one project."""

    id: RecordingId
    project: ProjectId
    created_ms: int
    updated_ms: int
    source: RecordingSource
    status: RecordingStatus = RecordingStatus.IN_PROGRESS
    call: CallId | None = None
    """The call that was recorded; of a conference, the first that was in it."""

    conference: ConferenceId | None = None
    """The conference that was recorded; None: a call was."""

    channels: int = 1
    """1 or 2."""

    started_ms: int | None = None
    ended_ms: int | None = None
    """None: not over."""

    track: str = "both"
    """``inbound``, ``outbound`` or ``both``."""

    trimmed: bool = False
    """Whether silence at both ends is cut away."""

    error_code: int | None = None
    """Why it is absent."""

    @property
    def duration_s(self) -> int | None:
        """Whole seconds from start to end; None until it is over."""
        if self.started_ms is None or self.ended_ms is None:
            return None
        return max(0, self.ended_ms - self.started_ms) // 1_000
