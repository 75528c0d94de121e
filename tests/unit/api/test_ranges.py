from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.api.ranges import cut

TAG = "abc"


@pytest.mark.parametrize(
    ("wish", "status", "first", "last"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=0-", 206, 0, 100),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=99-99", 206, 99, 100),
        ("bytes=90-1000", 206, 90, 100),
        ("bytes=-1", 206, 99, 100),
        ("bytes=-1000", 206, 0, 100),
        ("Bytes = 5 - 6", 206, 5, 7),
        ("bytes=100-", 416, 0, 0),
        ("bytes=100-200", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=5-4", 200, 0, 100),
        ("bytes=0-1,5-6", 200, 0, 100),
        ("bytes=", 200, 0, 100),
        ("bytes=-", 200, 0, 100),
        ("bytes=a-b", 200, 0, 100),
        ("bytes=٣-٤", 200, 0, 100),
        ("bytes=--5", 200, 0, 100),
        ("samples=0-1", 200, 0, 100),
        ("bytes=" + "9" * 5_000 + "-", 200, 0, 100),
        ("", 200, 0, 100),
    ],
)
def test_ranges(wish: str, status: int, first: int, last: int) -> None:
    part = cut("GET", {"range": wish}, 100, TAG)
    assert (part.status, part.first, part.last) == (status, first, last)
    told = dict(part.headers)
    assert told["ETag"] == '"abc"'
    assert told.get("Content-Range") == {206: f"bytes {first}-{last - 1}/100", 416: "bytes */100"}.get(status)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {"range": "bytes=0-0"}, 200),
        ("GET", {"range": "bytes=0-0", "if-range": '"abc"'}, 206),
        ("GET", {"range": "bytes=0-0", "if-range": '"other"'}, 200),
        ("GET", {"range": "bytes=0-0", "if-range": 'W/"abc"'}, 200),
        ("GET", {"range": "bytes=0-0", "if-range": "Sat, 21 Nov 2026 00:00:00 GMT"}, 200),
        ("GET", {"if-none-match": '"abc"'}, 304),
        ("HEAD", {"if-none-match": '"abc"'}, 304),
        ("GET", {"if-none-match": 'W/"x", W/"abc"'}, 304),
        ("GET", {"if-none-match": "*"}, 304),
        ("GET", {"if-none-match": '"x"'}, 200),
        ("GET", {"if-none-match": '"abc"', "range": "bytes=500-"}, 304),
        ("GET", {"if-none-match": ""}, 200),
    ],
)
def test_conditions(method: str, headers: dict[str, str], status: int) -> None:
    assert cut(method, headers, 100, TAG).status == status


@given(st.one_of(st.text(), st.from_regex(r"bytes=\d*-\d*(,\d*-\d*)?")), st.integers(1, 10_000))
def test_a_range_is_never_beyond_what_is_there(wish: str, size: int) -> None:
    part = cut("GET", {"range": wish}, size, TAG)
    assert part.status in {200, 206, 416}
    assert 0 <= part.first <= part.last <= size
    assert (part.first < part.last) == (part.status != 416)
