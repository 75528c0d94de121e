from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.ids import BinId, CallId, ConferenceId, Id, NumberId, ParticipantId, ProjectId
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, sids

KINDS: list[type[Id]] = [BinId, CallId, ConferenceId, NumberId, ParticipantId, ProjectId]


@given(
    kind=st.sampled_from(KINDS),
    bits=st.integers(0, 2**128 - 1),
    dialect=st.sampled_from([*DIALECTS.values()]),
)
def test_what_either_dialect_shows_both_read(kind: type[Id], bits: int, dialect) -> None:
    shown = dialect.sids.show(kind(bits))
    assert all(one.sids.parse(kind, shown) == kind(bits) for one in DIALECTS.values())


def test_shapes_are_the_vendors() -> None:
    assert SIGNALWIRE.sids.show(CallId(0xAB)) == "00000000-0000-0000-0000-0000000000ab"
    assert TWILIO.sids.show(CallId(0xAB)) == "CA000000000000000000000000000000ab"


def test_every_kind_has_a_prefix_of_its_own() -> None:
    assert len({sids.PREFIXES[kind] for kind in KINDS}) == len(KINDS)


def test_upper_case_digits_are_read() -> None:
    assert sids.parse(CallId, "CA" + "AB" * 16) == sids.parse(CallId, "CA" + "ab" * 16)
    assert sids.parse(CallId, "B3877C40-DA60-4998-90AD-B792E98472CA") is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CA",
        "CA" + "0" * 31,
        "CA" + "0" * 33,
        "CF" + "0" * 32,
        "ca" + "0" * 32,
        "0" * 32,
        "CA" + "g" * 32,
        "CA" + "0" * 31 + "\n",
        "CA" + "٣" * 32,
        "b3877c40-da60-4998-90ad-b792e98472co",
        "b3877c40da60-4998-90ad-b792e98472caa",
        "b3877c40-da60-4998-90ad-b792e98472ca\n",
        "urn:uuid:b3877c40-da60-4998-90ad-b792e98472ca",
        "Twilio.CURRENT",
        "cust omer",
    ],
)
def test_a_wrong_shape_is_nothing(text: str) -> None:
    assert sids.parse(CallId, text) is None


def test_a_text_that_could_be_a_call_is_told() -> None:
    assert sids.looks_like_call("CA" + "0" * 32)
    assert sids.looks_like_call("b3877c40-da60-4998-90ad-b792e98472ca")
    assert not sids.looks_like_call("customer")
