"""Attended transfers: a phone that talks with two connects them with each other, and goes. And the other way round: a phone
that calls takes the place of another's call.

It has one call to each, both through us. Its REFER within the one names the other by its dialog (Replaces); so the two
at the far ends are connected, or one of them takes the phone's seat in the other's conference, and both calls of the
phone end. Only registered phones may, and only with calls of their own project.

Sources: RFC 3891, section 3; RFC 5589, section 7.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from roomtone.core.call.wishes import Dismissed
from roomtone.core.project import Project
from roomtone.switchboard.bridge import Bridge
from roomtone.switchboard.handover import Joined, Parting
from roomtone.switchboard.leg import Leg
from roomtone.switchboard.phones import Denied
from roomtone.switchboard.ports import Clock, Media
from roomtone.switchboard.room import Room

WAITING = '<Response><Gather timeout="60"/></Response>'
"""What a call does that takes another's place, until it has it: it is up, and hears nothing."""

Seating = Callable[[Room, Leg, Leg], Awaitable[None]]
"""Lets the third take the second's seat in a conference."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """The two calls of a phone, and who is at their far ends."""

    leg: Leg
    """In which it asks."""

    held: Leg
    """Which it names."""

    other: Leg | Room
    """Far end of the first."""

    target: Leg | Room
    """Far end of the second."""


def consult(leg: Leg, held: Leg | None, far_end: Callable[[Leg], Leg | Room | None]) -> Consultation | Denied:
    """Say whom a phone's two calls lead to, if it may connect them."""
    if not leg.is_phone:
        return Denied(403, "Only a registered phone may transfer")
    if held is None or held is leg or not held.is_phone or held.project.id != leg.project.id:
        return Denied(481, "No such call to replace")
    other, target = far_end(leg), far_end(held)
    if (
        other is None
        or target is None
        or other is held
        or (isinstance(other, Room) and isinstance(target, Room))
    ):
        return Denied(603, "Nobody to connect")
    return Consultation(leg, held, other, target)


def taken_over(
    project: Project, held: Leg | None, far_end: Callable[[Leg], Leg | Room | None]
) -> Leg | Room | Denied:
    """Say whom a phone of this project is to be connected with, if it may take the place of this call."""
    if held is None or held.project.id != project.id:
        return Denied(481, "No such call to replace")
    if not held.is_phone:
        return Denied(403, "Only calls of registered phones are taken over")
    far = far_end(held)
    return Denied(603, "Nobody to connect") if far is None else far


async def connect(wish: Consultation, media: Media, clock: Clock, seat: Seating) -> None:
    """Connect the far ends; the phone's second call ends with it, and the first is its own to end.

    Raises:
        Refused: One of them is gone, or their conference cannot take them.
    """
    match wish.other, wish.target:
        case Room() as room, Leg() as moved:
            await seat(room, wish.leg, moved)
        case Leg() as moved, Room() as room:
            await seat(room, wish.held, moved)
        case Leg() as one, Leg() as other:
            join(one, other, media, clock)
            let_go(other, wish.held)
            return
    wish.held.tell(Dismissed())


def let_go(far: Leg, held: Leg | None) -> None:
    """End a call once its far end has left the dial that connected the two: else that end would be hung up with it."""
    if held is not None:
        done = partial(held.tell, Dismissed())
        far.tell(Parting(done, done))


def join(one: Leg, other: Leg, media: Media, clock: Clock) -> None:
    """Connect two calls that are up, whatever they did."""
    bridge = Bridge(one.call.id, other.call.id, media, clock)
    one.tell(Joined(bridge, other.call.id))
    other.tell(Joined(bridge, one.call.id))
