"""Coming in: who may join a conference, and when their coming starts it.

Sources: Twilio TwiML "Conference" (startConferenceOnEnter, maxParticipants, participantLabel, coach, statusCallback);
Twilio error dictionary 16020 to 16028; SignalWire cXML "Conference".
"""

from __future__ import annotations

import re
from dataclasses import replace

from roomtone.core.conference.coaching import coachable
from roomtone.core.conference.messages import (
    CallRings,
    CallSounds,
    ConferenceStarted,
    Event,
    Expect,
    Join,
    ParticipantJoined,
    SoundBeep,
    Step,
)
from roomtone.core.conference.mix import hears_room
from roomtone.core.conference.people import amended, labelled, swapped
from roomtone.core.conference.state import Conference, Early, Participant, Progress, Status
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused

LONGEST_LABEL = 128
"""Characters a label may have (Twilio: ParticipantLabel)."""

_ID_SHAPED = re.compile(
    r"(?:[a-z]{2})?[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_SLASH = re.compile(r"/|%2f", re.IGNORECASE)


def join(conference: Conference, command: Join, now: Moment) -> Step:
    """Let a call in, and start the conference if that makes two and one of them may start it.

    Raises:
        Refused: `CALL_ALREADY_PRESENT`, `CONFERENCE_FULL`, `LABEL_INVALID`, `LABEL_TAKEN`, `COACH_TARGET_NOT_PRESENT`
            or `COACH_TARGET_ON_HOLD`.
    """
    expected = conference.find(command.call)
    if expected is not None and not expected.here:
        entrant = replace(expected, progress=Progress.HERE, updated_ms=now.wall_ms)
        return _entered(swapped(conference, expected, entrant), entrant, now)
    entrant = _participant(command, now)
    return _entered(_with(conference, command, entrant), entrant, now)


def expect(conference: Conference, command: Expect, now: Moment) -> Step:
    """Name a participant whose call is being made; they are let in when it is answered.

    Raises:
        Refused: As `join`.
    """
    entrant = replace(_participant(command.join, now), progress=Progress.QUEUED)
    return Step(_with(conference, command.join, entrant))


def rings(conference: Conference, signal: CallRings, now: Moment) -> Step:
    """Note that the call of somebody expected rings."""
    who = conference.find(signal.call)
    if who is None or who.progress is not Progress.QUEUED:
        return Step(conference)
    return Step(amended(conference, who, replace(who, progress=Progress.RINGING), now))


def sounds(conference: Conference, signal: CallSounds) -> Step:
    """Let the room hear what comes from the call of somebody expected, if it is to."""
    who = conference.find(signal.call)
    if who is None or who.here or who.early is not Early.WANTED:
        return Step(conference)
    return Step(swapped(conference, who, replace(who, early=Early.SOUNDS)))


def _with(conference: Conference, command: Join, entrant: Participant) -> Conference:
    """Give the conference with one more participant; the first one's callback and region become its own."""
    _admit(conference, command)
    state = replace(conference, participants=(*conference.participants, entrant))
    if conference.participants:
        return state
    return replace(
        state,
        callback=command.callback,
        region=command.region or conference.region,
        record=command.record,
    )


def _entered(state: Conference, entrant: Participant, now: Moment) -> Step:
    """Tell of somebody who has come in, and start the conference if it can."""
    events: tuple[Event, ...] = (ParticipantJoined(entrant.call),)
    if _startable(state):
        state = replace(state, status=Status.IN_PROGRESS, updated_ms=now.wall_ms)
        events = (*events, ConferenceStarted())
    return Step(state, events, _entry_beep(state, entrant))


def _admit(conference: Conference, command: Join) -> None:
    here = conference.id.hex
    if conference.find(command.call) is not None:
        raise Refused(Reason.CALL_ALREADY_PRESENT, conference=here, call=command.call.hex)
    if len(conference.participants) >= command.max_participants:
        raise Refused(Reason.CONFERENCE_FULL, conference=here, limit=command.max_participants)
    if command.label is not None:
        _admit_label(conference, command.label)
    if command.coached is not None:
        coachable(conference, command.coached)


def _admit_label(conference: Conference, label: str) -> None:
    """Refuse a label that could not be told from a call, or not be written as one part of a path."""
    if not 0 < len(label) <= LONGEST_LABEL or _ID_SHAPED.fullmatch(label) or _SLASH.search(label):
        raise Refused(Reason.LABEL_INVALID, label=label)
    if labelled(conference, label) is not None:
        raise Refused(Reason.LABEL_TAKEN, conference=conference.id.hex, label=label)


def _participant(command: Join, now: Moment) -> Participant:
    return Participant(
        id=command.participant,
        call=command.call,
        caller=command.caller,
        created_ms=now.wall_ms,
        updated_ms=now.wall_ms,
        label=command.label,
        muted=command.muted,
        wait=command.wait,
        coaching=command.coached is not None,
        coached=command.coached,
        start_on_enter=command.start_on_enter,
        end_on_exit=command.end_on_exit,
        beep=command.beep,
        jitter_buffer=command.jitter_buffer,
        early=Early.WANTED if command.early_sound else Early.UNWANTED,
    )


def _startable(conference: Conference) -> bool:
    people = [one for one in conference.participants if one.here]
    return conference.status is Status.INIT and len(people) > 1 and any(one.start_on_enter for one in people)


def _entry_beep(conference: Conference, entrant: Participant) -> tuple[SoundBeep, ...]:
    """Sound the entry tone to those who hear the room; the entrant does not hear their own."""
    if not entrant.beep.on_enter:
        return ()
    calls = tuple(
        one.call for one in conference.participants if one is not entrant and hears_room(one, conference)
    )
    return (SoundBeep(entering=True, calls=calls),) if calls else ()
