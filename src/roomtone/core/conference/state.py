"""A conference as a value: complete, frozen, serialisable.

`step` returns a new one; nothing else makes one. Sources: contract of the Participants and Conferences resources of
both vendors (SignalWire "Update a Participant"; Twilio "Participant resource", "Conference resource").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.values import Beep, Caller, Document, HouseMusic, JitterBuffer, Method, Music


class Status(StrEnum):
    """Where a conference is in its life; never backwards."""

    INIT = "init"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


class Topic(StrEnum):
    """What a customer can ask to be told about a conference."""

    START = "start"
    END = "end"
    JOIN = "join"
    LEAVE = "leave"
    MUTE = "mute"
    HOLD = "hold"
    MODIFY = "modify"
    SPEAKER = "speaker"
    ANNOUNCEMENT = "announcement"


class EndReason(StrEnum):
    """Why a conference ended (Twilio "Conference resource", ReasonConferenceEnded)."""

    VIA_API = "conference-ended-via-api"
    END_ON_EXIT_LEFT = "participant-with-end-conference-on-exit-left"
    END_ON_EXIT_KICKED = "participant-with-end-conference-on-exit-kicked"
    LAST_KICKED = "last-participant-kicked"
    LAST_LEFT = "last-participant-left"


class LeaveReason(StrEnum):
    """Why a participant left (Twilio conference status callback, ReasonParticipantLeft)."""

    CONFERENCE_ENDED_VIA_API = "conference_ended_via_api"
    MODERATOR_ENDED = "moderator_ended_conference"
    UPDATED_VIA_API = "participant_updated_via_api"
    HUNG_UP = "participant_hung_up"
    ADD_FAILED = "participant_add_failed"


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a conference's news goes. The first participant's wins; later ones are ignored."""

    url: str
    method: Method
    topics: frozenset[Topic]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement in a queue; the first of a queue is the one that plays."""

    turn: int
    """Number of the announcement in its conference, from 1; makes its soundtrack's key its own."""

    document: Document


class Progress(StrEnum):
    """How far somebody's call into a conference has come (Twilio "Participant resource", status)."""

    QUEUED = "queued"
    """They are going to be called, or are being called."""

    RINGING = "ringing"
    HERE = "connected"


class Early(StrEnum):
    """Whether the room hears what comes from somebody's call before it is answered: ringing, a message."""

    UNWANTED = "unwanted"
    WANTED = "wanted"
    SOUNDS = "sounds"
    """It is wanted, and there is some."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A call's presence in a conference. Flags are independent of one another and survive each other."""

    id: ParticipantId
    call: CallId
    caller: Caller
    created_ms: int
    """Wall clock of the join, ms since 1970 UTC."""

    updated_ms: int
    """Wall clock of the last change a customer can see."""

    label: str | None = None
    muted: bool = False
    hold: Music | None = None
    """None: not on hold; else what they hear instead of the room."""

    hold_turn: int = 0
    """Counts the times hold music was begun; a new turn restarts it."""

    wait: Music = HouseMusic()
    """What they hear until the conference starts."""

    wait_turn: int = 0
    """Counts changes of `wait`; a new turn restarts it."""

    coaching: bool = False
    coached: CallId | None = None
    """Whom they coach; kept when that one leaves, so a whisper never turns public."""

    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: Beep = Beep()
    announcements: tuple[Announcement, ...] = ()
    """Announcements to this participant alone, in order."""

    speaking: bool = False
    """Last speech fact from the engine; kept so that a start is told once."""

    jitter_buffer: JitterBuffer = JitterBuffer.LARGE
    progress: Progress = Progress.HERE
    early: Early = Early.UNWANTED
    """Of somebody who is being called."""

    @property
    def here(self) -> bool:
        """Whether their call is answered: until then they neither hear nor are heard."""
        return self.progress is Progress.HERE

    @property
    def sounds_early(self) -> bool:
        """Whether something comes from their call, which is not answered yet, that the room is to hear."""
        return self.early is Early.SOUNDS and not self.here

    @property
    def held(self) -> bool:
        """Whether they are on hold."""
        return self.hold is not None


@dataclass(frozen=True, slots=True)
class Conference:
    """A shared room, from its first participant to its end."""

    id: ConferenceId
    project: ProjectId
    name: str
    """The friendly name: unique in its project among conferences not completed; trimmed, 1 to 128 characters."""

    created_ms: int
    updated_ms: int
    status: Status = Status.INIT
    participants: tuple[Participant, ...] = ()
    """Those present now, in the order they joined."""

    announcements: tuple[Announcement, ...] = ()
    """Announcements to everybody present, in order."""

    last_turn: int = 0
    """Number of the newest announcement, to anybody."""

    callback: Callback | None = None
    region: str = "us1"
    revision: int = 0
    """Counts commits: the fence against two writers."""

    plan_revision: int = 0
    """Counts changes of the mix plan; the engine ignores an older plan than it has."""

    last_sequence: int = 0
    """SequenceNumber of the newest notice, from 1, gap-free per conference."""

    end_reason: EndReason | None = None
    ended_by: CallId | None = None
    """The call whose leaving ended the conference; None when it was ended through the API."""

    ended_by_label: str | None = None
    record: RecordingWish | None = None
    """How it is recorded: from its start, by the first participant's wish, or since somebody began. None: it is not."""

    voices: tuple[str, ...] = ()
    """Keys of sources through which servers speak into the room, in the order they came."""

    def find(self, call: CallId) -> Participant | None:
        """Give the participant with this call, or None."""
        return next((one for one in self.participants if one.call.value == call.value), None)
