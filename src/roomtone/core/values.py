"""Small frozen values that several machines share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a customer's URL is asked."""

    GET = "GET"
    POST = "POST"


class Direction(StrEnum):
    """Which way a call was made, in the words of both vendors' webhooks."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_DIAL = "outbound-dial"


class JitterBuffer(StrEnum):
    """How much of a participant's sound may wait so that uneven packets make even sound: patience against delay.

    Source: Twilio "Conference", ``jitterBufferSize``.
    """

    OFF = "off"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Document:
    """Something a customer hosts: an audio file, or a document that says what to play or do."""

    url: str
    """Absolute http or https URL, as configured (a fragment, if any, is kept: it may carry time-outs)."""

    method: Method = Method.POST
    """How to ask for it."""


@dataclass(frozen=True, slots=True)
class HouseMusic:
    """The music that Roomtone makes itself; played where nothing else was asked for."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to hear, because the customer asked for exactly that (an empty ``waitUrl``)."""


Music = Document | HouseMusic | Silence
"""What somebody hears while waiting or on hold."""


@dataclass(frozen=True, slots=True)
class Beep:
    """Whether the room hears a tone when somebody comes or goes."""

    on_enter: bool = True
    on_exit: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """What a call is called by, for callbacks; never used to decide anything."""

    from_: str
    """The calling number, SIP user or client name."""

    to: str
    """The called number, SIP user or client name."""

    direction: Direction = Direction.INBOUND
    parent: str | None = None
    """Neutral hex of the parent call, if any."""
