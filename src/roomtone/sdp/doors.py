"""How browsers agree on sound: ICE, DTLS and one port for everything, as a session description has them. Pure.

We are the lite side of ICE: the peer checks our addresses, and we need none of its candidates, so they are not read; one
that is lite, too, nobody would check. Where its sound comes from, and the keys, the engine finds out.

Sources: RFC 8839 (ICE in SDP), RFC 8122 (a=fingerprint), RFC 8842 and RFC 4145 (a=setup), RFC 5761 (a=rtcp-mux), RFC 9143
(BUNDLE), RFC 8829 (JSEP).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

PROFILES = frozenset({"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"})
"""What browsers offer sound over (RFC 5764, section 8)."""

_WORD = re.compile(r"[A-Za-z0-9+/]{4,256}")
_HASH = re.compile(r"(?i:sha-256)\s+([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31})")
_PRIORITY = 2_130_706_431
"""Of the first of our addresses: of the host itself, for RTP (RFC 8445, section 5.1.2.1)."""


class Setup(StrEnum):
    """Who begins the handshake (RFC 4145, section 4)."""

    ACTIVE = "active"
    PASSIVE = "passive"
    ACTPASS = "actpass"


@dataclass(slots=True)
class Told:
    """What a description, or one stream of it, tells of ICE and DTLS."""

    username: str | None = None
    password: str | None = None
    fingerprint: str | None = None
    """SHA-256 of their certificate."""

    setup: Setup | None = None
    lite: bool = False
    bundle: tuple[str, ...] | None = None
    """Streams that are to share a port; of a description only."""

    mid: str | None = None
    """Name of the stream; of a stream only."""

    one_port: bool = False
    """Whether reports come with the sound; of a stream only."""

    def take(self, name: str, rest: str) -> None:
        """Read an attribute; what is none of these, or cannot be read, changes nothing."""
        match name:
            case "ice-ufrag" if _WORD.fullmatch(rest):
                self.username = rest
            case "ice-pwd" if _WORD.fullmatch(rest):
                self.password = rest
            case "fingerprint" if (found := _HASH.fullmatch(rest)) is not None:
                self.fingerprint = found[1].upper()
            case "setup" if rest.lower() in set(Setup):
                self.setup = Setup(rest.lower())
            case "ice-lite":
                self.lite = True
            case "group" if rest.split()[:1] == ["BUNDLE"]:
                self.bundle = tuple(rest.split()[1:])
            case "mid" if re.fullmatch(r"[!-~]{1,64}", rest):
                self.mid = rest
            case "rtcp-mux":
                self.one_port = True
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Theirs:
    """What a browser has told of itself."""

    username: str
    fingerprint: str
    begins: bool
    """Whether it begins the handshake, if it has to be one of us: as answerers we let them."""

    mid: str | None = None
    bundled: bool = False


@dataclass(frozen=True, slots=True)
class Ours:
    """What we tell a browser of ourselves."""

    username: str
    password: str = field(repr=False)
    fingerprint: str = ""
    hosts: tuple[str, ...] = ()
    """IP addresses, the best first."""

    setup: Setup = Setup.PASSIVE

    def lines(self, port: int) -> list[str]:
        """Write the attributes of a stream."""
        found = [
            f"a=candidate:{at} 1 udp {_PRIORITY - 256 * at} {host} {port} typ host"
            for at, host in enumerate(self.hosts, 1)
        ]
        return [
            "a=rtcp-mux",
            f"a=ice-ufrag:{self.username}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:sha-256 {self.fingerprint}",
            f"a=setup:{self.setup}",
            *found,
            "a=end-of-candidates",
            "a=msid:roomtone sound",
        ]


HEAD = ("a=ice-lite", "a=msid-semantic: WMS *")
"""What stands before the streams of a description for browsers."""


def read(session: Told, stream: Told) -> Theirs | str:
    """Say what a browser has told of a stream, or why it cannot come: a part of a sentence for people."""
    username = stream.username or session.username
    fingerprint = stream.fingerprint or session.fingerprint
    problems: Sequence[tuple[bool, str]] = (
        (not username or not (stream.password or session.password), "a=ice-ufrag and a=ice-pwd are needed"),
        (not fingerprint, "a=fingerprint:sha-256 is needed"),
        (not stream.one_port, "a=rtcp-mux is needed"),
        (session.lite or stream.lite, "both sides are ICE-lite, so nobody would begin"),
    )
    problem = next((text for applies, text in problems if applies), None)
    if problem is not None:
        return problem
    assert username is not None, "looked at above"
    assert fingerprint is not None, "looked at above"
    setup = stream.setup or session.setup
    bundled = stream.mid is not None and stream.mid in (session.bundle or ())
    return Theirs(username, fingerprint, setup is not Setup.PASSIVE, stream.mid, bundled)
