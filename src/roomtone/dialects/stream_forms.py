"""Streams: what a form says of one. Sources: SignalWire "Streams" (of conferences, of calls); Twilio "Stream resource"."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import is_this_machine
from roomtone.core.streaming import StreamCodec, StreamTrack, StreamWish, socket_location
from roomtone.core.values import Document, Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last

MOST_PARAMETERS = 99

CREATE_NAMES = frozenset(
    {"AuthorizationBearerToken", "Name", "StatusCallback", "StatusCallbackMethod", "StreamCodec", "StreamRealTime", "Track", "Url"}
    | {f"Parameter{number}.{part}" for number in range(1, MOST_PARAMETERS + 1) for part in ("Name", "Value")}
)  # fmt: skip
UPDATE_NAMES = frozenset({"Status"})

TRACKS: Mapping[str, StreamTrack] = MappingProxyType(
    {"signalwire": StreamTrack.BOTH, "twilio": StreamTrack.INBOUND}
)
"""What is carried where nothing is said, by dialect."""

_LONGEST = 4_096


def create(fields: Fields, dialect: str) -> StreamWish:
    """Read what is to be carried where.

    Raises:
        Refused: STREAM_URL_INVALID, PARAMETER_MISSING, PARAMETER_INVALID, URL_INVALID, METHOD_INVALID.
    """
    parameters.boolean(fields, "StreamRealTime")
    callback = parameters.url(fields, "StatusCallback")
    method = parameters.method(fields, "StatusCallbackMethod") or Method.POST
    track = parameters.one_of(fields, "Track", *StreamTrack)
    codec = parameters.one_of(fields, "StreamCodec", *StreamCodec, "PCMU@8000h")
    return StreamWish(
        url=_url(fields),
        name=parameters.line(fields, "Name", 256),
        track=TRACKS[dialect] if track is None else StreamTrack(track),
        codec=StreamCodec((codec or "PCMU").removesuffix("@8000h")),
        callback=Document(callback, method) if callback else None,
        parameters=_custom(fields),
        bearer=_bearer(fields),
    )


def check_update(fields: Fields) -> None:
    """Check the wish to stop a stream: nothing else can be wished.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    if parameters.one_of(fields, "Status", "stopped") is None:
        raise Refused(Reason.PARAMETER_MISSING, name="Status")


def _url(fields: Fields) -> str:
    text = (last(fields, "Url") or "").strip()
    if not text:
        raise Refused(Reason.PARAMETER_MISSING, name="Url")
    try:
        found = socket_location(text, "")
    except ValueError:
        raise Refused(Reason.STREAM_URL_INVALID, name="Url") from None
    if found.startswith("ws:") and not is_this_machine(urlsplit(found).hostname or ""):
        raise Refused(Reason.STREAM_URL_INVALID, name="Url")  # in the clear only where nobody else can listen
    return found


def _bearer(fields: Fields) -> str | None:
    token = parameters.line(fields, "AuthorizationBearerToken", _LONGEST)
    if token is not None and (not token.isascii() or " " in token):
        raise Refused(Reason.PARAMETER_INVALID, name="AuthorizationBearerToken", expected="a token")
    return token


def _custom(fields: Fields) -> tuple[tuple[str, str], ...]:
    given = (
        (parameters.text(fields, f"Parameter{number}.Name", 512), last(fields, f"Parameter{number}.Value"))
        for number in range(1, MOST_PARAMETERS + 1)
    )
    return tuple((name, (value or "")[:_LONGEST]) for name, value in given if name)
