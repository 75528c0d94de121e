"""A trunk as the operator wants it, and what is fit for one: the rules of the command line, the file and the API alike."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from roomtone.core.routing import Trunk, is_prefix, is_way_out, with_password

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}", re.ASCII)
"""What a trunk may be called: it stands in paths, where one or two dots alone mean something else."""

LONGEST = 255
"""Characters of a username or a password."""


class UnfitTrunk(ValueError):  # noqa: N818 - it is the operator's to mend
    """A trunk cannot be as it is wanted.

    Attributes:
        what: The option that is unfit, as the command line spells it without its dashes.
        expected: What it takes instead.
    """

    def __init__(self, what: str, expected: str) -> None:
        self.what = what
        self.expected = expected
        super().__init__(f"{what}: takes {expected}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkWanted:
    """A trunk to make, or what one is to become."""

    name: str
    uris: tuple[str, ...]
    """In the order in which they are tried."""

    prefixes: tuple[str, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    codecs: tuple[str, ...] = ()
    """Names in SDP, in any case."""

    calls: int = 0
    calls_per_s: float = 0.0
    allow: tuple[str, ...] = ()
    options_s: float = 0.0


def wish_of(trunk: Trunk) -> TrunkWanted:
    """Say what one would have to want to get this trunk."""
    return TrunkWanted(
        name=trunk.name,
        uris=trunk.uris,
        prefixes=trunk.prefixes,
        username=trunk.username,
        password=trunk.password,
        codecs=trunk.codecs,
        calls=trunk.calls,
        calls_per_s=trunk.calls_per_s,
        allow=trunk.allow,
        options_s=trunk.options_s,
    )


def fit(wanted: TrunkWanted, codecs: Collection[str]) -> Trunk:
    """Make the trunk that is wanted.

    Args:
        wanted: As somebody wrote it.
        codecs: Names of those that there are, in capitals.

    Raises:
        UnfitTrunk: Something cannot be.
    """
    if not NAME.fullmatch(wanted.name):
        raise UnfitTrunk("name", "1 to 64 letters, digits and . _ -, not dots alone")
    first, *others = _addresses(wanted.uris)
    if not all(is_prefix(one) for one in wanted.prefixes):
        raise UnfitTrunk("prefix", "+ or how numbers begin, as +49")
    named = tuple(one.upper() for one in wanted.codecs)
    if not set(named) <= set(codecs):
        raise UnfitTrunk("codec", ", ".join(codecs))
    for what, text in (("username", wanted.username), ("password", wanted.password)):
        if text is not None and not (len(text) <= LONGEST and text.isprintable()):
            raise UnfitTrunk(what, f"at most {LONGEST} characters that can be printed")
    for what, number in (
        ("calls", wanted.calls),
        ("calls-per-s", wanted.calls_per_s),
        ("options-s", wanted.options_s),
    ):
        if not (math.isfinite(number) and number >= 0):
            raise UnfitTrunk(what, "0 or more")
    return Trunk(
        first,
        wanted.prefixes,
        wanted.username or None,
        wanted.password or None,
        name=wanted.name,
        others=tuple(others),
        codecs=named,
        calls=wanted.calls,
        calls_per_s=wanted.calls_per_s,
        allow=tuple(_networks(wanted.allow)),
        options_s=wanted.options_s,
    )


def _addresses(uris: tuple[str, ...]) -> tuple[str, ...]:
    if not uris:
        raise UnfitTrunk("uri", "at least one address")
    for uri in uris:
        if with_password(uri):
            raise UnfitTrunk("uri", "an address without a password, which has an option of its own")
        if not (is_way_out(uri) and len(uri) <= LONGEST and uri.isprintable()):
            raise UnfitTrunk("uri", f"sip:host[:port][;transport=tcp] and not {uri[:80]!r}")
    return uris


def _networks(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        try:
            yield str(ipaddress.ip_network(text))
        except ValueError as problem:
            raise UnfitTrunk("allow", f"networks such as 192.0.2.0/24: {problem}") from problem
