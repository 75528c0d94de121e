"""What an incoming SIP call brings along for every question about it; spelled alike by both vendors.

Sources: Twilio "TwiML Voice: SIP" (SipCallId, SipDomain, SipSourceIp, SipHeader_X-…); SignalWire cXML "Request
parameters" (SipCallId, SipHeader_X-…).
"""

from __future__ import annotations

from roomtone.core.call.messages import IncomingCall
from roomtone.core.exchange import Parameters

LIMIT = 50
"""Most X- headers passed on; the rest is dropped."""


def brought_along(signal: IncomingCall) -> Parameters:
    """Give a call's own request parameters, no name twice: of a repeated header the first counts."""
    found = {
        "SipCallId": signal.sip_call_id,
        "SipDomain": signal.request_uri.partition("@")[2].partition(";")[0] or signal.request_uri,
        "SipSourceIp": signal.source_host,
    }
    extra = [(name, value) for name, value in signal.headers if name.lower().startswith("x-")]
    for name, value in extra[:LIMIT]:
        found.setdefault(f"SipHeader_{name}", value)
    return tuple(found.items())
