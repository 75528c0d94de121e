"""Reading what came with a request: its body, bounded, and the fields in it."""

from __future__ import annotations

import asyncio
from base64 import b64encode

from starlette.datastructures import Headers
from starlette.types import Receive

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import fields
from roomtone.dialects.fields import Fields

LARGEST_FORM = 64 * 1024
"""Bytes of a request's body at most."""

LARGEST_DOCUMENT = 256 * 1024
"""Bytes of a body that carries a hosted document: 64 kB of XML grow up to threefold when percent-encoded."""

PATIENCE_S = 20.0
"""Seconds until the next piece of a body must have come."""

WHOLE_PATIENCE_S = 60.0
"""Seconds until the whole of a body must have come."""

READ_AWAY = 8 * 1024 * 1024
"""Bytes of a body too large that are read and forgotten, or twice what is taken; one that is larger still may find its
connection reset."""

_FORMS = frozenset({"", "application/x-www-form-urlencoded", "application/json"})


class Disconnected(Exception):  # noqa: N818 - nothing of ours went wrong
    """The client went away before its request was whole."""


async def read(
    headers: Headers,
    receive: Receive,
    largest: int,
    patience_s: float = PATIENCE_S,
    whole_s: float = WHOLE_PATIENCE_S,
) -> bytes:
    """Read a request's body.

    A body that is too large is read away up to `READ_AWAY` bytes (or twice `largest`) before it is refused: a connection that is closed while
    its other end still sends is reset, and the refusal lost on the way.

    Args:
        headers: The request's headers.
        receive: Gives the body piece by piece.
        largest: Bytes at most.
        patience_s: Seconds to wait for each piece.
        whole_s: Seconds to wait for all of them.

    Raises:
        Refused: BODY_TOO_LARGE; BODY_UNREADABLE: it has stopped coming.
        Disconnected: The client went away.
    """
    announced = headers.get("content-length", "0")
    size = int(announced[:20]) if announced.isascii() and announced.isdigit() else 0
    body = bytearray()
    away = max(READ_AWAY, 2 * largest)
    came, more = 0, size <= away
    loop = asyncio.get_running_loop()
    latest_s = loop.time() + whole_s
    while more and came <= away:
        try:
            async with asyncio.timeout_at(min(latest_s, loop.time() + patience_s)):
                message = await receive()
        except TimeoutError:
            problem = f"its body did not come: {patience_s:g} s for a piece, {whole_s:g} s for all of it"
            raise Refused(Reason.BODY_UNREADABLE, problem=problem) from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece = message.get("body", b"")
        came += len(piece)
        if came <= largest:
            body += piece
        more = message.get("more_body", False)
    if max(size, came) > largest:
        raise Refused(Reason.BODY_TOO_LARGE, limit=largest)
    return bytes(body)


def holds_fields(headers: Headers) -> bool:
    """Say whether a body holds fields by their names, and is not one itself."""
    return _media_type(headers) in _FORMS


def parse(headers: Headers, body: bytes, raw: str = "") -> Fields:
    """Read the fields of a body. An empty one has none, whatever its type says; one without a type is a form.

    Args:
        headers: The request's.
        body: As it came.
        raw: The field that a body is whose type is none of ours, in base64, with its type as ``ContentType``; empty: such a
            body is refused.

    Raises:
        Refused: BODY_UNREADABLE.
    """
    if not body.strip():
        return ()
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(Reason.BODY_UNREADABLE, problem="a compressed body is not taken")
    match media_type := _media_type(headers):
        case "" | "application/x-www-form-urlencoded":
            return fields.from_form(body)
        case "application/json":
            return fields.from_json(body)
        case "application/sdp":
            return fields.from_sdp(body)
        case _ if raw:
            return (raw, b64encode(body).decode()), ("ContentType", media_type)
        case _:
            raise Refused(Reason.BODY_UNREADABLE, problem=f"a body of type {media_type[:100]} is not taken")


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()
