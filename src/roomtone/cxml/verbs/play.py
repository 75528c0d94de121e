"""Play: an audio file by its URL.

Sources: SignalWire cXML "Play"; Twilio TwiML "Play".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.cxml.attributes import Attribute, Table, integer, plain
from roomtone.cxml.oddities import Oddity


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file, then go on."""

    url: str
    """Absolute."""

    loops: int = 1
    """How often, 1 to 1000; 0 = for ever."""


ATTRIBUTES: Table = (
    Attribute("loop", "loops", integer(0, 1_000), Oddity.PLAY_LOOP_INVALID),
    Attribute("digits", "digits", plain),
)
"""``digits`` is read so that it can be told apart from a slip of the pen; tones are not sent yet."""
