"""Mute, hold, music and the two exit settings: flags of one participant, each on its own.

The flags survive one another: nothing here looks at a second flag, and what they mean together is drawn by `mix_plan`.
An order that changes nothing tells nobody.

Sources: Twilio "Participant resource" (Muted, Hold, HoldUrl, WaitUrl, BeepOnExit, EndConferenceOnExit); SignalWire
"Update a Participant".
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.messages import (
    ChangeHoldMusic,
    ChangeWait,
    Event,
    Hold,
    Mute,
    ParticipantHeld,
    ParticipantMuted,
    ParticipantUnheld,
    ParticipantUnmuted,
    SetBeepOnExit,
    SetEndOnExit,
    Step,
    Unhold,
    Unmute,
)
from roomtone.core.conference.people import amended, present
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.moment import Moment
from roomtone.core.values import Document, Music


def set_muted(conference: Conference, command: Mute | Unmute, now: Moment) -> Step:
    """Mute a participant, or let them be heard again."""
    who = present(conference, command.who)
    muted = isinstance(command, Mute)
    if who.muted == muted:
        return Step(conference)
    event: Event = ParticipantMuted(who.call) if muted else ParticipantUnmuted(who.call)
    return Step(amended(conference, who, replace(who, muted=muted), now), (event,))


def hold(conference: Conference, command: Hold, now: Moment) -> Step:
    """Put a participant on hold; for one who is, see to what they hear."""
    who = present(conference, command.who)
    events = () if who.held else (ParticipantHeld(who.call),)
    return Step(amended(conference, who, _hearing(who, command.music), now), events)


def change_hold_music(conference: Conference, command: ChangeHoldMusic, now: Moment) -> Step:
    """Change what a held participant hears; does nothing to one who is not held."""
    who = present(conference, command.who)
    return Step(amended(conference, who, _hearing(who, command.music), now) if who.held else conference)


def unhold(conference: Conference, command: Unhold, now: Moment) -> Step:
    """Bring a participant back from hold."""
    who = present(conference, command.who)
    if not who.held:
        return Step(conference)
    return Step(amended(conference, who, replace(who, hold=None), now), (ParticipantUnheld(who.call),))


def change_wait(conference: Conference, command: ChangeWait, now: Moment) -> Step:
    """Change what a participant hears before the start; kept without effect once it has started."""
    who = present(conference, command.who)
    if who.wait == command.music:
        return Step(conference)
    waiting = replace(who, wait=command.music, wait_turn=who.wait_turn + 1)
    return Step(amended(conference, who, waiting, now))


def set_beep_on_exit(conference: Conference, command: SetBeepOnExit, now: Moment) -> Step:
    """Choose whether the room hears a tone when this participant leaves."""
    who = present(conference, command.who)
    beep = replace(who.beep, on_exit=command.on)
    return Step(amended(conference, who, replace(who, beep=beep), now))


def set_end_on_exit(conference: Conference, command: SetEndOnExit, now: Moment) -> Step:
    """Choose whether the conference ends when this participant leaves."""
    who = present(conference, command.who)
    return Step(amended(conference, who, replace(who, end_on_exit=command.on), now))


def _hearing(who: Participant, music: Music) -> Participant:
    """Give them this hold music, from its beginning.

    The same document asked for again is fetched and played again, since it may say something new; house music and
    silence, which cannot, go on undisturbed.
    """
    if who.hold == music and not isinstance(music, Document):
        return who
    return replace(who, hold=music, hold_turn=who.hold_turn + 1)
