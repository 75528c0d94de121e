"""Pause: silence for a while; before the call is answered, it goes on ringing.

Sources: SignalWire cXML "Pause"; Twilio TwiML "Pause".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.cxml.attributes import Attribute, Table, integer
from roomtone.cxml.oddities import Oddity


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, then go on."""

    length_s: int = 1
    """Seconds, 0 to 86 400."""


ATTRIBUTES: Table = (Attribute("length", "length_s", integer(0, 86_400), Oddity.PAUSE_LENGTH_INVALID),)
