"""Where somebody can be reached: Contact and Expires headers, read and written.

Sources: RFC 3261, sections 10.2, 10.3, 19.1.4 (when two addresses are the same), 20.10, 20.19.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"]{1,120})@)?(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)"
    r"(?::(?P<port>\d{1,5}))?(?P<rest>[;?][^\s<>\"]*)?",
    re.IGNORECASE,
)
MOST_READ = 20
"""Values of Contact that are looked at: more than any phone has, and one too many is one too many."""

LONGEST = 512
"""Of an address that is kept, in characters."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One value of a Contact header."""

    uri: str
    expires_s: int | None = None
    """None: not said here."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """All a request says of where somebody is."""

    each: tuple[Contact, ...] = ()
    everywhere: bool = False
    """``*``: all there are."""

    expires_s: int | None = None
    """For those that do not say themselves."""


def read(headers: Sequence[tuple[str, str]]) -> Contacts | None:
    """Read the headers of a REGISTER; None: one of them makes no sense."""
    every = (part for name, value in headers if name.lower() == "contact" for part in _split(value))
    values = list(islice(every, MOST_READ))
    expires = next((value for name, value in headers if name.lower() == "expires"), None)
    # RFC 3261, 20.19: what cannot be read counts as not said.
    default = _seconds(expires)
    if "*" in values:
        return Contacts((), everywhere=True, expires_s=default) if len(values) == 1 else None
    found = [_contact(value) for value in values]
    if any(one is None for one in found):
        return None
    return Contacts(tuple(one for one in found if one is not None), expires_s=default)


def same(one: str, other: str) -> bool:
    """Say whether two addresses are one place: host and scheme in any case, the rest as it is written."""
    return _normal(one) == _normal(other)


def host_of(uri: str) -> str:
    """Give a SIP URI's host, in lower case and without brackets; empty: it is none."""
    read_uri = _URI.match(uri)
    return read_uri["host"].strip("[]").lower() if read_uri else ""


def written(uri: str, expires_s: int) -> str:
    """Write a Contact value of an answer."""
    return f"<{uri}>;expires={expires_s}"


def _normal(uri: str) -> str:
    parts = _URI.fullmatch(uri)
    if parts is None:
        return uri
    rest = (parts["rest"] or "").lower()
    return (
        f"{parts['scheme'].lower()}:{parts['user'] or ''}@{parts['host'].lower()}:{parts['port'] or ''}{rest}"
    )


def _contact(value: str) -> Contact | None:
    if "<" in value:
        before, _, rest = value.partition("<")
        if re.sub(r"\\.", "", before).count('"') % 2:
            return None
        uri, close, parameters = rest.partition(">")
        if not close:
            return None
    else:
        uri, _, parameters = value.partition(";")
    uri = uri.strip()
    if len(uri) > LONGEST or not _URI.fullmatch(uri):
        return None
    said = re.search(r"(?:^|;)\s*expires\s*=\s*([^;\s]*)", parameters, re.IGNORECASE)
    return Contact(uri, _seconds(said[1]) if said else None)


def _seconds(text: str | None) -> int | None:
    digits = (text or "").strip()
    return (
        min(int(digits), 0xFFFFFFFF) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None
    )


def _split(value: str) -> Iterator[str]:
    """Split at the commas outside quotes and angle brackets."""
    part, quoted, angled, escaped = "", False, False, False
    for sign in value:
        if escaped:
            escaped = False
        elif sign == "\\" and quoted:
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "<>":
            angled = sign == "<"
        elif sign == "," and not quoted and not angled:
            yield part.strip()
            part = ""
            continue
        part += sign
    if part.strip():
        yield part.strip()
