"""What a request's method and path say before anything is looked up: the route, its names, and whether a vendor has it so.

All of it follows from the text alone, and clients ask for the same few paths again and again, so it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from roomtone.api import addresses, routes
from roomtone.api.addresses import Address
from roomtone.api.routes import Route
from roomtone.core.ids import CallId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import by_name, portability, sids, strictness
from roomtone.dialects.fields import Fields
from roomtone.dialects.strictness import BY_CALL, Asked, Breach

KEPT = 20_000
"""How many paths are kept at most."""

LONGEST_KEPT = 400
"""Bytes of a path that is kept at most: a list's page address has no more, and strangers may send any."""

Feature = tuple[str, str]
"""What a request uses, and which vendors lack it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A request, as far as its path tells."""

    route: Route
    names: tuple[str, ...]
    """What stands in the route's open places, decoded."""

    asked: Asked
    """Without fields."""

    broken: tuple[Breach, ...]
    """What the project's own vendor would not have taken so."""

    features: tuple[Feature, ...]
    """What it uses that a vendor lacks."""

    face: str
    """The suffix whose face the answer is to have."""

    def with_fields(self, fields: Fields, dialect: str, *, json: bool) -> Found:
        """Give the same of a request with fields."""
        if not fields:
            return self
        asked = replace(self.asked, fields=fields, json=json)
        return _judged(self.route, asked, dialect, self.face)


def address_of(raw_path: bytes) -> tuple[Address | None, str]:
    """Give a path's address, None if it is not under a prefix of the API, and the path as messages name it.

    Raises:
        Refused: BODY_UNREADABLE: the path is not percent-encoded UTF-8.
    """
    return _address_kept(raw_path) if len(raw_path) <= LONGEST_KEPT else _address(raw_path)


def find(method: str, raw_path: bytes, dialect: str, *, strict: bool) -> Found:
    """Find the route of a request to a resource's address, for a project of this dialect.

    Raises:
        Refused: NOT_FOUND, METHOD_NOT_ALLOWED.
    """
    return (_find_kept if len(raw_path) <= LONGEST_KEPT else _find)(method, raw_path, dialect, strict=strict)


def wrong_method(method: str, allowed: Iterable[str]) -> Refused:
    """Make the refusal of a method that a path does not have."""
    names = ", ".join(sorted({*allowed, "OPTIONS"}))
    return Refused(Reason.METHOD_NOT_ALLOWED, method=method[:20], allowed=names)


def _address(raw_path: bytes) -> tuple[Address | None, str]:
    return addresses.read(raw_path), addresses.shown(raw_path)


def _find(method: str, raw_path: bytes, dialect: str, *, strict: bool) -> Found:
    address, path = address_of(raw_path)
    assert address is not None, "whoever asks has read it"
    route = _route(method, address, path, dialect if strict else None)
    asked = Asked(
        route=route.name,
        prefix=address.prefix,
        account=address.account,
        names=route.names(address.segments),
        suffix=address.suffix,
        json=False,
        fields=(),
        path=path,
    )
    faces = by_name(dialect).strictness.faces
    return _judged(route, asked, dialect, faces.get(address.suffix, "") if strict else address.suffix)


def _judged(route: Route, asked: Asked, dialect: str, face: str) -> Found:
    broken = tuple(strictness.breaches(by_name(dialect).strictness, asked))
    return Found(route, asked.names, asked, broken, tuple(_features(route, asked, broken, dialect)), face)


def _features(route: Route, asked: Asked, broken: Iterable[Breach], dialect: str) -> Iterable[Feature]:
    yield from portability.used(route.name, route.vendors, (name for name, _ in asked.fields), asked.suffix)
    if route.name in BY_CALL and sids.parse(CallId, asked.names[1]) is None:
        yield "participants by label", "signalwire"
    for one in broken:
        yield one.feature, dialect


def _route(method: str, address: Address, path: str, vendor: str | None) -> Route:
    found = routes.find(address.segments, of_account=address.account is not None)
    if vendor is not None:
        found = {name: route for name, route in found.items() if route.vendors in {"both", vendor}}
    if not found:
        raise Refused(Reason.NOT_FOUND, path=path)
    if method not in found:
        raise wrong_method(method, found)
    return found[method]


_address_kept = lru_cache(maxsize=KEPT)(_address)
_find_kept = lru_cache(maxsize=KEPT)(_find)
