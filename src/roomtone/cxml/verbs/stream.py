"""Start, Stop, Connect with a Stream: the call's sound is carried to a WebSocket, and perhaps sound from there.

``<Start>`` carries one way, and the document goes on at once; ``<Connect>`` lets the server speak too, and the document
waits until that is over. A ``<Stream>`` in a ``<Conference>`` carries the conference.

Sources: Twilio TwiML "Stream", "Start", "Stop", "Connect"; SignalWire cXML "Stream", "Conference".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.core.streaming import LONGEST_URL, StreamCodec, StreamTrack, StreamWish, socket_location
from roomtone.core.values import Document, Method
from roomtone.cxml.attributes import Attribute, Table, boolean, location, method, plain
from roomtone.cxml.oddities import Oddity

MAX_NAME = 256
MAX_PARAMETERS = 99


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to carry what comes from the call; the document goes on."""

    wish: StreamWish


@dataclass(frozen=True, slots=True)
class Stop:
    """Carry it no more."""

    name: str


@dataclass(frozen=True, slots=True)
class Connect:
    """Let a server hear the call and speak to it; the document goes on when that is over."""

    wish: StreamWish
    action: str | None = None
    """Absolute URL asked for the next document afterwards; None: the next verb."""

    method: Method = Method.POST
    """How `action` is asked."""


CONNECT: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.METHOD_INVALID),
)


def codec_of(text: str) -> StreamCodec:
    """Read how sound is to be coded; ``PCMU@8000h`` is as good as ``PCMU``.

    Raises:
        ValueError: In no way that is known.
    """
    word = text.strip().removesuffix("@8000h")
    try:
        return StreamCodec(word)
    except ValueError:
        raise ValueError(f"not one of {', '.join(StreamCodec)}") from None


def _codec(text: str, _url: str) -> StreamCodec:
    return codec_of(text)


def _track(text: str, _url: str) -> StreamTrack:
    try:
        return StreamTrack(text.strip())
    except ValueError:
        raise ValueError(f"not one of {', '.join(StreamTrack)}") from None


def _name(text: str, _url: str) -> str | None:
    if len(text.strip()) > MAX_NAME:
        raise ValueError(f"more than {MAX_NAME} characters")
    return text.strip() or None


def _bearer(text: str, _url: str) -> str | None:
    token = text.strip()
    if (
        len(token) > LONGEST_URL
        or not token.isascii()
        or any(not one.isprintable() or one == " " for one in token)
    ):
        raise ValueError("not a token")
    return token or None


STREAM: Table = (
    Attribute("url", "url", socket_location, Oddity.URL_INVALID),
    Attribute("name", "name", _name),
    Attribute("track", "track", _track),
    Attribute("statusCallback", "callback_url", location, Oddity.URL_INVALID),
    Attribute("statusCallbackMethod", "callback_method", method, Oddity.METHOD_INVALID),
    Attribute("codec", "codec", _codec),
    Attribute("realtime", "idle", boolean),
    Attribute("authBearerToken", "bearer", _bearer),
    Attribute("bidir", "two_way", boolean),
    Attribute("streamSslValidateCertificate", "idle", plain),
    Attribute("streamStartConferenceOnEnter", "idle", plain),
)
"""Sound goes out as it comes and certificates are always checked, whatever is said of that."""


def wish_of(fields: dict[str, object], parameters: tuple[tuple[str, str], ...]) -> StreamWish | None:
    """Make a wish of the attributes that were read; None: it does not say where to."""
    fields.pop("idle", None)
    at, how = fields.pop("callback_url", None), fields.pop("callback_method", Method.POST)
    assert isinstance(how, Method), "the table reads it so"
    callback = None if at is None else Document(str(at), how)
    if "url" not in fields:
        return None
    return StreamWish(callback=callback, parameters=parameters, **fields)  # type: ignore[arg-type]


def two_way(wish: StreamWish) -> StreamWish:
    """Let the server speak; it hears what comes from the phone alone."""
    return replace(wish, two_way=True, track=StreamTrack.INBOUND)


def one_way(wish: StreamWish) -> StreamWish:
    """Let the server only hear."""
    return replace(wish, two_way=False)
