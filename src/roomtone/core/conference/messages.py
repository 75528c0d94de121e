"""What a conference is told (commands, signals) and what it tells (events, effects).

Commands are imperative: someone wants something. Signals are noun and participle: something happened outside. Events
are past: something is now true. Effects are orders about machinery, performed after the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.conference.mix import MixPlan
from roomtone.core.conference.state import (
    Callback,
    Conference,
    EndReason,
    LeaveReason,
    Participant,
)
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.values import Beep, Caller, Document, HouseMusic, JitterBuffer, Music

Who = CallId | str
"""A participant, by call or by label (exact, case-sensitive). A label that looks like a call is refused at the door."""


# Commands ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """A call wants in."""

    participant: ParticipantId
    """The new participant's identity, minted by the caller of `step`."""

    call: CallId
    caller: Caller
    label: str | None = None
    muted: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: Beep = Beep()
    wait: Music = HouseMusic()
    coached: CallId | None = None
    """Enter as a coach of this call."""

    max_participants: int = 250
    """The joiner's own limit: they are refused if the room holds this many already."""

    callback: Callback | None = None
    """Used only by the first participant of a conference."""

    region: str | None = None
    jitter_buffer: JitterBuffer = JitterBuffer.LARGE
    early_sound: bool = False
    """Whether the room is to hear what comes from their call before it is answered."""

    record: RecordingWish | None = None
    """Used only by the first participant of a conference: how it is recorded from its start."""


Seating = Callable[[ParticipantId, CallId, Caller], Join]
"""How somebody takes part, once it is known by which call."""


@dataclass(frozen=True, slots=True)
class Expect:
    """A call is being made that will want in: its participant is named already. `Join` of the same call follows."""

    join: Join


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a participant out (REST DELETE)."""

    who: Who


@dataclass(frozen=True, slots=True)
class Hold:
    """Put a participant on hold, or change what a held one hears."""

    who: Who
    music: Music = HouseMusic()


@dataclass(frozen=True, slots=True)
class ChangeHoldMusic:
    """Change what a held participant hears; no effect on one who is not held (HoldUrl without Hold)."""

    who: Who
    music: Music


@dataclass(frozen=True, slots=True)
class Unhold:
    """Bring a participant back from hold."""

    who: Who


@dataclass(frozen=True, slots=True)
class Mute:
    """Nobody hears this participant; they go on hearing."""

    who: Who


@dataclass(frozen=True, slots=True)
class Unmute:
    """The participant is heard again."""

    who: Who


@dataclass(frozen=True, slots=True)
class Coach:
    """From now on only the coached hears this participant."""

    who: Who
    target: CallId | None = None
    """Whom to coach; None means the one stored before (`Coaching=true` without `CallSidToCoach`)."""


@dataclass(frozen=True, slots=True)
class StopCoaching:
    """The participant speaks to the room again; whom they coached is forgotten."""

    who: Who


@dataclass(frozen=True, slots=True)
class ChangeWait:
    """Change what a participant hears until the conference starts."""

    who: Who
    music: Music


@dataclass(frozen=True, slots=True)
class SetBeepOnExit:
    """Choose whether the room hears a tone when this participant leaves."""

    who: Who
    on: bool


@dataclass(frozen=True, slots=True)
class SetEndOnExit:
    """Choose whether the conference ends when this participant leaves."""

    who: Who
    on: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Play something once, to one participant or to everybody; queued behind what is playing to the same target."""

    document: Document
    who: Who | None = None
    """None: everybody present who is not on hold."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Have a conference recorded from now on. Whoever asks begins the recording itself; here it is noted."""

    wish: RecordingWish


@dataclass(frozen=True, slots=True)
class End:
    """End the conference now (REST Status=completed)."""


Command = (
    Join | Expect | Remove | Hold | ChangeHoldMusic | Unhold | Mute | Unmute | Coach | StopCoaching | ChangeWait
    | SetBeepOnExit | SetEndOnExit | Announce | StartRecording | End
)  # fmt: skip


# Signals -------------------------------------------------------------------------------------------------------------


class CallStatus(StrEnum):
    """Where a call is in its life, in the words both vendors share."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A call hung up or was lost: its participant is gone."""

    call: CallId
    status: CallStatus = CallStatus.COMPLETED


@dataclass(frozen=True, slots=True)
class CallRings:
    """The call of somebody who is expected rings."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallSounds:
    """Sound comes from the call of somebody who is expected, before the answer."""

    call: CallId


@dataclass(frozen=True, slots=True)
class LegLeft:
    """A call left the room but lives on (``*`` pressed, time limit, redirected)."""

    call: CallId
    reason: LeaveReason = LeaveReason.HUNG_UP


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The engine hears somebody speak."""

    call: CallId


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The engine hears somebody no more."""

    call: CallId


@dataclass(frozen=True, slots=True)
class SoundtrackEnded:
    """A soundtrack has been played to its end."""

    key: str


@dataclass(frozen=True, slots=True)
class SoundtrackFailed:
    """A soundtrack could not be fetched or was not audio."""

    key: str
    problem: str
    """One sentence for the customer (Twilio: ReasonAnnouncementFailed)."""


@dataclass(frozen=True, slots=True)
class VoiceOpened:
    """A server speaks into the room."""

    source: str
    """Key of the source that plays what it says."""


@dataclass(frozen=True, slots=True)
class VoiceClosed:
    """It does no more."""

    source: str


Signal = (
    LegEnded
    | CallRings
    | CallSounds
    | LegLeft
    | SpeechStarted
    | SpeechStopped
    | SoundtrackEnded
    | SoundtrackFailed
    | VoiceOpened
    | VoiceClosed
)

Message = Command | Signal
"""Everything a conference can be told."""


# Events --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConferenceStarted:
    """Two or more are present and one of them may start it."""


@dataclass(frozen=True, slots=True)
class ConferenceEnded:
    """The conference is completed."""

    reason: EndReason
    call: CallId | None


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """A call is now a participant."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """A participant is gone; how they were right before is in `Step.gone`, since the state no longer has them."""

    call: CallId
    reason: LeaveReason
    status: CallStatus
    """Of their call at that moment: in progress for one who was taken out of the room."""


@dataclass(frozen=True, slots=True)
class ParticipantMuted:
    """A participant is muted now and was not before."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantUnmuted:
    """A participant was muted and is not now."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantHeld:
    """A participant is on hold now and was not before."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantUnheld:
    """A participant was on hold and is not now."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantModified:
    """Coaching, BeepOnExit, EndConferenceOnExit or WaitUrl of a participant changed."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantSpeechStarted:
    """A participant began to speak."""

    call: CallId


@dataclass(frozen=True, slots=True)
class ParticipantSpeechStopped:
    """A participant stopped speaking."""

    call: CallId


@dataclass(frozen=True, slots=True)
class AnnouncementEnded:
    """An announcement was played to its end (or its target left)."""

    url: str
    call: CallId | None
    """Whom it was for; None: everybody."""


@dataclass(frozen=True, slots=True)
class AnnouncementFailed:
    """An announcement could not be played."""

    url: str
    call: CallId | None
    problem: str


Event = (
    ConferenceStarted | ConferenceEnded | ParticipantJoined | ParticipantLeft | ParticipantMuted | ParticipantUnmuted
    | ParticipantHeld | ParticipantUnheld | ParticipantModified | ParticipantSpeechStarted | ParticipantSpeechStopped
    | AnnouncementEnded | AnnouncementFailed
)  # fmt: skip


# Effects -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ApplyMix:
    """Make the engine's mix match this plan."""

    plan: MixPlan


@dataclass(frozen=True, slots=True)
class ReleaseCall:
    """Tell a call's leg that its time in the conference is over: its document goes on."""

    call: CallId


@dataclass(frozen=True, slots=True)
class SoundBeep:
    """Play the entry or exit tone once."""

    entering: bool
    calls: tuple[CallId, ...]
    """Who hears it: those present who hear the room."""


Effect = ApplyMix | ReleaseCall | SoundBeep


@dataclass(frozen=True, slots=True)
class Step:
    """The answer of the machine to one message."""

    state: Conference
    events: tuple[Event, ...] = ()
    """Facts: stored, then told to the customer."""

    effects: tuple[Effect, ...] = ()
    """Orders: performed after the commit, in this order (the mix, if it changed, comes first)."""

    gone: tuple[Participant, ...] = ()
    """Those who left, as they were right before: the n-th belongs to the n-th `ParticipantLeft`."""
