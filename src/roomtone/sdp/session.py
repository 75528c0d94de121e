"""Reading a session description, as far as one audio stream needs it.

Our own small parser: the ones on PyPI either drop what they cannot read without a word or bring a media stack along
(see docs/decisions/0004-documents.md). Lenient where phones are (line ends, missing s= or t= lines, unknown lines),
strict about what media depends on: ports, addresses, payload types. Decides nothing.

Exceptions: `Malformed` and no other.

Sources: RFC 8866 (SDP); RFC 4566 for what older phones still write.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from roomtone.sdp.agreement import Flow
from roomtone.sdp.crypto import MAX_ATTRIBUTES, Crypto, read_crypto
from roomtone.sdp.doors import Told

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_CHARACTERS = 65_536
"""A datagram cannot carry more; over TCP it is refused just the same."""

_MEDIA = re.compile(
    r"(?P<kind>\S+)\s+(?P<port>\d{1,5})(?:/\d{1,5})?\s+(?P<protocol>\S+)\s+(?P<formats>\S.*)", re.ASCII
)
_CODEC = re.compile(
    r"(?P<number>\d{1,3})\s+(?P<name>[^\s/]+)/(?P<rate>\d{1,9})(?:/(?P<channels>\d{1,3}))?", re.ASCII
)

_PARAMETERS = re.compile(r"(?P<number>\d{1,3})\s+(?P<parameters>.*)", re.ASCII)


class Malformed(ValueError):  # noqa: N818 - a fault of the peer, told by its state
    """The text is no session description."""


@dataclass(frozen=True, slots=True)
class RtpMap:
    """What a payload type means."""

    name: str
    """Upper case."""

    rate_hz: int
    channels: int = 1


@dataclass(slots=True)
class Media:
    """One m= line and the lines that belong to it."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    """Payload types as written, in order of preference."""

    connection: str | None = None
    """Address as written, without time to live."""

    flow: Flow | None = None
    """As the writer sees it."""

    maps: dict[int, RtpMap] = field(default_factory=dict)
    """Payload types that are explained."""

    parameters: dict[int, str] = field(default_factory=dict)
    """What their fmtp lines say, by payload type, as written."""

    cryptos: list[Crypto] = field(default_factory=list)
    """Keys that we can honour, in order of preference."""

    told: Told = field(default_factory=Told)
    """What it tells of ICE and DTLS."""

    ptime_ms: float | None = None
    max_ptime_ms: float | None = None


@dataclass(slots=True)
class Session:
    """A description, read."""

    media: list[Media] = field(default_factory=list)
    connection: str | None = None
    flow: Flow = Flow.SENDRECV
    times: tuple[str, ...] = ()
    """Values of the t= lines."""

    told: Told = field(default_factory=Told)
    """What it tells of ICE and DTLS, of all streams that do not say otherwise."""


def read_session(text: str) -> Session:
    """Read a description.

    Raises:
        Malformed: It does not begin with ``v=0``, or a line that media depends on cannot be read.
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed(f"{len(text)} characters are too many")
    lines = [line.strip("\0 \t") for line in re.split(r"\r\n|\n|\r", text)]
    lines = [line for line in lines if line]
    if not lines or lines[0] != "v=0":
        raise Malformed("it does not begin with v=0")
    session = Session()
    for line in lines[1:]:
        kind, equals, value = line.partition("=")
        if not equals or len(kind) != 1:
            raise Malformed(f"not a line of SDP: {line[:40]!r}")
        _take(session, kind, value.strip())
    return session


def address_of(text: str) -> Address:
    """Read an IP address.

    Raises:
        Malformed: It is a name or nothing at all.
    """
    zoneless = "%" not in text  # a zone names an interface of theirs, which means nothing here
    try:
        return ipaddress.ip_address(text if zoneless else "")
    except ValueError:
        raise Malformed(f"not an IP address: {text[:60]!r}") from None


def _take(session: Session, kind: str, value: str) -> None:
    match kind:
        case "m":
            session.media.append(_media(value))
        case "c" if session.media:
            session.media[-1].connection = _connection(value)
        case "c":
            session.connection = _connection(value)
        case "t":
            session.times += (value,)
        case "a":
            _attribute(session, value)
        case _:
            pass  # o=, s=, b=, i= and the rest change nothing for us


def _media(value: str) -> Media:
    found = _MEDIA.fullmatch(value)
    if found is None or int(found["port"]) > 65_535:
        raise Malformed(f"unreadable m= line: {value[:60]!r}")
    return Media(
        kind=found["kind"].lower(),
        port=int(found["port"]),
        protocol=found["protocol"],
        formats=tuple(found["formats"].split()),
    )


def _connection(value: str) -> str:
    parts = value.split()
    if len(parts) != 3 or parts[0].upper() != "IN" or parts[1].upper() not in {"IP4", "IP6"}:
        raise Malformed(f"unreadable c= line: {value[:60]!r}")
    return parts[2].split("/")[0]


def _attribute(session: Session, value: str) -> None:
    name, _, rest = value.partition(":")
    name = name.strip().lower()
    media = session.media[-1] if session.media else None
    if name in set(Flow):
        flow = Flow(name)
        if media is None:
            session.flow = flow
        else:
            media.flow = flow
    elif media is not None:
        _media_attribute(media, name, rest.strip())
    else:
        session.told.take(name, rest.strip())


def _media_attribute(media: Media, name: str, rest: str) -> None:
    match name:
        case "rtpmap":
            if (found := _CODEC.fullmatch(rest)) is not None and int(found["number"]) <= 127:
                channels = int(found["channels"] or 1)
                media.maps[int(found["number"])] = RtpMap(found["name"].upper(), int(found["rate"]), channels)
        case "fmtp":
            if (told := _PARAMETERS.fullmatch(rest)) is not None and int(told["number"]) <= 127:
                media.parameters[int(told["number"])] = told["parameters"]
        case "ptime":
            media.ptime_ms = _milliseconds(rest)
        case "crypto" if len(media.cryptos) < MAX_ATTRIBUTES:
            media.cryptos += filter(None, [read_crypto(rest)])
        case "maxptime":
            media.max_ptime_ms = _milliseconds(rest)
        case _:
            media.told.take(name, rest)  # rtcp, ssrc, candidates …: nothing we act on


def _milliseconds(text: str) -> float | None:
    """Read a packet time; one that cannot be read is as good as none, for it is only a wish (RFC 8866, 6.4)."""
    return float(text) if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", text) else None
