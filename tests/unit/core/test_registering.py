"""What registrations change: RFC 3261, section 10.3, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.endpoint import Binding
from roomtone.core.ids import EndpointId
from roomtone.core.registering import LONGEST_S, MOST, OutOfOrder, Place, TooBrief, clear, register

NOW_MS = 1_700_000_000_000


def place(user: str = "a", wanted_s: int = 3_600, *, call_id: str = "c", cseq: int = 1) -> Place:
    return Place(
        Binding(EndpointId(1), f"sip:{user}@h", "192.0.2.1", 5060, "udp", call_id, cseq, 0), wanted_s
    )


def wanted(held: tuple[Binding, ...], *places: Place, now_ms: int = NOW_MS) -> tuple[Binding, ...]:
    return register(held, places, lambda one, other: one == other, now_ms)


def test_a_registration_is_kept_renewed_and_taken_back() -> None:
    first = wanted((), place())
    assert [one.expires_ms for one in first] == [NOW_MS + 3_600_000]
    renewed = wanted(first, place(cseq=2, wanted_s=60), place("b"))
    assert {(one.uri, one.expires_ms - NOW_MS) for one in renewed} == {
        ("sip:a@h", 60_000),
        ("sip:b@h", 3_600_000),
    }
    assert [one.uri for one in wanted(renewed, place(cseq=3, wanted_s=0))] == ["sip:b@h"]
    assert [one.uri for one in wanted(renewed, now_ms=NOW_MS + 61_000)] == ["sip:b@h"], "what is over is gone"
    assert clear(renewed, "c", 9, NOW_MS) == ()


def test_older_requests_of_the_same_phone_change_nothing() -> None:
    held = wanted((), place(cseq=5))
    for cseq in (4, 5):
        with pytest.raises(OutOfOrder):
            wanted(held, place(cseq=cseq))
        with pytest.raises(OutOfOrder):
            clear(held, "c", cseq, NOW_MS)
    assert wanted(held, place(call_id="after a restart", cseq=1))


def test_too_brief_is_refused_and_too_long_is_cut() -> None:
    with pytest.raises(TooBrief):
        wanted((), place(), place("b", 59))
    assert wanted((), place(wanted_s=0xFFFFFFFF))[0].expires_ms == NOW_MS + LONGEST_S * 1_000


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefghijklmnop"), st.sampled_from([0, 60, 900, 1 << 31])), max_size=40
    )
)
def test_a_phone_has_each_place_once_and_never_too_many(wishes: list[tuple[str, int]]) -> None:
    held: tuple[Binding, ...] = ()
    for number, (user, wanted_s) in enumerate(wishes):
        held = wanted(held, place(user, wanted_s, cseq=number + 1))
        assert len({one.uri for one in held}) == len(held) <= MOST
        assert all(NOW_MS < one.expires_ms <= NOW_MS + LONGEST_S * 1_000 for one in held)
        if wanted_s == 0:
            assert replace(place(user).binding).uri not in {one.uri for one in held}
