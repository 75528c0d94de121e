from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.dialects import dates

SEPTEMBER = 1_537_822_800_000


def test_rfc_2822_as_the_vendors_write_it() -> None:
    assert dates.rfc2822(SEPTEMBER) == "Mon, 24 Sep 2018 21:00:00 +0000"


def test_iso_8601_as_hosted_documents_have_it() -> None:
    assert dates.iso8601(SEPTEMBER + 999) == "2018-09-24T21:00:00Z"


@given(st.integers(0, 253_402_300_799_999))
def test_every_date_is_read_back_by_the_mail_library(at_ms: int) -> None:
    assert int(parsedate_to_datetime(dates.rfc2822(at_ms)).timestamp()) == at_ms // 1000


def test_a_day_begins_at_midnight_utc() -> None:
    assert dates.day_ms("1970-01-02") == dates.DAY_MS
    assert dates.day_ms("2018-09-24") == SEPTEMBER - 21 * 3_600_000


@pytest.mark.parametrize(
    "text", ["", "2018-9-24", "2018-02-30", "2018-09-24T21:00:00Z", "24 Sep 2018", "0000-01-01", "٢٠١٨-٠٩-٢٤"]
)
def test_no_day(text: str) -> None:
    assert dates.day_ms(text) is None


@given(st.integers(0, 253_402_300_799_999))
def test_every_date_that_is_written_is_read_as_its_second(at_ms: int) -> None:
    second = at_ms // 1000 * 1000
    assert dates.moment_ms(dates.rfc2822(at_ms)) == second
    assert dates.moment_ms(dates.iso8601(at_ms)) == second


@pytest.mark.parametrize(
    "text",
    [
        "2018-09-24T21:00:00",
        "2018-09-24 21:00:00Z",
        "2018-09-24T23:00:00.999+02:00",
        "2018-09-24T23:00:00 02:00",
        "Mon, 24 Sep 2018 21:00:00 GMT",
        "Mon, 24 Sep 2018 21:00:00  0000",
        "24 Sep 2018 17:00:00 -0400",
    ],
)
def test_moments_as_clients_write_them(text: str) -> None:
    assert dates.moment_ms(text) == SEPTEMBER


@pytest.mark.parametrize(
    "text",
    ["", "2018-09-24", "2018-09-24T25:00:00Z", "Mon, 24 Sept 2018 21:00:00 GMT", "Mon, 31 Feb 2018 21:00:00 GMT",
     "24 Sep 2018 21:00:00 +9999", "now"],
)  # fmt: skip
def test_no_moment(text: str) -> None:
    assert dates.moment_ms(text) is None


def test_up_to_a_moment_is_up_to_the_end_of_what_was_said() -> None:
    assert dates.up_to_ms("1970-01-01T00:00:12Z") == 12_999
    assert dates.up_to_ms("1970-01-01T00:00:12.9Z") == 12_900
    assert dates.up_to_ms("Thu, 01 Jan 1970 00:00:12 +0000") == 12_999
    assert dates.up_to_ms("soon") is None


def test_no_moment_yet() -> None:
    assert dates.rfc2822_or_none(None) is None
    assert dates.rfc2822_or_none(SEPTEMBER) == dates.rfc2822(SEPTEMBER)
