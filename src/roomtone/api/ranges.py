"""What of a sound is delivered: all, a part, nothing new, or nothing at all. Pure.

One range of bytes is given; of several all is, as RFC 9110 allows, and what cannot be read is passed over. Its tag is its
digest, so it is strong, and a part is only given to whoever has the rest of the same sound.

Source: RFC 9110 sections 8.8.3, 13.1.2, 13.1.5, 13.2.2 and 14.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ONE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a sound, and how it is told of."""

    status: int
    """200, 206, 304 or 416."""

    first: int
    """The first byte."""

    last: int
    """The one after the last byte; as `first`: none."""

    headers: tuple[tuple[str, str], ...]


def cut(method: str, headers: Mapping[str, str], size: int, tag: str) -> Cut:
    """Say what is given.

    Args:
        method: GET or HEAD.
        headers: Of the request, by small letters.
        size: Bytes of the whole.
        tag: Its entity tag, without quotes.
    """
    told = (("ETag", f'"{tag}"'), ("Accept-Ranges", "bytes"))
    known = {one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")}
    if known & {"*", f'"{tag}"'}:
        return Cut(304, 0, 0, told)
    wish = headers.get("range")
    if wish is None or method != "GET" or headers.get("if-range", f'"{tag}"').strip() != f'"{tag}"':
        return Cut(200, 0, size, told)
    span = _span(wish, size)
    if span is None:
        return Cut(200, 0, size, told)
    first, last = span
    if first >= last:
        return Cut(416, 0, 0, (*told, ("Content-Range", f"bytes */{size}")))
    return Cut(206, first, last, (*told, ("Content-Range", f"bytes {first}-{last - 1}/{size}")))


def _span(wish: str, size: int) -> tuple[int, int] | None:
    """Read a range; an empty one: it is out of bounds; None: it is none that can be read, or several."""
    match = _ONE.fullmatch(wish)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size
    first, last = int(match[1]), int(match[2] or size)
    if match[2] and last < first:
        return None
    return (first, min(last + 1, size)) if first < size else (0, 0)
