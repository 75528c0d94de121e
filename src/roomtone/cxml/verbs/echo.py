"""Echo: the caller hears themselves for a while; what a phone makes of our sound can be tried so.

Sources: SignalWire cXML "Echo" (timeout); Twilio TwiML "Echo" (without attributes).
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.cxml.attributes import Attribute, Table, integer


@dataclass(frozen=True, slots=True)
class Echo:
    """Let the caller hear themselves, then go on."""

    timeout_s: int = 60
    """Seconds, 5 to 120."""


ATTRIBUTES: Table = (Attribute("timeout", "timeout_s", integer(5, 120)),)
