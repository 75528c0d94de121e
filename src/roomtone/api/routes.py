"""Which request goes where: one table, read by the doors, by the compatibility page and by tests.

A route without an endpoint is known from the vendors' specifications and not served yet: it answers 501, so that its
users read why, and everything else under an account is 404. Both dialects are served on every route. The table is made
of parts (`route_tables`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from roomtone.api import never
from roomtone.api.route import OPEN, Route
from roomtone.api.route_tables.accounts import ACCOUNTS
from roomtone.api.route_tables.calls import CALLS
from roomtone.api.route_tables.conferences import CONFERENCES
from roomtone.api.route_tables.sip import routes_of_sip
from roomtone.api.route_tables.transcriptions import routes_of_transcriptions
from roomtone.api.route_tables.trunks import TRUNKS
from roomtone.dialects import paging

__all__ = ["KNOWN", "OPEN", "ROUTES", "SERVED", "Route", "find"]


def _none_of(name: str, word: str, methods: tuple[str, ...], vendors: str = "both") -> Iterator[Route]:
    """Name the operations on what there is none of."""
    verbs = {"GET": "fetch", "POST": "update", "DELETE": "delete"}
    yield Route(
        f"{name}.list",
        "GET",
        (word,),
        never.list_of(name, word),
        paging.NAMES,
        vendors,
    )
    for method in methods:
        yield Route(
            f"{name}.{verbs[method]}", method, (word, OPEN), never.one, vendors=vendors, partly="always 404"
        )


SERVED = (
    *CONFERENCES,
    *CALLS,
    *ACCOUNTS,
    *_none_of("messages", "Messages", ("GET", "POST", "DELETE")),
    *routes_of_transcriptions(),
    *_none_of("faxes", "Faxes", ("GET", "POST", "DELETE"), "signalwire"),
    *routes_of_sip(),
    *TRUNKS,
)
"""What Roomtone does."""


def _not_yet(name: str, pattern: str, operations: str, vendors: str = "both") -> Iterator[Route]:
    """Name a resource that is not served yet: its pattern, and its operations as verbs of two letters."""
    verbs = {"li": "GET", "fe": "GET", "cr": "POST", "up": "POST", "de": "DELETE", "pa": "PATCH"}
    full = {"li": "list", "fe": "fetch", "cr": "create", "up": "update", "de": "delete", "pa": "update"}
    segments = tuple(pattern.split("/"))
    for short in operations.split():
        yield Route(f"{name}.{full[short]}", verbs[short], segments, vendors=vendors)


KNOWN = (
    *_not_yet("messages", "Messages", "cr"),
    *_not_yet("faxes", "Faxes", "cr", "signalwire"),
)
"""What the vendors do and Roomtone does not do yet."""

ROUTES = SERVED + KNOWN

_BY_BEGINNING: dict[tuple[bool, int, str], list[Route]] = defaultdict(list)
"""By whether an account stands before them, how many segments they have, and the first of these, which is a word."""
for _route in ROUTES:
    _BY_BEGINNING[_route.of_account, len(_route.pattern), "".join(_route.pattern[:1])].append(_route)
for _routes in _BY_BEGINNING.values():
    _routes.sort(key=lambda one: -one.openness)


def find(segments: tuple[str, ...], *, of_account: bool = True) -> dict[str, Route]:
    """Give the routes of a path by their method; none: the path is unknown. GET stands for HEAD, too.

    Where a word and an open place fit alike, the word does.
    """
    likely = _BY_BEGINNING.get((of_account, len(segments), segments[0] if segments else ""), ())
    fitting = [route for route in likely if route.matches(segments)]
    found = {route.method: route for route in fitting}
    if "GET" in found:
        found["HEAD"] = found["GET"]
    return found
