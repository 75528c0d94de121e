"""Play: an audio file by its URL, or the tones of keys.

Sources: SignalWire cXML "Play"; Twilio TwiML "Play".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.cxml.attributes import Attribute, Table, integer
from roomtone.cxml.oddities import Oddity


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file, then go on."""

    url: str
    """Absolute."""

    loops: int = 1
    """How often, 1 to 1000; 0 = for ever."""


@dataclass(frozen=True, slots=True)
class PlayDigits:
    """Let the caller hear the tones of keys, then go on."""

    digits: str
    """``0`` to ``9``, ``A`` to ``D``, ``*``, ``#``; ``w`` pauses half a second, ``W`` a second; 1 to `MOST_DIGITS`."""

    loops: int = 1
    """How often, 1 to 1000; 0 = for ever."""


MOST_DIGITS = 200

_DIGITS = re.compile(r"[0-9A-D*#wW]*", re.ASCII)


def _digits(text: str, _url: str) -> str:
    digits = text.strip()
    if not _DIGITS.fullmatch(digits) or len(digits) > MOST_DIGITS:
        raise ValueError(f"not up to {MOST_DIGITS} of 0 to 9, A to D, *, #, w and W")
    return digits


ATTRIBUTES: Table = (
    Attribute("loop", "loops", integer(0, 1_000), Oddity.PLAY_LOOP_INVALID),
    Attribute("digits", "digits", _digits, Oddity.PLAY_DIGITS_INVALID),
)
