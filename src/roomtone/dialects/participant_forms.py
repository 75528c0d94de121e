"""Participants: the update form and the list's filters.

Sources: SignalWire "Update a Participant", "List all Participants"; Twilio "Participant resource".
"""

from __future__ import annotations

from collections.abc import Iterator

from roomtone.core.conference.messages import (
    Announce,
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    Command,
    Hold,
    Mute,
    SetBeepOnExit,
    SetEndOnExit,
    StopCoaching,
    Unhold,
    Unmute,
    Who,
)
from roomtone.core.ids import CallId
from roomtone.core.listing import ParticipantFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, HouseMusic, Method, Music, Silence
from roomtone.dialects import parameters, sids
from roomtone.dialects.fields import Fields
from roomtone.dialects.rules import Rules

UPDATE_NAMES = frozenset(
    {
        "AnnounceMethod",
        "AnnounceUrl",
        "Beep",
        "BeepOnExit",
        "CallSidToCoach",
        "Coaching",
        "EndConferenceOnExit",
        "Hold",
        "HoldMethod",
        "HoldUrl",
        "Muted",
        "WaitMethod",
        "WaitUrl",
    }
)
"""What an update can say. ``Beep`` is in SignalWire's examples and does nothing in either vendor's update."""

FILTER_NAMES = frozenset({"Coaching", "Hold", "Muted"})


def update(fields: Fields, who: Who, rules: Rules) -> tuple[Command, ...]:
    """Turn an update into commands, in an order that does not matter: each says its own thing.

    Every parameter is read before any is obeyed. A method alone says nothing. What cannot be asked together is the
    core's to say.

    Raises:
        Refused: A parameter is malformed, or coaching has been given an empty target.
    """
    return (
        *_mute(fields, who, rules),
        *_hold(fields, who),
        *_coach(fields, who),
        *_wait(fields, who),
        *_exit(fields, who),
        *_announce(fields, who),
    )


def wanted(fields: Fields) -> ParticipantFilter:
    """Read the list's filters.

    Raises:
        Refused: PARAMETER_INVALID: one is no boolean.
    """
    return ParticipantFilter(
        muted=parameters.boolean(fields, "Muted"),
        held=parameters.boolean(fields, "Hold"),
        coaching=parameters.boolean(fields, "Coaching"),
    )


def _mute(fields: Fields, who: Who, rules: Rules) -> Iterator[Command]:
    match parameters.boolean(fields, "Muted", otherwise=rules.odd_muted):
        case True:
            yield Mute(who)
        case False:
            yield Unmute(who)
        case None:
            return


def _hold(fields: Fields, who: Who) -> Iterator[Command]:
    held = parameters.boolean(fields, "Hold")
    url = parameters.url(fields, "HoldUrl")
    method = parameters.method(fields, "HoldMethod") or Method.GET
    music: Music = Document(url, method) if url else HouseMusic()
    if held:
        yield Hold(who, music)
    elif held is not None:
        yield Unhold(who)
    elif url is not None:
        yield ChangeHoldMusic(who, music)


def _coach(fields: Fields, who: Who) -> Iterator[Command]:
    coaching = parameters.boolean(fields, "Coaching")
    target = parameters.given_text(fields, "CallSidToCoach")
    if coaching is None and target is None:
        return
    if coaching is False or (coaching is None and not target):
        yield StopCoaching(who)
    elif target is None:
        yield Coach(who)
    else:
        yield Coach(who, coached(target))


def coached(text: str) -> CallId:
    """Read whom to coach. A text that is no call's id names nobody present, which both vendors have a number for."""
    if not text:
        raise Refused(Reason.COACH_TARGET_MISSING)
    call = sids.parse(CallId, text)
    if call is None:
        raise Refused(Reason.COACH_TARGET_NOT_PRESENT, target=text)
    return call


def _wait(fields: Fields, who: Who) -> Iterator[Command]:
    url = parameters.url(fields, "WaitUrl")
    method = parameters.method(fields, "WaitMethod") or Method.POST
    if url is not None:
        yield ChangeWait(who, Document(url, method) if url else Silence())


def _exit(fields: Fields, who: Who) -> Iterator[Command]:
    beep = parameters.boolean(fields, "BeepOnExit")
    if beep is not None:
        yield SetBeepOnExit(who, beep)
    end = parameters.boolean(fields, "EndConferenceOnExit")
    if end is not None:
        yield SetEndOnExit(who, end)


def _announce(fields: Fields, who: Who) -> Iterator[Command]:
    url = parameters.url(fields, "AnnounceUrl")
    method = parameters.method(fields, "AnnounceMethod") or Method.POST
    if url:
        yield Announce(Document(url, method), who)
