"""Who calls whom, read from SIP URIs. Pure text; what a number is for belongs to the store.

Sources: RFC 3261, section 19.1.1 (SIP URI), RFC 3966 (tel URI).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from roomtone.core.call.messages import IncomingCall
from roomtone.core.values import Caller, Direction

_NUMBER = re.compile(r"\+?\d{5,17}")


def user_of(uri: str) -> str:
    """Give the user part of a sip, sips or tel URI, without parameters and escapes; the text itself if it is neither."""
    text = uri.strip().strip("<>")
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() not in {"sip", "sips", "tel"}:
        return text
    user = rest.partition("@")[0] if "@" in rest else rest.partition(":")[0]
    return unquote(user.partition(";")[0].partition("?")[0])


def number_called(uri: str) -> str | None:
    """Give the E.164 number of a URI, with its plus sign even where the peer left it out; None: it is no number."""
    user = user_of(uri)
    digits = re.sub(r"[\s().-]", "", user)
    if not _NUMBER.fullmatch(digits):
        return None
    return digits if digits.startswith("+") else f"+{digits}"


def caller_of(signal: IncomingCall) -> Caller:
    """Say who calls whom in an incoming call: numbers as E.164, anybody else by their URI."""
    return Caller(from_=_party(signal.from_uri), to=_party(signal.request_uri), direction=Direction.INBOUND)


def _party(uri: str) -> str:
    user = user_of(uri)
    if user.startswith("+"):
        return number_called(uri) or user
    before, at, host = uri.strip().strip("<>").rpartition("@")  # a user part may hold semicolons of its own
    return f"{before}{at}{host.partition(';')[0].partition('?')[0]}" or "anonymous"
