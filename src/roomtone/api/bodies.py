"""Reading what came with a request: its body, bounded, and the fields in it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Receive

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import fields
from roomtone.dialects.fields import Fields

LARGEST_FORM = 64 * 1024
"""Bytes of a request's body at most."""

LARGEST_DOCUMENT = 256 * 1024
"""Bytes of a body that carries a hosted document: 64 kB of XML grow up to threefold when percent-encoded."""


class Disconnected(Exception):  # noqa: N818 - nothing of ours went wrong
    """The client went away before its request was whole."""


async def read(headers: Headers, receive: Receive, largest: int) -> bytes:
    """Read a request's body.

    Args:
        headers: The request's headers.
        receive: Gives the body piece by piece.
        largest: Bytes at most; the rest of a larger body is not read.

    Raises:
        Refused: BODY_TOO_LARGE.
        Disconnected: The client went away.
    """
    announced = headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > largest:
        raise Refused(Reason.BODY_TOO_LARGE, limit=largest)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > largest:
            raise Refused(Reason.BODY_TOO_LARGE, limit=largest)
    return bytes(body)


def parse(headers: Headers, body: bytes) -> Fields:
    """Read the fields of a body. An empty one has none, whatever its type says; one without a type is a form.

    Raises:
        Refused: BODY_UNREADABLE.
    """
    if not body.strip():
        return ()
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(Reason.BODY_UNREADABLE, problem="a compressed body is not taken")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    match media_type:
        case "" | "application/x-www-form-urlencoded":
            return fields.from_form(body)
        case "application/json":
            return fields.from_json(body)
        case _:
            raise Refused(Reason.BODY_UNREADABLE, problem=f"a body of type {media_type[:100]} is not taken")
