"""Answers to digest challenges, for the side that is asked who it is. Pure: dice are the caller's.

Sources: RFC 3261, section 22; RFC 7616 (digest, SHA-256); RFC 8760 (the first challenge that is understood is answered).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from roomtone.sip.digest import LONGEST, Algorithm, digest, fields

ANSWERS = {"www-authenticate": "Authorization", "proxy-authenticate": "Proxy-Authorization"}
"""The header that a challenge comes in, and the one that its answer goes in."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What somebody asks who doubts who we are."""

    answered_in: str
    """Name of the header for the answer."""

    realm: str
    nonce: str
    algorithm: Algorithm
    counted: bool
    """Whether it offers ``qop=auth``: then requests are counted."""

    opaque: str | None = None


def challenge(headers: Sequence[tuple[str, str]]) -> Challenge | None:
    """Give the first challenge of a refusal that we can answer; None: there is none."""
    for name, value in headers:
        answered_in = ANSWERS.get(name.lower())
        scheme, _, rest = value.strip().partition(" ")
        if answered_in is not None and scheme.lower() == "digest" and len(value) <= LONGEST:
            found = _read(answered_in, fields(rest))
            if found is not None:
                return found
    return None


def _read(answered_in: str, said: dict[str, str]) -> Challenge | None:
    name = said.get("algorithm", "MD5").upper()
    offered = [one.strip().lower() for one in said.get("qop", "").split(",") if one.strip()]
    understood = name in set(Algorithm) and "nonce" in said and "realm" in said
    if not understood or (offered and "auth" not in offered):
        return None
    return Challenge(
        answered_in, said["realm"], said["nonce"], Algorithm(name), bool(offered), said.get("opaque")
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """What an answer is made of, besides the challenge."""

    username: str
    password: str = field(repr=False)
    method: str
    """Of the request that carries it."""

    uri: str
    """As in that request's first line."""

    cnonce: str
    """Hex digits of our own, never the same twice."""


def proof(asked: Challenge, given: Proof) -> tuple[str, str]:
    """Write the header that answers a challenge: name and value. Its nonce is used once, so the count is always 1."""
    make = asked.algorithm
    secret = digest(make, f"{given.username}:{asked.realm}:{given.password}")
    last = digest(make, f"{given.method}:{given.uri}")
    middle = (asked.nonce, "00000001", given.cnonce, "auth") if asked.counted else (asked.nonce,)
    parts = [
        f'username="{_quoted(given.username)}"',
        f'realm="{asked.realm}"',
        f'nonce="{asked.nonce}"',
        f'uri="{given.uri}"',
        f'response="{digest(make, ":".join((secret, *middle, last)))}"',
        f"algorithm={make}",
    ]
    if asked.counted:
        parts += [f'cnonce="{given.cnonce}"', "qop=auth", "nc=00000001"]
    if asked.opaque is not None:
        parts.append(f'opaque="{asked.opaque}"')
    return asked.answered_in, f"Digest {', '.join(parts)}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
