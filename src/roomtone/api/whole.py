"""A whole answer in one go, where the server can take one: without ASGI's two messages and their checks.

An extension of ours to ASGI, put into a request's scope by `wire` and found there by the application; under any other
server, and in tests, the application falls back to the two messages.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.types import Scope

from roomtone.dialects.headers import CROSS_ORIGIN, NEVER_A_PAGE

EXTENSION = "roomtone.whole"

Lines: TypeAlias = list[tuple[bytes, bytes]]
Send: TypeAlias = Callable[[int, Lines, bytes], Awaitable[None]]
"""Sends an answer: its status, its own headers (small letters; `ON_ALL` go with every one), its content."""

ON_ALL: Lines = [
    (name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in (*CROSS_ORIGIN, *NEVER_A_PAGE)
]

ON_ALL_WRITTEN = b"".join(b"%b: %b\r\n" % line for line in ON_ALL)
_UNFIT = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def of(scope: Scope) -> Send | None:
    """Give what sends a whole answer to a request; None: the server has no such thing."""
    found: Send | None = (scope.get("extensions") or {}).get(EXTENSION)
    return found


def head(lines: Lines) -> bytes:
    """Write the lines of a head.

    Raises:
        ValueError: A header's text would begin another header.
    """
    if _UNFIT.search(b"".join([text for _, text in lines])):
        raise ValueError("a header holds a control character")
    return b"".join([b"%b: %b\r\n" % line for line in lines]) + ON_ALL_WRITTEN


def closes(lines: Lines) -> bool:
    """Whether an answer wants its connection closed."""
    return (b"connection", b"close") in lines
