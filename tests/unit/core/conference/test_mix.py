"""Who hears whom, as a picture: seats, soundtracks, revisions; and what a picture means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import EVERYTHING, NEWS, OTHER_SONG, ROOM, SONG, A, B, C, after, empty, join, room
from roomtone.core.conference.messages import (
    Announce,
    ChangeWait,
    Coach,
    End,
    Hold,
    LegEnded,
    Mute,
    SetEndOnExit,
    Unhold,
)
from roomtone.core.conference.mix import MixPlan, Seat, Soundtrack, Towards, hears, mix_plan, same_picture
from roomtone.core.ids import CallId
from roomtone.core.values import HouseMusic, JitterBuffer, Silence

WAIT_A, HOLD_A = f"wait:{A.hex}:0", f"hold:{A.hex}:1"
FOR_ALL, FOR_A = f"announce:{ROOM.hex}:1", f"announce:{A.hex}:1"
NOBODY, EVERYBODY = Towards.NOBODY, Towards.ROOM


def seat(state, call=A):
    return next(one for one in mix_plan(state).seats if one.call == call)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ((), Seat(A, EVERYBODY, None)),
        ((Mute(A),), Seat(A, NOBODY, None)),
        ((Hold(A, SONG),), Seat(A, NOBODY, HOLD_A)),
        ((Hold(A), Mute(A)), Seat(A, NOBODY, HOLD_A)),
        ((Coach(A, B),), Seat(A, B, None)),
        ((Coach(A, B), Mute(A)), Seat(A, NOBODY, None)),
        ((Coach(A, B), Hold(A)), Seat(A, NOBODY, HOLD_A)),
        ((Coach(A, B), LegEnded(B)), Seat(A, NOBODY, None)),
        ((Announce(NEWS),), Seat(A, EVERYBODY, None, (FOR_ALL,))),
        ((Announce(NEWS, A),), Seat(A, EVERYBODY, None, (FOR_A,))),
        ((Announce(NEWS, A), Mute(A)), Seat(A, NOBODY, None, (FOR_A,))),
        ((Announce(NEWS, A), Hold(A)), Seat(A, NOBODY, FOR_A)),
        ((Announce(NEWS), Hold(A)), Seat(A, NOBODY, HOLD_A)),
        ((Hold(A), Unhold(A)), Seat(A, EVERYBODY, None)),
    ],
)
def test_the_seat_of_a_participant(then, expected):
    assert seat(room(A, B, C, then=then)) == expected


def test_a_seat_has_the_jitter_buffer_its_participant_came_with_wherever_they_are():
    state = room(join(A, jitter_buffer=JitterBuffer.OFF), B)
    assert seat(state) == Seat(A, EVERYBODY, None, (), JitterBuffer.OFF)
    assert seat(room(join(A, jitter_buffer=JitterBuffer.OFF))).jitter_buffer is JitterBuffer.OFF


def test_before_the_start_everybody_hears_their_own_music_and_talks_to_nobody():
    state = room(join(A, start_on_enter=False, wait=SONG), join(B, start_on_enter=False, muted=True))
    assert seat(state) == Seat(A, NOBODY, WAIT_A)
    assert hears(mix_plan(state)) == {A: frozenset(), B: frozenset()}
    assert [track.music for track in mix_plan(state).soundtracks] == [SONG, HouseMusic()]


def test_one_held_before_the_start_hears_hold_music():
    assert seat(room(A, then=(Hold(A),))) == Seat(A, NOBODY, HOLD_A)


def test_other_wait_music_is_another_soundtrack():
    state = room(A, then=(ChangeWait(A, OTHER_SONG),))
    assert mix_plan(state).soundtracks == (Soundtrack(f"wait:{A.hex}:1", OTHER_SONG, A, once=False),)


def test_the_start_ends_all_waiting():
    assert mix_plan(room(A, B)).soundtracks == ()


def test_silence_is_a_soundtrack_like_any_other():
    """A seat must name what it hears instead of the room, or it would hear the room."""
    state = room(join(A, wait=Silence()))
    assert mix_plan(state).soundtracks == (Soundtrack(WAIT_A, Silence(), A, once=False),)


def test_soundtracks_name_whose_they_are_and_whether_their_end_matters():
    state = room(A, B, then=(Announce(NEWS), Announce(SONG, B), Hold(A)))
    assert mix_plan(state).soundtracks == (
        Soundtrack(f"announce:{B.hex}:2", SONG, B, once=True),
        Soundtrack(FOR_ALL, NEWS, None, once=True),
        Soundtrack(HOLD_A, HouseMusic(), A, once=False),
    )


def test_a_private_announcement_and_one_to_everybody_are_heard_together():
    state = room(A, B, then=(Announce(NEWS), Announce(SONG, A)))
    assert seat(state).overlays == (f"announce:{A.hex}:2", FOR_ALL)


def test_equal_pictures_are_equal_whatever_the_order_of_coming():
    one, other = mix_plan(room(A, B, C)), mix_plan(room(C, A, B))
    assert replace(one, revision=0) == replace(other, revision=0)
    assert [seat.call for seat in one.seats] == [A, B, C]


def test_the_plan_carries_the_revision_of_its_state():
    state = room(A, B)
    assert mix_plan(state).revision == state.plan_revision == 2


def test_an_empty_and_an_ended_conference_have_no_seats():
    assert mix_plan(empty()) == MixPlan(0)
    assert mix_plan(room(A, B, then=(End(),))).seats == ()


def test_speech_is_listened_for_only_if_somebody_asked():
    assert not mix_plan(room(A, B)).speech
    assert mix_plan(room(join(A, callback=EVERYTHING), B)).speech


def test_a_plan_means_that_all_hear_all_but_themselves():
    assert hears(mix_plan(room(A, B, C))) == {A: {B, C}, B: {A, C}, C: {A, B}}


def test_a_plan_by_hand_means_what_it_says():
    plan = MixPlan(1, (Seat(A, B, None), Seat(B, EVERYBODY, None), Seat(C, NOBODY, "hold:x:1", ("y",))))
    assert hears(plan) == {A: {B}, B: {A}, C: frozenset()}


@pytest.mark.parametrize(
    "message",
    [Mute(A), Hold(A), Coach(A, B), Announce(NEWS), Announce(NEWS, A), LegEnded(C), join(CallId(9)), End()],
    ids=lambda message: type(message).__name__,
)
def test_what_changes_the_picture_is_seen_to(message):
    state = room(A, B, C)
    assert not same_picture(state, after(state, message).state)


@pytest.mark.parametrize("message", [SetEndOnExit(A, on=True), ChangeWait(A, SONG)])
def test_what_does_not_change_the_picture_is_not_seen(message):
    state = room(A, B, C)
    assert same_picture(state, after(state, message).state)


def test_a_start_with_everybody_on_hold_looks_the_same():
    state = room(join(A, start_on_enter=False), then=(Hold(A),))
    started = replace(state, status=room(A, B).status)
    assert same_picture(state, started)
    assert mix_plan(state) == mix_plan(started)
