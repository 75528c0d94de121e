"""What is asked, and what is expected: both read from the tables of routes, refusals and resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from roomtone.api import openapi
from roomtone.api.routes import OPEN, SERVED, Route
from roomtone.core.refusals import Reason
from roomtone.dialects import Dialect
from roomtone.dialects.dialect import Resource

NOBODY = "f" * 32
"""Digits of an id that nothing has."""

_WORDS = {"AvailablePhoneNumbers": "US"}
"""What stands in an open place that takes no id."""

_WISHES: Mapping[str, Mapping[str, str]] = {
    "applications.create": {"FriendlyName": "roomtone conformance", "VoiceUrl": "https://example.com/voice"},
    "applications.update": {"FriendlyName": "roomtone conformance", "VoiceMethod": "GET"},
    "queues.create": {"FriendlyName": "roomtone_conformance", "MaxSize": "3"},
    "queues.update": {"FriendlyName": "roomtone_conformance", "MaxSize": "4"},
    "bins.create": {"Name": "roomtone conformance"},
    "bins.update": {"Name": "roomtone conformance", "Contents": "<Response><Hangup/></Response>"},
}
"""What is made, changed and deleted again where that is allowed: nothing that costs or rings."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request and what should come back."""

    name: str
    method: str
    segments: tuple[str, ...]
    """After the account; ``{kind}`` stands for the sid of a thing that an earlier probe found."""

    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()
    schema: str | None = None
    """Name of the schema of the answer; None: it has no body, or is a refusal."""

    code: int | None = None
    """The number of the refusal that is due."""

    finds: str | None = None
    """Under which name the answer's sid, or that of its first record, is remembered."""

    stranger: bool = False
    """Whether it is asked with a wrong token."""


def suite(dialect: Dialect, *, write: bool) -> Iterator[Probe]:
    """Give the probes of a dialect in order.

    Args:
        dialect: Which vendor's shapes are expected.
        write: Whether things may be made, changed and deleted.
    """
    yield from _refusals(dialect)
    for route in _own(dialect):
        if route.method == "GET" and route.pattern.count(OPEN) <= _answerable(route):
            yield from _reading(route, dialect)
    if write:
        for kind in ("applications", "queues", "bins"):
            yield from _life(kind, dialect)


def schemas() -> Mapping[str, Resource]:
    """Give the schemas that probes name."""
    document = openapi.document("")
    components = document["components"]
    assert isinstance(components, Mapping)
    found = components["schemas"]
    assert isinstance(found, Mapping)
    return found  # type: ignore[return-value]  # each is an object by construction


def _own(dialect: Dialect) -> list[Route]:
    return [
        one
        for one in SERVED
        if one.vendors in {"both", dialect.name} and one.of_account and not one.partly and one.pattern
    ]


def _answerable(route: Route) -> int:
    """Say how many open places can be filled with what was found: of members and recordings of one, none is sought."""
    return 1 if route.name.endswith(".fetch") or route.pattern[0] in _WORDS else 0


def _reading(route: Route, dialect: Dialect) -> Iterator[Probe]:
    schema = openapi.schema_name(route, dialect)
    if route.name.endswith(".list"):
        segments = tuple(_WORDS[route.pattern[0]] if part == OPEN else part for part in route.pattern)
        fields = (("PageSize", "2"),) if "PageSize" in route.parameters else ()
        yield Probe(route.name, "GET", segments, 200, fields, schema, finds=route.kind)
        return
    words = tuple(_filled(part, route) for part in route.pattern)
    yield Probe(route.name, "GET", words, 200, schema=schema)
    nobody = tuple(NOBODY if part == OPEN else part for part in route.pattern)
    yield _turned_down(dialect, Reason.NOT_FOUND, Probe(f"{route.name} of nothing", "GET", nobody))


def _filled(part: str, route: Route) -> str:
    if part != OPEN:
        return part
    return _WORDS.get(route.pattern[0], f"{{{route.kind}}}")


def _refusals(dialect: Dialect) -> Iterator[Probe]:
    conferences = Probe("", "GET", ("Conferences",))
    for reason, probe in (
        (Reason.NOT_AUTHENTICATED, replace(conferences, name="a wrong token", stranger=True)),
        (Reason.METHOD_NOT_ALLOWED, replace(conferences, name="a method that is none", method="PUT")),
    ):
        yield _turned_down(dialect, reason, probe)
    for name, fields, reason in (
        ("a page of nothing", (("PageSize", "0"),), Reason.PAGE_SIZE_INVALID),
        ("a later page without a token", (("Page", "1"),), Reason.PAGE_TOKEN_MISSING),
        ("a token of nothing", (("Page", "1"), ("PageToken", "PAx")), Reason.PAGE_TOKEN_INVALID),
        ("a status that is none", (("Status", "asleep"),), Reason.PARAMETER_INVALID),
    ):
        yield _turned_down(dialect, reason, replace(conferences, name=name, fields=fields))


def _life(kind: str, dialect: Dialect) -> Iterator[Probe]:
    routes = {route.name: route for route in _own(dialect)}
    made = f"made {kind}"
    for operation in ("create", "update", "fetch", "delete"):
        route = routes.get(f"{kind}.{operation}")
        if route is None:
            return  # the vendor has none of these
        segments = tuple(f"{{{made}}}" if part == OPEN else part for part in route.pattern)
        yield Probe(
            f"{route.name}, own",
            route.method,
            segments,
            openapi.success(route, dialect),
            tuple(_WISHES.get(route.name, {}).items()),
            openapi.schema_name(route, dialect),
            finds=made if operation == "create" else None,
        )
    yield _turned_down(dialect, Reason.NOT_FOUND, Probe(f"{kind}.fetch, deleted", "GET", segments))


def _turned_down(dialect: Dialect, reason: Reason, probe: Probe) -> Probe:
    """Expect of a probe that it is refused for this reason."""
    row = dialect.errors.rows[reason]
    return replace(probe, status=row.status, code=row.code)
