"""Reading the path of a request, on its raw bytes: one percent-decoding, and no slash that comes out of one.

A resource lives under both vendors' prefixes, with ``.json`` and without; a prefix may be repeated, since a client given
a base address with a path puts it before the page addresses it is told, too. No path is ever redirected: the SDKs do
not follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from roomtone.core.ids import ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import SIGNALWIRE, TWILIO, Dialect

_RESOURCE = re.compile(
    rb"(?P<prefix>(?:/api/laml)*)/2010-04-01/Accounts(?P<rest>(?:/.*)?|\.(?:json|xml|csv))", re.DOTALL
)
_STRAY_PERCENT = re.compile(rb"%(?![0-9a-fA-F]{2})")
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Address:
    """The path of a resource, read."""

    account: str | None
    """As it was spelled; None: the path names none."""

    segments: tuple[str, ...]
    """What follows the account, decoded."""

    suffix: str
    """``.json``, ``.xml``, ``.csv`` or empty; taken off the last segment."""

    prefix: str = ""
    """What stood before the version."""


def read(raw_path: bytes) -> Address | None:
    """Read the path of a resource; None: it is not under a prefix of the API.

    Raises:
        Refused: BODY_UNREADABLE: the path is not percent-encoded UTF-8.
    """
    match = _RESOURCE.fullmatch(raw_path)
    if match is None:
        return None
    rest, suffix = _suffixed(match["rest"])
    prefix = match["prefix"].decode("ascii")
    if not rest:
        return Address(None, (), suffix, prefix)
    if rest.isascii() and b"%" not in rest:
        account, *segments = rest[1:].decode("ascii").split("/")
    else:
        account, *segments = (_decoded(segment) for segment in rest[1:].split(b"/"))
    return Address(account, tuple(segments), suffix, prefix)


def guess(raw_path: bytes) -> Dialect:
    """Give the dialect for one who is not known yet: by the account's shape in the path, else by the prefix."""
    match = _RESOURCE.fullmatch(raw_path)
    account = match["rest"].split(b"/")[1:2] if match else []
    text = _suffixed(account[0])[0].decode("latin-1") if account else ""
    if TWILIO.sids.parse(ProjectId, text) is not None:
        return TWILIO if text.startswith("AC") else SIGNALWIRE
    return SIGNALWIRE if raw_path.startswith((b"/api/laml", b"/laml-bins")) else TWILIO


def shown(raw_path: bytes) -> str:
    """Give a path as messages name it."""
    text = raw_path.decode("ascii", "backslashreplace")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _suffixed(path: bytes) -> tuple[bytes, str]:
    for suffix in (".json", ".xml", ".csv"):
        if path.endswith(suffix.encode()):
            return path[: -len(suffix)], suffix
    return path, ""


def _decoded(segment: bytes) -> str:
    if _STRAY_PERCENT.search(segment):
        raise Refused(Reason.BODY_UNREADABLE, problem="a percent sign in the path escapes nothing")
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Reason.BODY_UNREADABLE, problem="the path is not UTF-8") from None
