"""Where a call of ours goes: to a phone that has registered, over which trunk, or straight to a phone of this machine;
anything else is refused.

Nobody is called by default: a number needs a trunk whose prefixes take it, an address needs to be a registered phone's,
this machine's own or a trunk's. So a stolen token, or a document that was tampered with, cannot run up a carrier's bill.

Sources: RFC 3261, sections 19.1 (SIP URIs) and 19.1.6 (numbers in them); RFC 3966 (tel).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from roomtone.core.call.messages import EndedBy
from roomtone.core.endpoint import Binding
from roomtone.core.refusals import Reason, Refused

_NUMBER = re.compile(r"\+?[\d ().-]{3,30}", re.ASCII)
_DIALLED = re.compile(r"[\d+*#().,\- pw]+", re.ASCII | re.IGNORECASE)
"""Digits, and what people and telephones write between them."""

_ADDRESS = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"]+)@)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^\s;?<>\"]+)*)(?:\?(?P<headers>[^\s<>\"]*))?",
    re.IGNORECASE,
)
_EXTRA = re.compile(r"x-[a-z0-9-]{1,60}", re.IGNORECASE)
_LONGEST_EXTRA = 1_024


@dataclass(frozen=True, slots=True)
class Trunk:
    """A way out: a carrier or a PBX, and which numbers it takes."""

    uri: str
    """``sip:host``, ``sip:host:port;transport=tcp``, perhaps with a user that stands before the host."""

    prefixes: tuple[str, ...]
    """Numbers it takes, by how they begin: ``+49``; ``+`` alone takes all."""

    username: str | None = None
    """For its challenges; None: it makes none."""

    password: str | None = field(default=None, repr=False)
    name: str = ""
    """For the operator; empty: it stands in the settings."""

    others: tuple[str, ...] = ()
    """Further addresses of the same carrier, in the order in which they are tried when the ones before do not answer."""

    codecs: tuple[str, ...] = ()
    """What is offered, by its name in SDP; none: all there is."""

    calls: int = 0
    """Calls it carries at a time; 0: as many as come."""

    calls_per_s: float = 0.0
    """Calls it is sent a second; 0: as many as come."""

    allow: tuple[str, ...] = ()
    """Networks (CIDR) its calls come from, besides its own addresses."""

    options_s: float = 0.0
    """Seconds between questions whether it is there (OPTIONS); 0: it is not asked."""

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.name or self.uri

    @property
    def uris(self) -> tuple[str, ...]:
        """All its addresses, the first to be tried first."""
        return (self.uri, *self.others)


@dataclass(frozen=True, slots=True)
class Target:
    """One place an INVITE goes to."""

    uri: str
    hop_uri: str | None = None
    """Where it is sent, if not to the URI's own host."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where an INVITE goes."""

    target_uri: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    """``X-`` headers that the caller wants to be sent along."""

    hop_uri: str | None = None
    """Where it is sent, if not to the target's own host."""

    also: tuple[Target, ...] = ()
    """Further places that ring at the same time."""

    trunk: str = ""
    """Key of the trunk that carries it; empty: none does."""

    address: str = ""
    """Which of the trunk's addresses that is."""

    codecs: tuple[str, ...] = ()
    """What may be offered, by its name in SDP; none: all there is."""

    registered: bool = False
    """Whether it leads to a phone of the project, which has proved who it is."""

    otherwise: tuple[Way, ...] = ()
    """Ways to try, in order, when this one leads to nobody who answers."""


@dataclass(frozen=True, slots=True)
class Phone:
    """Whom an address may mean: a phone's name, and the domain it was asked for at."""

    name: str
    host: str | None
    """None: ``client:name``, which needs none."""

    headers: tuple[tuple[str, str], ...] = ()


def phone_meant(to: str) -> Phone | None:
    """Say which phone somebody may mean; None: it is a number, or no address.

    ``sip:name@host`` means a phone if the host is a name of the project's, or this machine without a port.
    """
    to = to.strip()
    if to.lower().startswith("client:"):
        name, _, query = to[len("client:") :].partition("?")
        return Phone(name, None, _extras(query))
    read = _ADDRESS.fullmatch(to)
    if read is None or not read["user"]:
        return None
    host = read["host"].strip("[]").lower()
    if read["port"] and is_this_machine(host):
        return None
    return Phone(unquote(read["user"]), host, _extras(read["headers"] or ""))


def way_to_phone(phone: Phone, bindings: Sequence[Binding]) -> Way:
    """Give the way to a phone: everywhere it has registered, at the same time.

    Raises:
        Refused: DESTINATION_NOT_ALLOWED: it is registered nowhere.
    """
    if not bindings:
        problem = f"{phone.name} is not registered"
        raise Refused(Reason.DESTINATION_NOT_ALLOWED, to=phone.name, problem=problem)
    first, *others = (Target(one.uri, _hop(one)) for one in bindings)
    return Way(first.uri, headers=phone.headers, hop_uri=first.hop_uri, also=tuple(others), registered=True)


def _hop(binding: Binding) -> str | None:
    """Say where to send instead of the Contact's own address: behind a NAT only the registration's source leads there."""
    host = binding.source_host
    if binding.transport == "udp" and _host(binding.uri) == host:
        return None
    shown = f"[{host}]" if ":" in host else host
    return f"sip:{shown}:{binding.source_port};transport={binding.transport}"


def leads_on(by: EndedBy, status: int, *, answered: bool) -> bool:
    """Say whether a call that ended so is to be tried by another way: nobody was there, or somebody who cannot.

    Source: RFC 3263, section 4.3.
    """
    return not answered and (
        by is EndedBy.TRANSPORT or (by is EndedBy.REMOTE and status in {408, 500, 502, 503, 504})
    )


def way_to(to: str, trunks: Sequence[Trunk]) -> Way:
    """Find the way to somebody who is no phone of the project: the first of `ways_to`."""
    return ways_to(to, trunks)[0]


def ways_to(to: str, trunks: Sequence[Trunk]) -> tuple[Way, ...]:
    """Find all ways to somebody who is no phone of the project, in the order in which they are to be tried.

    Args:
        to: A number, ``sip:user@host`` or ``client:name``, as a customer wrote it.
        trunks: In order; of several that take a number the longest prefix wins, then the first.

    Raises:
        Refused: DESTINATION_INVALID: it is none of those; DESTINATION_NOT_ALLOWED: nothing leads there.
    """
    to = to.strip()
    if to.lower().startswith(("sip:", "sips:")):
        return (_way_to_address(to, trunks),)
    if is_number(to):
        return _ways_to_number(e164(to), trunks)
    if to.lower().startswith("client:"):
        raise Refused(Reason.DESTINATION_NOT_ALLOWED, to=to, problem="there is no phone of this name")
    raise Refused(Reason.DESTINATION_INVALID, to=to[:80])


def is_number(party: str) -> bool:
    """Say whether somebody is named by a telephone number."""
    return _NUMBER.fullmatch(party.strip()) is not None


def e164(number: str) -> str:
    """Give a number with its plus sign and without what people write between digits."""
    return "+" + re.sub(r"\D", "", number)


def _ways_to_number(number: str, trunks: Sequence[Trunk]) -> tuple[Way, ...]:
    takers = [
        (max(len(prefix) for prefix in taken), trunk)
        for trunk in trunks
        if (taken := [prefix for prefix in trunk.prefixes if number.startswith(prefix)])
    ]
    if not takers:
        raise Refused(Reason.DESTINATION_NOT_ALLOWED, to=number, problem="no trunk takes this number")
    ranked = sorted(takers, key=lambda one: -one[0])  # of those that are alike the first stays the first
    return tuple(_over(trunk, uri, number) for _, trunk in ranked for uri in trunk.uris)


def _over(trunk: Trunk, uri: str, number: str) -> Way:
    scheme, _, rest = uri.partition(":")
    host = rest.rpartition("@")[2]
    target = f"{scheme}:{number}@{host}"
    return Way(target, trunk.username, trunk.password, trunk=trunk.key, address=uri, codecs=trunk.codecs)


def _way_to_address(to: str, trunks: Sequence[Trunk]) -> Way:
    read = _ADDRESS.fullmatch(to)
    if read is None or len(to) > _LONGEST_EXTRA:
        raise Refused(Reason.DESTINATION_INVALID, to=to[:80])
    target = to if read["headers"] is None else to[: read.start("headers") - 1]
    headers = _extras(read["headers"] or "")
    host, place = read["host"].strip("[]").lower(), _place(read)
    there = [one for one in trunks if any(_is_at(uri, place) for uri in one.uris)]
    if is_this_machine(host) and not there:
        return Way(target, headers=headers)
    number = _dialled(read["user"] or "")
    for trunk in there:
        address = next(uri for uri in trunk.uris if _is_at(uri, place))
        if number is None or any(number.startswith(prefix) for prefix in trunk.prefixes):
            return Way(
                target,
                trunk.username,
                trunk.password,
                headers,
                trunk=trunk.key,
                address=address,
                codecs=trunk.codecs,
            )
    problem = "no trunk there takes this number" if there else "no trunk leads to this address"
    raise Refused(Reason.DESTINATION_NOT_ALLOWED, to=target, problem=problem)


_Place = tuple[str, str | None]
"""Host and port; the port counts on this machine only, where each may be somebody else's."""


def _place(read: re.Match[str]) -> _Place:
    host = read["host"].strip("[]").lower()
    if not is_this_machine(host):
        return host, None
    secure = is_secure(read[0])
    return "localhost", str(int(read["port"])) if read["port"] else ("5061" if secure else "5060")


def _is_at(uri: str, place: _Place) -> bool:
    read = _ADDRESS.fullmatch(uri)
    return read is not None and _place(read) == place


def _dialled(user: str) -> str | None:
    """Give the number that a carrier would dial for the user part of an address; None: it is a name.

    A carrier drops what it does not understand behind a number: what begins as one is one.
    """
    text = unquote(user).partition(";")[0].partition(":")[0]
    if _DIALLED.fullmatch(text) and re.search(r"\d", text):
        return e164(text)
    return text if re.match(r"\+|\d{3}", text) else None


def is_secure(uri: str) -> bool:
    """Say whether what is sent to an address goes by TLS (RFC 3261, section 26.2.2)."""
    parameters = uri.partition("?")[0].rpartition("@")[2].lower().split(";")[1:]
    return uri.lower().startswith("sips:") or not {"transport=tls", "transport=wss"}.isdisjoint(parameters)


def is_websocket(uri: str) -> bool:
    """Whether whoever is called by this URI is reached over a WebSocket (RFC 7118), as browsers are."""
    parameters = uri.lower().partition(";")[2].split(";")
    return not {"transport=ws", "transport=wss"}.isdisjoint(parameters)


def is_this_machine(host: str) -> bool:
    """Say whether a host can be none but this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _extras(query: str) -> tuple[tuple[str, str], ...]:
    """Read the X- headers of a SIP URI; others could forge what is ours to say."""
    pairs = (part.partition("=") for part in query.split("&"))
    return tuple((name, unquote(value)) for name, _, value in pairs if _EXTRA.fullmatch(name))


def read_trunks(text: str) -> tuple[Trunk, ...]:
    """Read trunks as settings spell them: ``+1,+44=sip:gateway.example:5060;transport=tcp``, several apart by spaces.

    Raises:
        ValueError: One is not of that shape.
    """
    return tuple(_trunk(one) for one in text.split())


def is_prefix(text: str) -> bool:
    """Say whether numbers may begin so: ``+`` or ``+49``."""
    return re.fullmatch(r"\+\d*", text, re.ASCII) is not None


def is_way_out(uri: str) -> bool:
    """Say whether this can be the address of a trunk."""
    read = _ADDRESS.fullmatch(uri)
    return read is not None and int(read["port"] or 0) <= 65_535


def with_password(uri: str) -> bool:
    """Say whether an address has a password before its host (RFC 3261, section 19.1.1), which nobody is to read."""
    read = _ADDRESS.fullmatch(uri)
    return read is not None and ":" in (read["user"] or "")


def without_password(uri: str) -> str:
    """Give an address as it may be shown."""
    before, at, host = uri.rpartition("@")
    scheme, _, user = before.partition(":")
    return f"{scheme}:{user.partition(':')[0]}{at}{host}" if with_password(uri) else uri


def _trunk(text: str) -> Trunk:
    prefixes, _, uri = text.partition("=")
    firsts = tuple(prefixes.split(","))
    if not is_way_out(uri) or not all(is_prefix(first) for first in firsts):
        raise ValueError(f"{text!r} is not PREFIX[,PREFIX...]=sip:host[:port], a prefix being + or +49")
    if with_password(uri):
        raise ValueError(f"{without_password(uri)!r}: no password in an address, trunk_logins is for them")
    return Trunk(uri, firsts)


def with_logins(trunks: Sequence[Trunk], text: str) -> tuple[Trunk, ...]:
    """Give trunks with what they are told when they ask who calls.

    Args:
        trunks: Without.
        text: Lines of ``host username password``.

    Raises:
        ValueError: A line has another shape.
    """
    logins = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        words = line.split(maxsplit=2)
        if len(words) != 3:
            raise ValueError("each line is: host username password")
        logins[words[0].lower()] = (words[1], words[2])
    return tuple(
        replace(one, username=logins[_host(one.uri)][0], password=logins[_host(one.uri)][1])
        if _host(one.uri) in logins
        else one
        for one in trunks
    )


def _host(uri: str) -> str:
    read = _ADDRESS.fullmatch(uri)
    return read["host"].strip("[]").lower() if read else ""
