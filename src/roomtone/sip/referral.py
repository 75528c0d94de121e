"""What a REFER asks for, and how it is told what came of it.

Sources: RFC 3515, sections 2.1 (Refer-To) and 2.4.5 (NOTIFY with message/sipfrag); RFC 3891 (Replaces); RFC 4488
(Refer-Sub); RFC 3966 (tel).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

SIPFRAG = "message/sipfrag;version=2.0"

_TARGET = re.compile(
    r"(?P<uri>(?:sips?|tel):[^\s<>\"?,]{1,255})(?:\?(?P<headers>[^\s<>\"]{0,1024}))?", re.IGNORECASE
)
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: |\r|\n|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Referral:
    """Whom a peer wants to be called."""

    uri: str
    """A SIP or tel URI, without headers."""

    shown: str
    """As it was written, headers and all."""

    replaces: str | None = None
    """Call-ID of the dialog whose place the call is to take (an attended transfer); None: of none."""


def read(headers: Sequence[tuple[str, str]]) -> Referral | None:
    """Read the Refer-To of a REFER; None: there is not exactly one, or it names nobody who can be called."""
    values = [value.strip() for name, value in headers if name.lower() == "refer-to"]
    if len(values) != 1:
        return None
    written = values[0]
    bare = written.partition(";")[0]
    written = written.partition("<")[2].partition(">")[0] if "<" in written else bare
    found = _TARGET.fullmatch(written.strip())
    if found is None or re.search(r";method=(?!invite(?:;|$))", found["uri"], re.IGNORECASE):
        return None
    pairs = (pair.partition("=") for pair in (found["headers"] or "").split("&"))
    named = {name.lower(): unquote(value) for name, _, value in pairs}
    uri = re.sub(r";method=invite", "", found["uri"], flags=re.IGNORECASE)
    return Referral(uri, found[0], _call_id(named.get("replaces")))


def _call_id(replaces: str | None) -> str | None:
    """Give the Call-ID of a Replaces header; its tags stand behind it (RFC 3891, section 6.1)."""
    return None if replaces is None else replaces.partition(";")[0].strip()


def authority(uri: str) -> str:
    """Give host and port of a SIP URI as they are written, in lower case; empty: it has none."""
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]*\]|[^;?:>\s]*)(:\d{1,5})?", uri.strip("<> "), re.IGNORECASE)
    return (found[1] + (found[2] or "")).lower() if found else ""


def fragment(status: int, reason: str) -> str:
    """Write the body of a NOTIFY."""
    return f"SIP/2.0 {status} {reason}\r\n"


def status_of(body: str) -> int | None:
    """Read the status of a NOTIFY's body; None: it tells none."""
    found = _STATUS_LINE.match(body)
    return int(found[1]) if found else None


def is_over(subscription_state: str | None) -> bool:
    """Say whether nothing more will be told."""
    return (subscription_state or "").strip().lower().startswith("terminated")
