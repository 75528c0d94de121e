"""What an incoming SIP call brings along for every question about it; spelled alike by both vendors.

Sources: Twilio "TwiML Voice: SIP" (SipCallId, SipDomain, SipSourceIp, SipHeader_X-…) and "Request parameters"
(ForwardedFrom); SignalWire cXML "Request parameters" (SipCallId, SipHeader_X-…); RFC 5806 (Diversion).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from roomtone.core.call.messages import IncomingCall
from roomtone.core.call.state import Call
from roomtone.core.exchange import Parameters

FORWARDED_FROM = "ForwardedFrom"

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)
"""A display name in quotes, which may hold anything; one that does not end takes the rest along."""

_DIVERTED = re.compile(
    r"\A[^<,;]*<\s*(?P<in>(?:sips?|tel):[^<>]*)>|\A\s*(?P<bare>(?:sips?|tel):[^<>,\s]*)", re.IGNORECASE
)
"""The address of the first of several, in angle brackets or bare."""

_LONGEST_PARTY = 128

LIMIT = 50
"""Most X- headers passed on; the rest is dropped."""


def brought_along(signal: IncomingCall) -> Parameters:
    """Give a call's own request parameters, no name twice: of a repeated header the first counts."""
    found = {
        "SipCallId": signal.sip_call_id,
        "SipDomain": signal.request_uri.partition("@")[2].partition(";")[0] or signal.request_uri,
        "SipSourceIp": signal.source_host,
    }
    diverted = next((value for name, value in signal.headers if name.lower() == "diversion"), "")
    if party := _party(diverted):  # the topmost is who forwarded it last
        found[FORWARDED_FROM] = party
    extra = [(name, value) for name, value in signal.headers if name.lower().startswith("x-")]
    for name, value in extra[:LIMIT]:
        found.setdefault(f"SipHeader_{name}", value)
    return tuple(found.items())


def _party(diverted: str) -> str:
    """Give the user or number of a Diversion header, never the password beside it; nothing if there is none to be shown."""
    found = _DIVERTED.match(_QUOTED.sub("", diverted))
    if found is None:
        return ""
    scheme, _, rest = (found["in"] or found["bare"]).partition(":")
    before, at, _ = rest.rpartition("@")
    if scheme.lower() == "tel":
        before, at = rest, "@"
    user = unquote(re.split("[:;?@]", before, maxsplit=1)[0]) if at else ""
    return user if user.isprintable() and len(user) <= _LONGEST_PARTY else ""


def forwarded_from(call: Call) -> str | None:
    """Give who forwarded a call here, if it says so."""
    return dict(call.parameters).get(FORWARDED_FROM)


def forwarding(call: Call) -> Parameters:
    """Give the same as a parameter of a call's callback."""
    party = forwarded_from(call)
    return () if party is None else ((FORWARDED_FROM, party),)
