"""Say: text that is spoken.

Sources: SignalWire cXML "Say"; Twilio TwiML "Say".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.exchange import Utterance
from roomtone.cxml.attributes import Attribute, Table, integer
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs.voices import language, voice


@dataclass(frozen=True, slots=True)
class Say:
    """Speak, then go on."""

    utterance: Utterance
    loops: int = 1
    """How often, 1 to 1000; 0 = for ever."""


ATTRIBUTES: Table = (
    Attribute("voice", "voice", voice, Oddity.SAY_VOICE_INVALID),
    Attribute("language", "language", language, Oddity.SAY_LANGUAGE_INVALID),
    Attribute("loop", "loops", integer(0, 1_000), Oddity.SAY_LOOP_INVALID),
)
