from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import fields


def test_a_form() -> None:
    assert fields.from_form(b"Muted=true&HoldUrl=http%3A%2F%2Fh%2F%20a+b&Empty=") == (
        ("Muted", "true"),
        ("HoldUrl", "http://h/ a b"),
        ("Empty", ""),
    )


def test_raw_utf_8_in_a_form_is_read() -> None:
    assert fields.from_form("Name=é".encode()) == (("Name", "é"),)


def test_json_becomes_the_same_texts() -> None:
    body = {
        "Muted": True,
        "Hold": False,
        "PageSize": 5,
        "Share": 0.5,
        "Url": "x",
        "Gone": None,
        "Many": ["a", "b"],
    }
    assert fields.from_json(json.dumps(body).encode()) == (
        ("Muted", "true"),
        ("Hold", "false"),
        ("PageSize", "5"),
        ("Share", "0.5"),
        ("Url", "x"),
        ("Gone", ""),
        ("Many", "a"),
        ("Many", "b"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b'{"a": {"b": 1}}',
        b'{"a": [[1]]}',
        b'{"a": "\\ud800"}',
        b'{"\\ud800": "a"}',
        b'{"a": "\\u0000"}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps({"a": [1] * (fields.MOST + 1)}).encode(),
    ],
)
def test_unreadable_json(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        fields.from_json(body)
    assert caught.value.reason is Reason.BODY_UNREADABLE


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=b", b"a=%00", b"&".join([b"a=1"] * (fields.MOST + 1))])
def test_an_unreadable_form(body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        fields.from_form(body)
    assert caught.value.reason is Reason.BODY_UNREADABLE


@given(st.binary())
def test_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (fields.from_form, fields.from_json):
        with contextlib.suppress(Refused):
            read(body)


def test_the_last_word_counts_unless_all_are_wanted() -> None:
    said = (("a", "1"), ("b", "2"), ("a", "3"))
    assert fields.last(said, "a") == "3"
    assert fields.last(said, "c") is None
    assert fields.every(said, "a") == ("1", "3")
