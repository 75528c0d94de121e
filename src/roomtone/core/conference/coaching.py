"""Coaching: one participant whispers to one other.

Whom they coach is kept when that one leaves, so that a whisper never turns public; `mix_plan` draws the rest. Chains
and several coaches of one participant are allowed: each whisper is a matter of two.

Sources: Twilio "Participant resource" (Coaching, CallSidToCoach), errors 16002, 16027, 16028; SignalWire "Update a
Participant" (monitor, coach, barge).
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.messages import Coach, Step, StopCoaching
from roomtone.core.conference.people import amended, present
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused


def coach(conference: Conference, command: Coach, now: Moment) -> Step:
    """Let a participant be heard by one other only.

    Raises:
        Refused: `COACH_TARGET_MISSING` (none given or stored, or themselves), `COACH_TARGET_NOT_PRESENT` or
            `COACH_TARGET_ON_HOLD`.
    """
    who = present(conference, command.who)
    target = who.coached if command.target is None else command.target
    if target is None or target == who.call:
        raise Refused(Reason.COACH_TARGET_MISSING, conference=conference.id.hex, call=who.call.hex)
    coachable(conference, target)
    return Step(amended(conference, who, replace(who, coaching=True, coached=target), now))


def stop_coaching(conference: Conference, command: StopCoaching, now: Moment) -> Step:
    """Let a participant speak to the room again, and forget whom they coached."""
    who = present(conference, command.who)
    return Step(amended(conference, who, replace(who, coaching=False, coached=None), now))


def coachable(conference: Conference, target: CallId) -> None:
    """Check that somebody can be coached now.

    Raises:
        Refused: `COACH_TARGET_NOT_PRESENT` or `COACH_TARGET_ON_HOLD`.
    """
    coached = conference.find(target)
    if coached is None:
        raise Refused(Reason.COACH_TARGET_NOT_PRESENT, conference=conference.id.hex, target=target.hex)
    if coached.held:
        raise Refused(Reason.COACH_TARGET_ON_HOLD, conference=conference.id.hex, target=target.hex)
