"""Reject: refuse a call that has not been answered.

Sources: SignalWire cXML "Reject"; Twilio TwiML "Reject".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.cxml.attributes import Attribute, Table
from roomtone.cxml.oddities import Oddity


class RejectReason(StrEnum):
    """What the caller is told."""

    REJECTED = "rejected"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call; nothing after it runs."""

    reason: RejectReason = RejectReason.REJECTED


def _reason(text: str, _url: str) -> RejectReason:
    try:
        return RejectReason(text.strip())
    except ValueError:
        raise ValueError("neither rejected nor busy") from None


ATTRIBUTES: Table = (Attribute("reason", "reason", _reason, Oddity.REJECT_REASON_INVALID),)
