"""What a call is told when whoever it is connected with has put somebody else in their place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from roomtone.core.values import Document
from roomtone.cxml.verbs import Client, Number, Party, Sip


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


def noun_of(party: Party) -> str:
    """Write the noun of a `Dial`."""
    match party:
        case Number(number):
            return f"<Number>{escape(number)}</Number>"
        case Client(identity):
            return f"<Client>{escape(identity)}</Client>"
        case Sip(uri):
            return f"<Sip>{escape(uri)}</Sip>"
