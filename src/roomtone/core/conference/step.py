"""The life of a conference: one message in; new state, facts and orders out.

`fold` is the machine: it takes the messages of one request or one happening, all or nothing. `step` is `fold` of one.
The rules live in the files beside this one, by concern; here is what holds for all of them: who is refused, how the
revision counts, when a participant counts as modified, and that the mix follows the state.

Nothing here waits for time to pass, makes an id up or mentions audio.

Sources: Twilio "Conference resource", "Participant resource"; SignalWire "Update a Participant", "Update a
Conference"; decisions in docs/decisions/0003-conference-life-cycle.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from roomtone.core.conference import announcing, coaching, flags, joining, leaving
from roomtone.core.conference.messages import (
    Announce,
    ApplyMix,
    CallRings,
    CallSounds,
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    Command,
    Effect,
    End,
    Event,
    Expect,
    Hold,
    Join,
    LegEnded,
    LegLeft,
    Message,
    Mute,
    ParticipantModified,
    Remove,
    SetBeepOnExit,
    SetEndOnExit,
    Signal,
    SoundtrackEnded,
    SoundtrackFailed,
    SpeechStarted,
    SpeechStopped,
    StartRecording,
    Step,
    StopCoaching,
    Unhold,
    Unmute,
    VoiceClosed,
    VoiceOpened,
)
from roomtone.core.conference.mix import mix_plan, same_picture
from roomtone.core.conference.speech import speech
from roomtone.core.conference.state import Conference, Participant, Status
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused


def opened(id: ConferenceId, project: ProjectId, name: str, now: Moment) -> Conference:  # noqa: A002 - its name
    """Give a conference that nobody has joined yet: status init, revision 0 (not stored).

    Args:
        id: Minted by the caller.
        project: Whose it is.
        name: The friendly name, already trimmed.
        now: Becomes its dates.
    """
    return Conference(id, project, name, created_ms=now.wall_ms, updated_ms=now.wall_ms)


def step(conference: Conference, message: Message, now: Moment) -> Step:
    """Take one message; see `fold`."""
    return fold(conference, (message,), now)


def fold(conference: Conference, messages: Sequence[Message], now: Moment) -> Step:
    """Take all messages of one request in order, or none of them.

    If anything comes of them the state's revision is exactly one higher, however many they were; if nothing does, the
    very same state comes back and there is nothing to commit. At most one `ApplyMix` comes out, first among the
    effects, so that a call taken out of the room is out of the mix before its document goes on.

    Args:
        conference: As last committed.
        messages: Commands of one request, or signals; may be empty.
        now: Becomes the date of whatever changes.

    Raises:
        Refused: Any of the commands cannot be; nothing has happened then. Signals are never refused: one that comes
            too late is ignored.
    """
    _check_combination(messages)
    state, gone = conference, list[Participant]()
    events, effects = list[Event](), list[Effect]()
    for message in messages:
        part = _take(state, message, now)
        state = part.state
        events += part.events
        effects += part.effects
        gone += part.gone
    events += _modified(conference, state)
    if not events and state == conference:
        return Step(conference)
    state = replace(state, revision=conference.revision + 1)
    if not same_picture(conference, state):
        state = replace(state, plan_revision=conference.plan_revision + 1)
        effects.insert(0, ApplyMix(mix_plan(state)))
    return Step(state, tuple(events), tuple(effects), tuple(gone))


def next_deadline(_conference: Conference) -> Moment | None:
    """Say when the conference wants to be told that time has passed: never.

    Nothing about a conference is decided by waiting alone. What lasts for a time (a document's pause, a ring, a time
    limit of a call) belongs to a soundtrack or a leg, and its end arrives as a signal. The question is kept because
    every machine of the house answers it.
    """
    return None


def _check_combination(messages: Sequence[Message]) -> None:
    """Refuse to hold somebody and coach with them or announce to them in one request.

    Twilio returns an error for "unsupported combinations of hold, coach and announce" in one update (changelog,
    October 2019) without telling which; these two contradict themselves.
    """
    held = {message.who for message in messages if isinstance(message, Hold)}
    if not held:
        return
    for message in messages:
        if isinstance(message, Coach | Announce) and message.who in held:
            company = "coaching" if isinstance(message, Coach) else "an announcement"
            raise Refused(Reason.UPDATE_COMBINATION_INVALID, problem=f"hold and {company} in one request")


def _take(conference: Conference, message: Message, now: Moment) -> Step:
    if isinstance(message, Command):
        if conference.status is Status.COMPLETED:
            raise Refused(Reason.CONFERENCE_COMPLETED, conference=conference.id.hex)
        return _obey(conference, message, now)
    return Step(conference) if conference.status is Status.COMPLETED else _note(conference, message, now)


def _obey(conference: Conference, command: Command, now: Moment) -> Step:  # noqa: C901, PLR0912 - a table
    match command:
        case Join():
            return joining.join(conference, command, now)
        case Expect():
            return joining.expect(conference, command, now)
        case Remove():
            return leaving.remove(conference, command, now)
        case Hold():
            return flags.hold(conference, command, now)
        case ChangeHoldMusic():
            return flags.change_hold_music(conference, command, now)
        case Unhold():
            return flags.unhold(conference, command, now)
        case Mute() | Unmute():
            return flags.set_muted(conference, command, now)
        case ChangeWait():
            return flags.change_wait(conference, command, now)
        case SetBeepOnExit():
            return flags.set_beep_on_exit(conference, command, now)
        case SetEndOnExit():
            return flags.set_end_on_exit(conference, command, now)
        case Coach():
            return coaching.coach(conference, command, now)
        case StopCoaching():
            return coaching.stop_coaching(conference, command, now)
        case Announce():
            return announcing.announce(conference, command)
        case StartRecording(wish):
            return _recorded(conference, wish)
        case End():
            return leaving.end(conference, command, now)
        case _:
            assert_never(command)


def _note(conference: Conference, signal: Signal, now: Moment) -> Step:
    match signal:
        case LegEnded():
            return leaving.leg_ended(conference, signal, now)
        case CallRings():
            return joining.rings(conference, signal, now)
        case CallSounds():
            return joining.sounds(conference, signal)
        case LegLeft():
            return leaving.leg_left(conference, signal, now)
        case SpeechStarted() | SpeechStopped():
            return speech(conference, signal)
        case SoundtrackEnded() | SoundtrackFailed():
            return announcing.soundtrack_over(conference, signal)
        case VoiceOpened(source):
            known = source in conference.voices
            return Step(conference if known else replace(conference, voices=(*conference.voices, source)))
        case VoiceClosed(source):
            left = tuple(one for one in conference.voices if one != source)
            return Step(replace(conference, voices=left))
        case _:
            assert_never(signal)


def _recorded(conference: Conference, wish: RecordingWish) -> Step:
    """Note that a conference is recorded from now on.

    Raises:
        Refused: CONFERENCE_NOT_STARTED: there is nothing to be heard yet.
    """
    if conference.status is Status.INIT:
        raise Refused(Reason.CONFERENCE_NOT_STARTED, conference=conference.id.hex)
    return Step(conference if conference.record is not None else replace(conference, record=wish))


def _modified(before: Conference, after: Conference) -> Iterator[ParticipantModified]:
    """Tell of each participant whose modifiable settings differ, once per request, however many orders it held."""
    if before.participants is after.participants:
        return
    known = {one.id.value: one for one in before.participants}
    for new in after.participants:
        old = known.get(new.id.value)
        if old is not None and old is not new and _settings(old) != _settings(new):
            yield ParticipantModified(new.call)


def _settings(one: Participant) -> tuple[object, ...]:
    return one.coaching, one.coached, one.beep, one.end_on_exit, one.wait
