"""Where browsers find a way through firewalls: STUN and TURN servers of the operator's, and passes for the latter.

A pass is made of the moment it ends and a secret that the TURN server knows, so nothing is kept of it.

Sources: RFC 7064, RFC 7065 (URIs); "A REST API for access to TURN services" (draft-uberti-behave-turn-rest-00), as
coturn's ``use-auth-secret`` does it.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass

LONGEST_TTL_S = 86_400
"""Seconds that a pass is good for at most, and unless less is wanted. Source: Twilio "Token resource", ``Ttl``."""

_URI = re.compile(r"(?:stuns?:[^\s?]+|turns?:[^\s?]+(?:\?transport=(?:udp|tcp))?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class IceServers:
    """The servers that are offered."""

    urls: tuple[str, ...] = ()
    """``stun:host:port``, ``turn:host:port?transport=udp``."""

    secret: str = ""
    """What the TURN servers know, too; empty: there are none."""

    @property
    def need_secret(self) -> bool:
        """Whether there are TURN servers, and nothing to make passes with."""
        return not self.secret and any(self.relays(url) for url in self.urls)

    @staticmethod
    def relays(url: str) -> bool:
        """Whether a server wants a pass."""
        return url.startswith("turn")

    def credential(self, username: str) -> str:
        """Give the password of a pass."""
        digest = hmac.new(self.secret.encode(), username.encode(), "sha1").digest()
        return b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class IcePass:
    """A pass for the TURN servers, and the servers."""

    servers: IceServers
    username: str
    ttl_s: int
    created_ms: int

    @property
    def password(self) -> str:
        """What goes with the username."""
        return self.servers.credential(self.username)


def read_urls(text: str) -> tuple[str, ...]:
    """Read server addresses apart by commas; none in an empty text.

    Raises:
        ValueError: One is no address of a STUN or TURN server.
    """
    urls = tuple(part.strip() for part in text.split(",") if part.strip())
    for url in urls:
        if not _URI.fullmatch(url):
            raise ValueError("takes stun:HOST:PORT and turn:HOST:PORT?transport=udp, apart by commas")
    return urls


def issue(servers: IceServers, whose: str, ttl_s: int, now_ms: int) -> IcePass:
    """Make a pass.

    Args:
        servers: For whom it is.
        whose: What the TURN server's log shows.
        ttl_s: Seconds that it is good for.
        now_ms: Wall clock, ms since 1970 UTC.
    """
    return IcePass(servers, f"{now_ms // 1000 + ttl_s}:{whose}", ttl_s, now_ms)
