"""A recording as a value: what is known of it, not its sound.

Sources: Twilio "Recording resource", "Conference recording"; SignalWire "Recordings".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId
from roomtone.core.recording.wishes import RecordingCallback, Side, Transcribing


class RecordingStatus(StrEnum):
    """How far a recording is; the words both vendors have."""

    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    STOPPED = "stopped"
    """Ended by a customer; its sound is not ready yet."""

    PROCESSING = "processing"
    """Over; its sound is not ready yet."""

    COMPLETED = "completed"
    """Its sound can be fetched."""

    ABSENT = "absent"
    """There is no sound."""

    FAILED = "failed"
    """It could not be recorded, or not to its end; what there is of it can be fetched."""


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


class Reel(StrEnum):
    """How time runs in a recording."""

    RUNNING = "running"
    SILENT = "silent"
    """Time goes on, and nothing is heard."""

    STANDING = "standing"
    """Time stands still, as if it had not passed."""


class RecordingFault(StrEnum):
    """Why there is no sound, or not all of it."""

    SILENT = "silent"
    """Nobody said anything."""

    EMPTY = "empty"
    """It was over before anything was recorded."""

    NOT_TAKEN = "not-taken"
    """The engine could not begin."""

    DISK_FULL = "disk-full"
    CANNOT_WRITE = "cannot-write"
    UNREADABLE = "unreadable"


OVER = frozenset({RecordingStatus.COMPLETED, RecordingStatus.ABSENT, RecordingStatus.FAILED})
"""Nothing more becomes of a recording in one of these."""


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
    """Wall clock of the first sample."""

    ended_ms: int | None = None
    """None: not over."""

    track: str = "both"
    """``inbound``, ``outbound`` or ``both``."""

    trimmed: bool = False
    """Whether silence at both ends is cut away."""

    fault: RecordingFault | None = None
    """Why there is no sound, or not all of it."""

    revision: int = 0
    """Counts commits: the fence against two writers."""

    callback: RecordingCallback | None = None
    """Where its news goes; None: nowhere."""

    last_sequence: int = 0
    """Number of the newest notice, from 1, gap-free in each recording."""

    rate_hz: int = 16_000
    reel: Reel = Reel.RUNNING
    stood_ms: int = 0
    """How long time has stood still in it so far."""

    standing_since_ms: int | None = None
    """Since when time stands still; None: it runs."""

    present: tuple[CallId, ...] = ()
    """Who is in the conference now."""

    announced: tuple[str, ...] = ()
    """Key of the announcement that plays to everybody in the conference now."""

    apart: bool = False
    """Whether each participant has a track of their own."""

    parts: tuple[CallId, ...] = ()
    """Those who have had a track of their own so far."""

    whole: bool = False
    """Whether the engine has written the last of it."""

    samples: int | None = None
    """How long the engine says it is; None: nobody knows."""

    lost_samples: int = 0
    duration_ms: int | None = None
    """Of its sound as it is delivered; None: there is none yet."""

    size_bytes: int | None = None
    sha256: str | None = None
    transcribing: Transcribing | None = None
    """Whether what was said is to be written down, once it is over."""

    @property
    def side(self) -> Side:
        """Which direction of a call is recorded."""
        return Side(self.track)

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.status in OVER

    @property
    def fetchable(self) -> bool:
        """Whether there is sound to be fetched."""
        return self.duration_ms is not None

    @property
    def duration_s(self) -> int | None:
        """Whole seconds of its sound; None until it is over."""
        if self.duration_ms is not None:
            return self.duration_ms // 1_000
        if self.started_ms is None or self.ended_ms is None:
            return None
        return max(0, self.ended_ms - self.started_ms - self.stood_ms) // 1_000

    @property
    def soundless(self) -> bool:
        """Whether there is no sound, and never will be."""
        return self.over and not self.fetchable

    def sample_at(self, wall_ms: int) -> int:
        """Say which sample was heard at a moment: the time it ran until then, what it stood still left out."""
        if self.started_ms is None:
            return 0
        until_ms = wall_ms if self.standing_since_ms is None else min(wall_ms, self.standing_since_ms)
        return max(0, until_ms - self.started_ms - self.stood_ms) * self.rate_hz // 1_000
