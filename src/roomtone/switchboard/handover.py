"""What a call is told when whoever it is connected with has put somebody else in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from roomtone.core.ids import CallId
from roomtone.core.values import Document
from roomtone.cxml.verbs import Client, Number, Party, Sip
from roomtone.switchboard.bridge import Bridge


@dataclass(frozen=True, slots=True)
class Handover:
    """Somebody else for a call to be connected with."""

    party: Party
    """Who."""

    told: Callable[[int], None]
    """Called with the SIP status of what came of it; the first one counts."""

    document: Document | None = None
    """To be asked what becomes of the call, in place of ringing the party (`referUrl`)."""

    target: str = ""
    """The party as the peer wrote them, for that document."""


@dataclass(frozen=True, slots=True)
class Parting:
    """Told to the call that puts somebody else in its place: it is no business of its dial any more, and goes."""

    then: Callable[[], None]
    """Tells the call it was connected with."""

    lost: Callable[[], None]
    """Called in place of that if the call is over already."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Another call to be connected with, which is up already; what was under way is over, but for a dial or a queue."""

    bridge: Bridge
    other: CallId


Moving = Handover | Parting | Joined
"""What moves a call to somebody else."""


def refuse(message: Moving) -> None:
    """Let whoever waits for it know that there is no such call any more."""
    match message:
        case Handover(told=told):
            told(487)
        case Parting(lost=lost):
            lost()
        case Joined(bridge):
            bridge.end()


def noun_of(party: Party) -> str:
    """Write the noun of a `Dial`."""
    match party:
        case Number(number):
            return f"<Number>{escape(number)}</Number>"
        case Client(identity):
            return f"<Client>{escape(identity)}</Client>"
        case Sip(uri):
            return f"<Sip>{escape(uri)}</Sip>"
