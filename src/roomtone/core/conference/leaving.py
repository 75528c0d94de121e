"""Going out: one participant leaves, or everybody does because the conference ends.

The order of what is told: announcements cut short, the one who leaves, then (at an end) the others in the order they
came, and the end of the conference last of all.

Sources: Twilio "Conference resource" (reason_conference_ended, call_sid_ending_conference), conference status callback
(ReasonParticipantLeft); Twilio TwiML "Conference" (endConferenceOnExit).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    CallStatus,
    ConferenceEnded,
    End,
    Event,
    LegEnded,
    LegLeft,
    ParticipantLeft,
    ReleaseCall,
    Remove,
    SoundBeep,
    Step,
)
from roomtone.core.conference.mix import hears_room
from roomtone.core.conference.people import present
from roomtone.core.conference.state import Conference, EndReason, LeaveReason, Participant, Status
from roomtone.core.moment import Moment


def remove(conference: Conference, command: Remove, now: Moment) -> Step:
    """Take a participant out; their call lives on and is told so.

    Raises:
        Refused: `PARTICIPANT_NOT_FOUND`.
    """
    who = present(conference, command.who)
    left = ParticipantLeft(who.call, LeaveReason.UPDATED_VIA_API, _call_status(who))
    step = _without(conference, who, left, now, kicked=True)
    return replace(step, effects=(ReleaseCall(who.call), *step.effects))


def leg_ended(conference: Conference, signal: LegEnded, now: Moment) -> Step:
    """Note that a call hung up or was lost; nothing to do if it is not here (any more)."""
    who = conference.find(signal.call)
    if who is None:
        return Step(conference)
    reason = LeaveReason.HUNG_UP if who.here else LeaveReason.ADD_FAILED
    return _without(conference, who, ParticipantLeft(who.call, reason, signal.status), now)


def leg_left(conference: Conference, signal: LegLeft, now: Moment) -> Step:
    """Note that a call went elsewhere of itself; nothing to do if it is not here (any more)."""
    who = conference.find(signal.call)
    if who is None:
        return Step(conference)
    return _without(conference, who, ParticipantLeft(who.call, signal.reason, CallStatus.IN_PROGRESS), now)


def end(conference: Conference, _command: End, now: Moment) -> Step:
    """End the conference, also one that never started."""
    return _ended(conference, EndReason.VIA_API, None, now)


def _without(
    conference: Conference, who: Participant, left: ParticipantLeft, now: Moment, *, kicked: bool = False
) -> Step:
    others = tuple(one for one in conference.participants if one is not who)
    state = replace(conference, participants=others)
    events: tuple[Event, ...] = (*_cut_short((who,)), left)
    reason = _end_reason(who, kicked=kicked, last=not others)
    if reason is None:
        return Step(state, events, _exit_beep(state, who), (who,))
    # No exit tone: an ending room has nobody left to hear it.
    rest = _ended(state, reason, who, now)
    return Step(rest.state, events + rest.events, rest.effects, (who, *rest.gone))


def _call_status(who: Participant) -> CallStatus:
    """Say what becomes of the call of somebody who leaves while it lives: one that nobody answered is given up."""
    return CallStatus.IN_PROGRESS if who.here else CallStatus.CANCELED


def _end_reason(who: Participant, *, kicked: bool, last: bool) -> EndReason | None:
    """Say why this leaving ends the conference; None: it goes on.

    The flag is named before the emptiness, since the flag is what the customer asked for. A call that was redirected
    through the API left; only one that was taken out of the room is called kicked.
    """
    if who.end_on_exit and who.here:
        return EndReason.END_ON_EXIT_KICKED if kicked else EndReason.END_ON_EXIT_LEFT
    if last:
        return EndReason.LAST_KICKED if kicked else EndReason.LAST_LEFT
    return None


def _ended(conference: Conference, reason: EndReason, by: Participant | None, now: Moment) -> Step:
    """Complete a conference: everybody still there leaves, and each of their calls is told so."""
    people = conference.participants
    why = LeaveReason.CONFERENCE_ENDED_VIA_API if by is None else LeaveReason.MODERATOR_ENDED
    state = replace(
        conference,
        status=Status.COMPLETED,
        participants=(),
        announcements=(),
        updated_ms=now.wall_ms,
        end_reason=reason,
        ended_by=None if by is None else by.call,
        ended_by_label=None if by is None else by.label,
    )
    events: tuple[Event, ...] = (
        *(AnnouncementEnded(one.document.url, None) for one in conference.announcements),
        *_cut_short(people),
        *(ParticipantLeft(one.call, why, _call_status(one)) for one in people),
        ConferenceEnded(reason, state.ended_by),
    )
    return Step(state, events, tuple(ReleaseCall(one.call) for one in people), people)


def _cut_short(people: Iterable[Participant]) -> Iterator[AnnouncementEnded]:
    """End the announcements to those who leave: the one that plays and those behind it."""
    for who in people:
        for announcement in who.announcements:
            yield AnnouncementEnded(announcement.document.url, who.call)


def _exit_beep(conference: Conference, who: Participant) -> tuple[SoundBeep, ...]:
    """Sound the exit tone to those who hear the room, if the one who left had it on."""
    if not who.beep.on_exit or not who.here:
        return ()
    calls = tuple(one.call for one in conference.participants if hears_room(one, conference))
    return (SoundBeep(entering=False, calls=calls),) if calls else ()
