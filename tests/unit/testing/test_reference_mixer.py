"""The oracle's own oracle: who hears whom by the letter of the plan, voice by voice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roomtone.link.messages import Hears, SeatOrder, Talks
from roomtone.testing.reference_mixer import FRAME_SAMPLES, mix

CALLS = list("abcde")
SOURCES = ["hold", "announce"]


@st.composite
def seats(draw) -> list[SeatOrder]:
    found = []
    for call in draw(st.lists(st.sampled_from(CALLS), unique=True, max_size=5)):
        hears = draw(st.sampled_from(Hears))
        talks = draw(st.sampled_from(Talks))
        found.append(
            SeatOrder(
                call=call,
                talks=talks,
                target=draw(st.sampled_from(CALLS)) if talks is Talks.CALL else None,
                hears=hears,
                source=draw(st.sampled_from([*SOURCES, "nowhere"])) if hears is Hears.SOURCE else None,
                overlays=draw(st.lists(st.sampled_from([*SOURCES, "nowhere"]), unique=True)),
            )
        )
    return found


def constant(value: int) -> np.ndarray:
    return np.full(FRAME_SAMPLES, value, dtype=np.int16)


def says_to(speaker: SeatOrder, listener: SeatOrder) -> bool:
    """By the letter of the protocol."""
    if listener.hears is not Hears.ROOM:
        return False
    if speaker.talks is Talks.CALL:
        return speaker.target == listener.call
    return speaker.talks is Talks.ROOM and speaker.call != listener.call


@given(seats())
def test_each_voice_is_heard_by_exactly_those_it_is_for(plan: list[SeatOrder]) -> None:
    voices = {call: constant(10**index) for index, call in enumerate("abcd")}  # e says nothing
    sources = {"hold": constant(20_000), "announce": constant(-15_000)}
    heard = mix(plan, voices, sources)
    assert set(heard) == {seat.call for seat in plan}
    for listener in plan:
        expected = sum(
            int(voices[one.call][0]) for one in plan if one.call in voices and says_to(one, listener)
        )
        tracks = [*listener.overlays, *([listener.source] if listener.hears is Hears.SOURCE else [])]
        expected += sum(int(sources[track][0]) for track in tracks if track in sources)
        assert heard[listener.call].tolist() == [max(-32768, min(32767, expected))] * FRAME_SAMPLES


def test_too_loud_is_cut_off_and_never_wraps_round() -> None:
    plan = [
        SeatOrder(call=call, talks=Talks.ROOM, target=None, hears=Hears.ROOM, source=None, overlays=[])
        for call in CALLS
    ]
    for value, limit in ((30_000, 32_767), (-30_000, -32_768)):
        heard = mix(plan, {call: constant(value) for call in CALLS}, {})
        assert all(set(frame.tolist()) == {limit} for frame in heard.values())


def test_nobody_hears_nothing_where_nobody_is() -> None:
    assert mix([], {}, {}) == {}
