"""Who hears whom.

Turns a conference into the picture the mixer should render. Pure: no audio, no time, no ids are made here.
Anything that changes what a participant hears or who hears them belongs in `mix_plan`, and nowhere else.

Sources: Twilio "Participant resource" (Hold, Muted, Coaching); SignalWire "Update a Participant".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from roomtone.core.ids import CallId
from roomtone.core.values import Music


class Towards(Enum):
    """To whom a seat talks, when it is not one single call."""

    ROOM = "room"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Audio that plays to some seats in place of the room, or over it."""

    key: str
    """Stable name, ``"<purpose>:<call or conference hex>:<turn>"``; an unchanged key means keep playing."""

    music: Music
    """Where it comes from."""

    call: CallId | None
    """The call it is fetched for (its parameters go with the request); None: the conference's own."""

    once: bool
    """Whether its end matters (an announcement) or it just falls silent (wait and hold music)."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One participant, as the mixer sees them."""

    call: CallId
    talks_to: Towards | CallId
    """The room, nobody, or exactly one other call."""

    hears: str | None
    """None: the room; else the key of the one soundtrack they hear instead."""

    overlays: tuple[str, ...] = ()
    """Keys of soundtracks played over what they hear."""


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The whole picture of one conference. Applying it twice, or after a restart, is harmless."""

    revision: int
    seats: tuple[Seat, ...] = ()
    """Ordered by call, so that equal pictures are equal values."""

    soundtracks: tuple[Soundtrack, ...] = ()
    """Ordered by key; exactly those that some seat hears."""

    speech: bool = False
    """Whether anybody asked to be told who speaks."""
