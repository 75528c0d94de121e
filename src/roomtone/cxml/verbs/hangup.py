"""Hangup: the end.

Sources: SignalWire cXML "Hangup"; Twilio TwiML "Hangup".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.cxml.attributes import Table


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


ATTRIBUTES: Table = ()
