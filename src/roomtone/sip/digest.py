"""Digest authentication: challenges written, answers to them read and proved.

Only the digest of a name, the realm and a password (HA1) is ever needed here, never the password itself. A challenge
keeps nothing: its nonce carries its own age, and whom it was given to, under a keyed digest. So a flood of requests costs no
memory, and whoever answers with a nonce of ours has received it: their address is not forged.

Sources: RFC 3261, section 22; RFC 7616 (digest, SHA-256); RFC 8760 (the same in SIP).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

REALM = "roomtone"
"""The one realm of a house: a name and a password mean the same whichever address of ours somebody registers at."""

NONCE_S = 300
"""How long a nonce may be answered, in seconds."""

LONGEST = 2_048
"""Of an Authorization header that is read, in characters."""

_FIELD = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')
_COUNT = re.compile(r"[0-9a-fA-F]{8}")


class Algorithm(StrEnum):
    """How digests are made."""

    SHA256 = "SHA-256"
    MD5 = "MD5"


ALGORITHMS = (Algorithm.MD5,)
"""What is asked for unless the settings say more: every phone knows it, and some give up at the sight of another."""


def digest(algorithm: Algorithm, text: str) -> str:
    """Give a text's digest in lower-case hex."""
    if algorithm is Algorithm.SHA256:
        return hashlib.sha256(text.encode()).hexdigest()
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ha1(algorithm: Algorithm, username: str, password: str) -> str:
    """Give what is kept of a password: the digest of name, realm and password."""
    return digest(algorithm, f"{username}:{REALM}:{password}")


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's answer to a challenge."""

    username: str
    nonce: str
    uri: str
    response: str
    algorithm: Algorithm
    qop: str | None
    cnonce: str
    count: str
    """Of requests with this nonce, eight hex digits; empty without `qop`."""

    def proves(self, secret: str, method: str) -> bool:
        """Say whether whoever made it knows the password.

        Args:
            secret: HA1 of the name, made with the same algorithm.
            method: Of the request.
        """
        ha2 = digest(self.algorithm, f"{method}:{self.uri}")
        middle = (self.nonce,) if self.qop is None else (self.nonce, self.count, self.cnonce, self.qop)
        expected = digest(self.algorithm, ":".join((secret, *middle, ha2)))
        return hmac.compare_digest(expected.encode(), self.response.lower().encode())

    def is_for(self, request_uri: str) -> bool:
        """Say whether it was made for a request to this address, by the user part of the two.

        Not by the host: a proxy may have put another in its place (RFC 3261, section 22.4, point 8).
        """
        return _user(self.uri) == _user(request_uri)


def _user(uri: str) -> str:
    rest = uri.strip().strip("<>").partition(":")[2].partition("?")[0]
    return unquote(rest.rpartition("@")[0].partition(";")[0])


def read(header: str) -> Claim | None:
    """Read an Authorization or Proxy-Authorization header; None: it is no answer to a challenge of ours."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest" or len(header) > LONGEST:
        return None
    found = fields(rest)
    algorithm = _algorithm(found)
    if found.get("realm") != REALM or algorithm is None:
        return None
    if any(not found.get(name) for name in ("username", "nonce", "uri", "response")):
        return None
    return _claim(found, algorithm)


def fields(text: str) -> dict[str, str]:
    """Read what follows the word Digest: names in lower case, values without their quotes."""
    return {name.lower(): quoted or plain for name, quoted, plain in _FIELD.findall(text)}


def _algorithm(found: Mapping[str, str]) -> Algorithm | None:
    try:
        return Algorithm(found.get("algorithm", "MD5").upper())
    except ValueError:
        return None


def _claim(found: Mapping[str, str], algorithm: Algorithm) -> Claim | None:
    qop = found.get("qop")
    cnonce, count = found.get("cnonce", ""), found.get("nc", "")
    if qop is not None and (qop != "auth" or not cnonce or not _COUNT.fullmatch(count)):
        return None
    return Claim(
        re.sub(r"\\(.)", r"\1", found["username"]),
        found["nonce"],
        found["uri"],
        found["response"],
        algorithm,
        qop,
        cnonce,
        count if qop else "",
    )


def claims(headers: Sequence[tuple[str, str]]) -> tuple[Claim, ...]:
    """Give every answer to a challenge of ours that a request carries."""
    names = {"authorization", "proxy-authorization"}
    found = (read(value) for name, value in headers if name.lower() in names)
    return tuple(claim for claim in found if claim is not None)


class Freshness(StrEnum):
    """What is to be thought of a nonce."""

    FRESH = "fresh"
    STALE = "stale"
    """Ours, but too old, or its count did not grow: ask again, without blame."""

    FOREIGN = "foreign"
    """Not ours, or given to another address: anybody could have written it, in anybody's name."""


class Nonces:
    """Makes nonces and knows its own again; remembers the counts of those that were answered rightly."""

    REMEMBERED = 20_000

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._counts: dict[str, int] = {}
        self._forgotten = ""
        """The newest nonce whose count is not known any more; those up to it are not taken again."""

    def make(self, now_ms: int, salt: int, host: str) -> str:
        """Make a nonce.

        Args:
            now_ms: Wall clock.
            salt: 32 random bits or more, so that two of one moment differ.
            host: Address of whom it is for.
        """
        body = f"{now_ms:012x}{salt & 0xFFFFFFFF:08x}"
        return body + self._seal(body, host)

    def judge(self, claim: Claim, now_ms: int, host: str) -> Freshness:
        """Say whether a claim's nonce is ours, was given to this address, and may be used; changes nothing."""
        body, seal = claim.nonce[:20], claim.nonce[20:]
        if not hmac.compare_digest(seal.encode(), self._seal(body, host).encode()):
            return Freshness.FOREIGN
        age_ms = now_ms - int(body[:12], 16)
        known = self._counts.get(claim.nonce)
        if not -1_000 <= age_ms <= NONCE_S * 1_000 or (known is None and claim.nonce <= self._forgotten):
            return Freshness.STALE
        return Freshness.STALE if self._count(claim) <= (known or 0) else Freshness.FRESH

    def used(self, claim: Claim) -> None:
        """Take note that a claim was right: neither it nor an older one is right again."""
        if len(self._counts) >= self.REMEMBERED:
            oldest = sorted(self._counts)[: self.REMEMBERED // 2]  # they begin with their age
            for nonce in oldest:
                del self._counts[nonce]
            self._forgotten = oldest[-1]
        self._counts[claim.nonce] = self._count(claim)

    @staticmethod
    def _count(claim: Claim) -> int:
        # Without a count (as before RFC 2617) a nonce is good once.
        return int(claim.count, 16) if claim.count else 1

    def _seal(self, body: str, host: str) -> str:
        return hmac.new(self._secret, f"{body} {host}".encode(), hashlib.sha256).hexdigest()[:24]


def challenges(nonce: str, algorithms: Sequence[Algorithm], *, stale: bool) -> tuple[str, ...]:
    """Write a challenge for each algorithm, the best first (RFC 8760, section 2.3)."""
    again = ", stale=true" if stale else ""
    return tuple(
        f'Digest realm="{REALM}", nonce="{nonce}", algorithm={algorithm}, qop="auth"{again}'
        for algorithm in algorithms
    )
