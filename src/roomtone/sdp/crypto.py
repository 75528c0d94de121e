"""Keys of the sound, as a session description carries them: reading, writing, and what may be agreed on. Pure.

Only what we can honour is read: one key, no master key identifier, nothing left unencrypted. What is left out is as good
as not offered. A lifetime is not counted: no call of ours lasts for 2^31 packets, which is 497 days.

Source: RFC 4568 (a=crypto), sections 5.1, 6.1 to 6.3 and 9.2; RFC 7714, section 14.2 (GCM).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

SECURE_RTP = frozenset({"RTP/SAVP", "RTP/SAVPF"})
"""Profiles that are encrypted by their name."""

MAX_ATTRIBUTES = 32
"""As many a=crypto lines of a stream are read."""

_LINE = re.compile(
    r"(?P<tag>\d{1,9})[ \t]+(?P<suite>[A-Za-z0-9_]{1,64})[ \t]+inline:(?P<key>[A-Za-z0-9+/]+=*)"
    r"(?P<lifetime>\|(?:2\^)?\d{1,20})?(?P<rest>(?:[ \t]+\S+)*)",
    re.ASCII,
)
_HARMLESS = re.compile(r"KDR=0|WSH=\d{1,4}|-\S+", re.ASCII)
"""Session parameters that change nothing for us; those with a dash say so themselves (RFC 4568, section 6.3.7)."""


class Suite(StrEnum):
    """How packets are sealed, by the name in a description."""

    CM_80 = "AES_CM_128_HMAC_SHA1_80"
    CM_32 = "AES_CM_128_HMAC_SHA1_32"
    GCM_128 = "AEAD_AES_128_GCM"
    GCM_256 = "AEAD_AES_256_GCM"

    @property
    def key_bytes(self) -> int:
        """Length of a master key with its salt."""
        return {Suite.GCM_128: 28, Suite.GCM_256: 44}.get(self, 30)


OFFERED = (Suite.GCM_256, Suite.GCM_128, Suite.CM_80)
"""What our own offers name, best first. The one with the short tag is agreed to, but not offered."""


@dataclass(frozen=True, slots=True)
class Crypto:
    """One a=crypto line: what its writer seals with."""

    tag: int
    suite: Suite
    key: bytes = field(repr=False)
    """Master key and salt; never shown."""

    def __str__(self) -> str:
        """Give the value of the line; it holds the key."""
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def read_crypto(value: str) -> Crypto | None:
    """Read the value of an a=crypto line; None where we cannot honour it."""
    read = _LINE.fullmatch(value.strip())
    if read is None or read["suite"] not in set(Suite):
        return None
    if not all(_HARMLESS.fullmatch(word) for word in read["rest"].split()):
        return None
    suite = Suite(read["suite"])
    key = _decoded(read["key"])
    return Crypto(int(read["tag"]), suite, key) if len(key) == suite.key_bytes else None


def _decoded(text: str) -> bytes:
    """Read base64; some phones leave the padding out."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        return b""


class Encryption(StrEnum):
    """What an operator wants encrypted."""

    OFF = "off"
    """Nothing: keys are neither offered nor agreed to."""

    TLS = "tls"
    """Calls over TLS: we offer keys, and agree to them; who offers none is heard all the same."""

    REQUIRED = "required"
    """As `TLS`, and a call over TLS that offers no keys is refused."""

    ANYWHERE = "anywhere"
    """As `TLS`, and keys are agreed to over UDP and TCP too, where others may read them."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What may be agreed on in one call."""

    suites: AbstractSet[Suite] = frozenset()
    """What we agree to; empty: plain sound alone."""

    only: bool = False
    """Whether plain sound is refused."""

    offers: tuple[Suite, ...] = ()
    """What our own offer names; empty: it is for plain sound."""

    doors: bool = False
    """Whether a browser can come, which agrees on keys by itself."""


PLAIN = Demand()


def demand(
    wanted: Encryption, able: AbstractSet[Suite], *, secure: bool | None, doors: bool = False
) -> Demand:
    """Say what may be agreed on in a call.

    Args:
        wanted: What the operator wants.
        able: What the engine can do.
        secure: Whether its signalling goes over TLS; None: that is not known any more, so theirs to say.
        doors: Whether the engine has doors for browsers: these know no plain sound, so nobody's wish forbids their keys.
    """
    if wanted is Encryption.OFF or (secure is False and wanted is not Encryption.ANYWHERE):
        return Demand(doors=doors)
    offers = tuple(suite for suite in OFFERED if suite in able) if secure else ()
    return Demand(frozenset(able), bool(secure) and wanted is Encryption.REQUIRED, offers, doors)
