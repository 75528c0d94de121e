"""SIP messages as values, as far as a small test caller needs them. Pure.

Not a parser to trust with a stranger's bytes: the engine has its own. Source: RFC 3261, sections 7 and 20; RFC 8866.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import PAYLOAD_TYPE

_COMPACT = {"f": "from", "t": "to", "v": "via", "m": "contact", "i": "call-id", "l": "content-length"}

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One request or response."""

    start: str
    """Request line or status line."""

    headers: Headers
    """Names and values in order, as received."""

    body: str = ""

    @property
    def method(self) -> str:
        """Of a request; of a response, that of the request it answers."""
        return self.get("cseq").partition(" ")[2] if self.status else self.start.partition(" ")[0]

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.start.partition(" ")[2][:3]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def reason(self) -> str:
        """Words of a response."""
        return self.start.split(" ", 2)[2] if self.status else ""

    def all(self, name: str) -> list[str]:
        """Give the values of a header, in order; `name` in lower case and long form."""
        found = []
        for key, value in self.headers:
            key = key.lower()  # noqa: PLW2901 - compared only
            if _COMPACT.get(key, key) == name:
                found.append(value)
        return found

    def get(self, name: str) -> str:
        """Give the first value of a header, or nothing."""
        return next(iter(self.all(name)), "")

    def pack(self) -> bytes:
        """Spell it as a datagram."""
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return ("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])).encode() + body


def parse(datagram: bytes) -> SipMessage | None:
    """Read a datagram, or None if it is no SIP (a keep-alive, say)."""
    head, _, body = datagram.partition(b"\r\n\r\n")
    start, *lines = head.decode("utf-8", "replace").split("\r\n")
    if "SIP/2.0" not in start:
        return None
    headers = tuple(
        (name.strip(), value.strip())
        for name, colon, value in (line.partition(":") for line in lines)
        if colon
    )
    return SipMessage(start, headers, body.decode("utf-8", "replace"))


def reply_to(
    request: SipMessage, status: int, reason: str, *, tag: str = "", more: Headers = (), body: str = ""
) -> SipMessage:
    """Make a response: Via, From, To, Call-ID and CSeq of the request (RFC 3261, section 8.2.6.2)."""
    kept: list[tuple[str, str]] = []
    for name in ("via", "record-route", "from", "to", "call-id", "cseq"):
        for value in request.all(name):
            tagged = f"{value};tag={tag}" if name == "to" and tag and ";tag=" not in value else value
            kept.append((name.title(), tagged))
    return SipMessage(f"SIP/2.0 {status} {reason}", (*kept, *more), body)


def uri_in(value: str) -> str:
    """Give the URI of a From, To, Contact or Route value."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.partition(";")[0].strip()


def address_of(uri: str) -> tuple[str, int]:
    """Give host and port of a SIP URI (port 5060 if it has none)."""
    found = re.match(r"sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?", uri)
    if found is None:
        raise ValueError(f"{uri!r} is no SIP URI")
    return found.group(1).strip("[]"), int(found.group(2) or 5060)


def offer(
    host: str,
    port: int,
    codecs: tuple[Codec, ...],
    *,
    digits: int = 101,
    flow: str = "sendrecv",
    version: int = 1,
) -> str:
    """Write an SDP offer of one audio stream."""
    family = "IP6" if ":" in host else "IP4"
    numbers = [PAYLOAD_TYPE[codec] for codec in codecs]
    lines = [
        "v=0",
        f"o=caller 1 {version} IN {family} {host}",
        "s=-",
        f"c=IN {family} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(map(str, [*numbers, digits]))}",
        *(f"a=rtpmap:{PAYLOAD_TYPE[codec]} {codec}/8000" for codec in codecs),
        f"a=rtpmap:{digits} telephone-event/8000",
        f"a=fmtp:{digits} 0-15",
        "a=ptime:20",
        f"a={flow}",
    ]
    return "\r\n".join([*lines, ""])


@dataclass(frozen=True, slots=True)
class Answered:
    """What an SDP answer says about its first audio stream."""

    host: str
    port: int
    payload_types: tuple[int, ...]
    flow: str


def read_answer(sdp: str) -> Answered:
    """Read an SDP answer.

    Raises:
        ValueError: It has no audio stream or no address.
    """
    session, _, media = sdp.partition("m=audio ")
    media = media.partition("\nm=")[0]
    line = re.match(r"(\d+)(?:/\d+)? \S+ ([\d ]+)", media)
    address = re.search(r"^c=IN IP[46] (\S+)", media, re.MULTILINE) or re.search(
        r"^c=IN IP[46] (\S+)", session, re.MULTILINE
    )
    if line is None or address is None:
        raise ValueError("the answer has no audio stream with an address")
    flow = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", media, re.MULTILINE)
    numbers = tuple(int(number) for number in line.group(2).split())
    return Answered(address.group(1), int(line.group(1)), numbers, flow.group(1) if flow else "sendrecv")
