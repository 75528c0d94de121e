"""Who may come in, and when their coming starts the conference."""

from __future__ import annotations

import pytest

from rooms import EVERYTHING, LATER, NOW, SONG, STRANGER, A, B, C, after, empty, join, one, refusal, room
from roomtone.core.conference.messages import (
    ConferenceStarted,
    Hold,
    LegEnded,
    ParticipantJoined,
    Remove,
    SoundBeep,
)
from roomtone.core.conference.state import Callback, Status
from roomtone.core.refusals import Reason
from roomtone.core.values import Beep, Method

ALONE = "a" * 128


def test_the_first_participant_waits():
    result = after(empty(), join(A))
    assert result.events == (ParticipantJoined(A),)
    assert result.state.status is Status.INIT


def test_a_second_participant_starts_the_conference():
    result = after(room(A), join(B), now=LATER)
    assert result.events == (ParticipantJoined(B), ConferenceStarted())
    assert result.state.status is Status.IN_PROGRESS
    assert result.state.updated_ms == LATER.wall_ms


@pytest.mark.parametrize(("first", "second", "starts"), [
    (True, True, True), (True, False, True), (False, True, True), (False, False, False),
])  # fmt: skip
def test_one_of_two_must_be_one_who_starts_it(first, second, starts):
    state = room(join(A, start_on_enter=first), join(B, start_on_enter=second))
    assert (state.status is Status.IN_PROGRESS) == starts


def test_a_room_of_listeners_starts_when_a_moderator_comes():
    state = room(join(A, start_on_enter=False), join(B, start_on_enter=False), join(C))
    assert state.status is Status.IN_PROGRESS


def test_it_goes_on_when_the_one_who_started_it_leaves():
    state = room(join(A, start_on_enter=False), join(B, start_on_enter=False), C, then=(LegEnded(C),))
    assert state.status is Status.IN_PROGRESS


def test_it_starts_once():
    assert ConferenceStarted() not in after(room(A, B), join(C)).events


def test_a_participant_is_as_they_asked_to_be():
    wishes = {
        "label": "desk",
        "muted": True,
        "start_on_enter": False,
        "end_on_exit": True,
        "beep": Beep(on_exit=False),
    }
    entrant = one(after(empty(), join(A, wait=SONG, **wishes)).state, A)
    assert {name: getattr(entrant, name) for name in wishes} == wishes
    assert (entrant.wait, entrant.held, entrant.coaching, entrant.coached) == (SONG, False, False, None)
    assert entrant.created_ms == entrant.updated_ms == LATER.wall_ms


def test_the_first_participant_decides_on_callback_and_region():
    other = Callback("https://other.example", Method.GET, frozenset())
    state = room(join(A, callback=EVERYTHING, region="ie1"), join(B, callback=other, region="au1"))
    assert (state.callback, state.region) == (EVERYTHING, "ie1")


def test_a_later_participant_cannot_fill_in_what_the_first_left_open():
    state = room(A, join(B, callback=EVERYTHING, region="ie1"))
    assert (state.callback, state.region) == (None, "us1")


def test_a_full_room_refuses_by_the_limit_of_the_one_who_wants_in():
    state = room(A, B)
    assert refusal(state, join(C, max_participants=2)) is Reason.CONFERENCE_FULL
    assert after(state, join(C, max_participants=3)).state.find(C)


def test_a_call_already_present_is_refused():
    assert refusal(room(A, B), join(A)) is Reason.CALL_ALREADY_PRESENT


def test_a_call_may_come_back_after_leaving():
    state = room(A, B, C, then=(Remove(A),))
    assert after(state, join(A)).events == (ParticipantJoined(A),)


@pytest.mark.parametrize(
    "label", ["x", "front desk", "Åsa", "100%", "CA123", "deadbeef", "2F", ALONE, "CA" + "g" * 32]
)
def test_ordinary_labels_are_taken(label):
    assert one(room(join(A, label=label)), A).label == label


@pytest.mark.parametrize(
    "label",
    [
        "", ALONE + "a", "a/b", "a%2Fb", "a%2fb", "CA" + "0" * 32, "ca" + "aBcD" * 8, "0" * 32,
        "b3877c40-da60-4998-90ad-b792e98472ca", "B3877C40-DA60-4998-90AD-B792E98472CA",
    ],
)  # fmt: skip
def test_a_label_that_is_no_name_is_refused(label):
    assert refusal(empty(), join(A, label=label)) is Reason.LABEL_INVALID


def test_a_label_in_use_is_refused():
    state = room(join(A, label="desk"), B)
    assert refusal(state, join(C, label="desk")) is Reason.LABEL_TAKEN
    assert after(state, join(C, label="Desk")).state.find(C)


def test_a_label_is_free_again_after_its_owner_left():
    state = room(join(A, label="desk"), B, C, then=(LegEnded(A),))
    assert after(state, join(A, label="desk")).state.find(A)


def test_one_may_come_in_as_a_coach():
    entrant = one(room(A, B, join(C, coached=A)), C)
    assert (entrant.coaching, entrant.coached) == (True, A)


@pytest.mark.parametrize("target", [STRANGER, C])
def test_a_coach_of_somebody_absent_or_of_themselves_is_refused(target):
    assert refusal(room(A, B), join(C, coached=target)) is Reason.COACH_TARGET_NOT_PRESENT


def test_a_coach_of_somebody_on_hold_is_refused():
    assert refusal(room(A, B, then=(Hold(A),)), join(C, coached=A)) is Reason.COACH_TARGET_ON_HOLD


def test_the_room_hears_somebody_come_in_and_they_do_not():
    assert SoundBeep(entering=True, calls=(A, B)) in after(room(A, B), join(C)).effects


def test_the_one_who_waited_hears_the_conference_start():
    assert SoundBeep(entering=True, calls=(A,)) in after(room(A), join(B)).effects


def test_those_who_wait_or_are_on_hold_hear_no_beep():
    waiting = room(join(A, start_on_enter=False))
    assert not beeps(after(waiting, join(B, start_on_enter=False)))
    assert beeps(after(room(A, B, then=(Hold(A),)), join(C))) == [SoundBeep(entering=True, calls=(B,))]
    assert not beeps(after(room(A, B, then=(Hold(A), Hold(B))), join(C)))


def test_a_quiet_entrant_makes_no_beep():
    assert not beeps(after(room(A, B), join(C, beep=Beep(on_enter=False))))


def beeps(result):
    return [effect for effect in result.effects if isinstance(effect, SoundBeep)]


def test_dates_of_the_conference_are_its_own():
    assert after(empty(), join(A)).state.updated_ms == NOW.wall_ms
