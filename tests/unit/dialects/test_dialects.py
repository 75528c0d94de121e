from __future__ import annotations

import pytest

from roomtone.dialects import DIALECTS, by_name
from roomtone.dialects.countries import CODES, UNKNOWN, country
from roomtone.dialects.headers import CROSS_ORIGIN, request_ids


def test_a_dialect_is_found_by_its_name() -> None:
    assert {by_name(name).name for name in DIALECTS} == {"signalwire", "twilio"}
    with pytest.raises(KeyError):
        by_name("esperanto")


def test_the_doors_headers_name_the_five_of_the_specification() -> None:
    assert {name.removeprefix("Access-Control-") for name, _ in CROSS_ORIGIN} == {
        "Allow-Origin", "Allow-Methods", "Allow-Headers", "Allow-Credentials", "Expose-Headers",
    }  # fmt: skip
    assert "Warning" in dict(CROSS_ORIGIN)["Access-Control-Expose-Headers"], (
        "what was left out, pages may read, too"
    )
    assert dict(request_ids(0xAB))["Twilio-Request-Id"] == f"RQ{0xAB:032x}"


def test_countries() -> None:
    assert [country(number) for number in ("+14155550100", "+4930123456", "+358401234", "+85212345678")] == [
        "US", "DE", "FI", "HK",
    ]  # fmt: skip
    assert country("+999123456") == UNKNOWN


def test_no_country_code_begins_with_another() -> None:
    assert not [(a, b) for a in CODES for b in CODES if a != b and b.startswith(a)]
