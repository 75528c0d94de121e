from __future__ import annotations

from roomtone.api.routes import KNOWN, OPEN, ROUTES, SERVED, find
from roomtone.dialects import (
    account_forms,
    bin_forms,
    conference_forms,
    key_forms,
    number_forms,
    participant_forms,
)


def test_every_route_is_found_by_its_own_pattern() -> None:
    for route in ROUTES:
        segments = tuple("x" if part == OPEN else part for part in route.pattern)
        assert find(segments, of_account=route.of_account)[route.method] is route
        assert len(route.names(segments)) == route.pattern.count(OPEN)


def test_no_two_routes_are_one_operation() -> None:
    assert len({(route.method, route.pattern, route.of_account) for route in ROUTES}) == len(ROUTES)


def test_what_is_served_has_an_endpoint_and_what_is_not_has_none() -> None:
    assert all(route.endpoint is not None for route in SERVED)
    assert all(route.endpoint is None for route in KNOWN)


def test_an_open_place_takes_no_emptiness() -> None:
    assert find(("Conferences", "")) == {}
    assert find(("",)) == {}


def test_head_goes_where_get_goes() -> None:
    assert find(("Conferences",))["HEAD"] is find(("Conferences",))["GET"]
    assert "HEAD" not in find(("ImportedPhoneNumbers",))


def test_every_parameter_that_a_form_reads_is_known_to_a_route() -> None:
    known = frozenset[str]().union(*(route.parameters for route in ROUTES))
    for module in (
        account_forms,
        bin_forms,
        conference_forms,
        key_forms,
        number_forms,
        participant_forms,
    ):
        for name in dir(module):
            if name.endswith("NAMES"):
                assert getattr(module, name) <= known


def test_a_word_goes_before_an_open_place() -> None:
    assert find(("IncomingPhoneNumbers", "Local"))["GET"].name == "local-numbers.list"
    assert find(("IncomingPhoneNumbers", "PN1"))["GET"].name == "numbers.fetch"
