"""Who hears whom, and why: a conference's picture put into reasons for people.

`mix.mix_plan` decides; this explains, and is tested to say of every two participants what the plan says. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.conference.mix import Seat, Soundtrack, Towards, mix_plan
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import CallId


class Why(StrEnum):
    """Why somebody is heard, or is not."""

    ROOM = "room"
    """Heard: they talk to everybody."""

    WHISPER = "whisper"
    """Heard: they coach this listener, and nobody else hears them."""

    EARLY = "early-media"
    """Heard: what comes from their call before it is answered."""

    LISTENER_RINGING = "listener-not-answered"
    LISTENER_HELD = "listener-on-hold"
    WAITING = "conference-not-started"
    RINGING = "not-answered"
    HELD = "on-hold"
    MUTED = "muted"
    COACHES_ANOTHER = "coaches-another"
    COACHED_GONE = "coaches-nobody-here"
    """Whom they coach is not there; a whisper never turns public."""


HEARD = frozenset({Why.ROOM, Why.WHISPER, Why.EARLY})
"""The reasons for being heard; all others are against it."""


class Purpose(StrEnum):
    """What something that plays is for."""

    WAIT = "wait-music"
    HOLD = "hold-music"
    ANNOUNCEMENT = "announcement"
    VOICE = "stream"
    """A server speaks through a stream."""


@dataclass(frozen=True, slots=True)
class Playing:
    """Something that plays to a participant."""

    purpose: Purpose
    soundtrack: Soundtrack | None
    """Where it comes from; None: from a server that speaks through a stream."""

    over: bool
    """Whether it is over what they hear else; if not, it is all they hear."""


@dataclass(frozen=True, slots=True)
class View:
    """One participant's side of the picture."""

    participant: Participant
    talks_to: Towards | CallId
    plays: tuple[Playing, ...]
    others: tuple[tuple[CallId, Why], ...] | None
    """Everybody else who is there or is being called, and why they are heard or not, in the order they came; None: it
    was not asked for."""


def hearing(conference: Conference, most: int | None = None) -> tuple[View, ...]:
    """Explain who hears whom, for everybody who is there or is being called, in the order they came.

    Args:
        conference: Whose.
        most: Explain it among so many at most: the muted, held and coaching first. Who is not among them has no `others`.
    """
    plan = mix_plan(conference)
    seats = {seat.call: seat for seat in plan.seats}
    among = _chosen(conference.participants, most)
    shown = {one.id.value for one in among}
    known = {track.key: track for track in plan.soundtracks}
    return tuple(
        _view(one, among if one.id.value in shown else None, known, seats) for one in conference.participants
    )


def _chosen(people: tuple[Participant, ...], most: int | None) -> tuple[Participant, ...]:
    if most is None or len(people) <= most:
        return people
    first = sorted(people, key=lambda one: not (one.muted or one.held or one.coaching or not one.here))
    chosen = {one.id.value for one in first[:most]}
    return tuple(one for one in people if one.id.value in chosen)


def _view(
    one: Participant,
    among: tuple[Participant, ...] | None,
    known: Mapping[str, Soundtrack],
    seats: dict[CallId, Seat],
) -> View:
    seat = seats.get(one.call)
    return View(
        one,
        Towards.NOBODY if seat is None else seat.talks_to,
        () if seat is None or not one.here else tuple(_playing(seat, known)),
        None
        if among is None
        else tuple((other.call, _why(one, seat, other, seats)) for other in among if other.call != one.call),
    )


def _playing(seat: Seat, known: Mapping[str, Soundtrack]) -> Iterator[Playing]:
    for key in (*((seat.hears,) if seat.hears else ()), *seat.overlays):
        yield Playing(_purpose(key), known.get(key), over=key != seat.hears)


def _purpose(key: str) -> Purpose:
    match key.partition(":")[0]:
        case "wait":
            return Purpose.WAIT
        case "hold":
            return Purpose.HOLD
        case "announce":
            return Purpose.ANNOUNCEMENT
        case _:
            return Purpose.VOICE


def _why(listener: Participant, seat: Seat | None, talker: Participant, seats: dict[CallId, Seat]) -> Why:
    """Say why the listener hears the talker, or the first reason against it that would have to go."""
    if not listener.here or seat is None:
        return Why.LISTENER_RINGING
    if listener.held:
        return Why.LISTENER_HELD
    if seat.hears is not None:
        return Why.WAITING
    return _why_so(talker, listener, seats)


def _why_so(talker: Participant, listener: Participant, seats: dict[CallId, Seat]) -> Why:
    seat = seats.get(talker.call)
    if seat is None:
        return Why.RINGING
    if talker.held:
        return Why.HELD
    if talker.muted:
        return Why.MUTED
    if isinstance(seat.talks_to, CallId):
        return Why.WHISPER if seat.talks_to == listener.call else Why.COACHES_ANOTHER
    if talker.coaching:
        return Why.COACHED_GONE
    return Why.ROOM if talker.here else Why.EARLY
