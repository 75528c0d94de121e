"""Refer: ask the call's own phone to call somebody else in our place (SIP REFER), and be told what came of it.

Whom a phone calls is its own business: the target is no destination of ours, and nothing of it is decided here but
that it can be written into a header.

Sources: SignalWire cXML "Refer"; Twilio TwiML "Refer"; RFC 3515, section 2.1 (Refer-To).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.cxml.attributes import Attribute, Table, location, method
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs.parties import MAX_HEADERS, MAX_URI, SIP_URI

_HEADERS = re.compile(r"[A-Za-z0-9_.!~*'()%&=+$/?:\[\]-]+", re.ASCII)

BUSY = frozenset({486, 600})
REQUEST_TERMINATED = 487


@dataclass(frozen=True, slots=True)
class Refer:
    """Have the phone call somebody else; the document goes on when it has told what came of it."""

    target: str
    """``sip:user@host[?headers]``: whom it is to call."""

    action: str | None = None
    """Absolute URL asked for the next document afterwards; None: the next verb."""

    method: Method = Method.POST
    """How `action` is asked."""


ATTRIBUTES: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.METHOD_INVALID),
)


def target_of(text: str) -> str:
    """Read whom the phone is to call; headers of any name may follow, which are the phone's to heed.

    Raises:
        ValueError: It is no SIP URI, or too long.
    """
    target = text.strip()
    uri, mark, headers = target.partition("?")
    if not SIP_URI.fullmatch(uri) or len(uri) > MAX_URI:
        raise ValueError(f"not a SIP URI of up to {MAX_URI} characters")
    if mark and (len(headers) > MAX_HEADERS or not _HEADERS.fullmatch(headers)):
        raise ValueError(f"its headers are not of up to {MAX_HEADERS} characters that a URI may hold")
    return target


def action_parameters(answered: int | None, notified: int | None, *, hung_up: bool = False) -> Parameters:
    """Give what the `action` URL is told, in the vendors' spelling.

    Args:
        answered: The phone's answer to the REFER; None: there was none, for the call is over.
        notified: What it told last of its own call; None: it told nothing.
        hung_up: Whether the call was over before the phone told of the end of it.
    """
    told: list[tuple[str, str]] = []
    if (status := _status(answered, notified, hung_up=hung_up)) is not None:
        told.append(("ReferCallStatus", status))
    if answered is not None:
        told.append(("ReferSipResponseCode", str(answered)))
    if notified is not None:
        told.append(("NotifySipResponseCode", str(notified)))
    return tuple(told)


def _status(answered: int | None, notified: int | None, *, hung_up: bool) -> str | None:
    """Say what came of it; None: the phone took it up and told nothing (both vendors leave the parameter out then)."""
    if hung_up:
        return "canceled"
    if answered is None or answered >= 300:
        return "failed"
    match notified:
        case None:
            return None
        case _ if 200 <= notified < 300:
            return "in-progress"
        case _ if notified in BUSY:
            return "busy"
        case _ if notified == REQUEST_TERMINATED:
            return "no-answer"
    return "failed"
