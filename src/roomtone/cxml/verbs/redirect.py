"""Redirect: go on with another document.

Sources: SignalWire cXML "Redirect"; Twilio TwiML "Redirect".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.values import Method
from roomtone.cxml.attributes import Attribute, Table, method
from roomtone.cxml.oddities import Oddity


@dataclass(frozen=True, slots=True)
class Redirect:
    """Drop the rest of this document and fetch that one."""

    url: str
    """Absolute; the document's own URL if the element is empty."""

    method: Method = Method.POST


ATTRIBUTES: Table = (Attribute("method", "method", method, Oddity.REDIRECT_METHOD_INVALID),)
