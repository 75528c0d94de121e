"""128 bits without a spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.ids import CallId, ConferenceId


@given(st.integers(0, 2**128 - 1))
def test_the_neutral_spelling_comes_back(value):
    assert CallId.from_hex(CallId(value).hex) == CallId(value)
    assert str(CallId(value)) == CallId(value).hex


@pytest.mark.parametrize("value", [-1, 2**128])
def test_128_bits_are_not_more(value):
    with pytest.raises(ValueError, match="CallId takes 128 bits"):
        CallId(value)


@pytest.mark.parametrize(
    "text", ["", "0" * 31, "0" * 33, "g" * 32, "-" + "0" * 31, "0x" + "0" * 30, "0_" + "0" * 30]
)
def test_other_text_is_no_id(text):
    with pytest.raises(ValueError, match=r".+"):
        CallId.from_hex(text)


def test_ids_of_two_kinds_are_never_equal():
    assert CallId(1) != ConferenceId(1)
    assert len({CallId(1), ConferenceId(1), CallId(1)}) == 2


def test_ids_are_ordered_by_their_bits():
    assert sorted([CallId(3), CallId(1), CallId(2)]) == [CallId(1), CallId(2), CallId(3)]
