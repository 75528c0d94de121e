"""Those who are being called: named, counted and labelled, but neither heard nor hearing until they answer."""

from __future__ import annotations

import pytest

from rooms import LATER, A, B, C, after, empty, join, one, refusal, room
from roomtone.core.conference.messages import (
    ApplyMix,
    CallRings,
    CallSounds,
    CallStatus,
    Coach,
    ConferenceEnded,
    ConferenceStarted,
    End,
    Expect,
    LegEnded,
    Mute,
    ParticipantJoined,
    ParticipantLeft,
    ReleaseCall,
    Remove,
    SoundBeep,
)
from roomtone.core.conference.mix import Towards, hears, mix_plan
from roomtone.core.conference.state import LeaveReason, Progress, Status
from roomtone.core.refusals import Reason


def test_who_is_expected_is_named_and_makes_no_sound():
    before = room(A, B)
    step = after(before, Expect(join(C, label="c")))
    assert one(step.state, C).progress is Progress.QUEUED
    assert (step.events, step.effects) == ((), ())
    assert mix_plan(step.state) == mix_plan(before)


def test_a_call_that_rings_is_said_to_ring_once():
    state = after(room(A, B), Expect(join(C))).state
    ringing = after(state, CallRings(C)).state
    assert one(ringing, C).progress is Progress.RINGING
    assert after(ringing, CallRings(C)).state is ringing
    assert after(ringing, CallRings(A)).state is ringing


def test_who_answers_is_in_as_they_were_meant_to_be_and_changed_meanwhile():
    state = room(A, B, then=(Expect(join(C, label="c")), CallRings(C), Mute(C)))
    step = after(state, join(C, label="other"))
    who = one(step.state, C)
    assert (who.progress, who.label, who.muted, who.updated_ms) == (Progress.HERE, "c", True, LATER.wall_ms)
    assert step.events == (ParticipantJoined(C),)
    assert [effect for effect in step.effects if isinstance(effect, SoundBeep)] == [SoundBeep(True, (A, B))]
    assert isinstance(step.effects[0], ApplyMix)
    assert hears(step.effects[0].plan)[C] == {A, B}


def test_a_conference_begins_with_two_who_are_here():
    state = after(empty(), Expect(join(A))).state
    state = after(state, join(B)).state
    assert state.status is Status.INIT
    step = after(state, join(A))
    assert step.events == (ParticipantJoined(A), ConferenceStarted())


def test_who_does_not_answer_has_left_because_of_it():
    state = room(A, B, then=(Expect(join(C)),))
    step = after(state, LegEnded(C, CallStatus.BUSY))
    assert step.events == (ParticipantLeft(C, LeaveReason.ADD_FAILED, CallStatus.BUSY),)
    assert step.effects == ()
    assert step.state.find(C) is None


def test_the_end_on_exit_of_who_never_came_ends_nothing():
    state = room(A, B, then=(Expect(join(C, end_on_exit=True)),))
    assert after(state, LegEnded(C, CallStatus.NO_ANSWER)).state.status is Status.IN_PROGRESS


def test_a_conference_of_none_but_who_never_came_is_over():
    state = after(empty(), Expect(join(A))).state
    step = after(state, LegEnded(A, CallStatus.FAILED))
    assert step.state.status is Status.COMPLETED
    assert isinstance(step.events[-1], ConferenceEnded)


@pytest.mark.parametrize("message", [Remove(C), End()])
def test_a_call_nobody_waits_for_any_more_is_let_go(message):
    step = after(room(A, B, then=(Expect(join(C)),)), message)
    assert ReleaseCall(C) in step.effects
    left = [event for event in step.events if isinstance(event, ParticipantLeft) and event.call == C]
    assert [event.status for event in left] == [CallStatus.CANCELED]


def test_a_coach_is_heard_by_nobody_before_they_answer():
    state = room(A, B, then=(Expect(join(C, coached=A)),))
    assert hears(mix_plan(state)) == hears(mix_plan(room(A, B)))
    heard = hears(mix_plan(after(state, join(C)).state))
    assert C in heard[A]
    assert C not in heard[B]


def test_who_is_expected_counts_and_has_their_label():
    state = room(A, then=(Expect(join(B, label="b")),))
    assert refusal(state, join(C, max_participants=2)) is Reason.CONFERENCE_FULL
    assert refusal(state, join(C, label="b")) is Reason.LABEL_TAKEN
    assert refusal(state, Expect(join(B))) is Reason.CALL_ALREADY_PRESENT


def test_who_is_here_may_be_whispered_to_by_who_is_expected_later():
    state = room(A, B, then=(Expect(join(C)),))
    assert hears(mix_plan(after(state, Coach(A, C)).state))[B] == frozenset()


def seat_of(state, call):
    return next((seat for seat in mix_plan(state).seats if seat.call == call), None)


def test_what_comes_before_the_answer_is_heard_by_the_room_and_hears_nothing():
    state = room(A, B, then=(Expect(join(C, early_sound=True)), CallRings(C)))
    step = after(state, CallSounds(C))
    assert isinstance(step.effects[0], ApplyMix)
    assert step.events == ()
    assert hears(step.effects[0].plan) == {A: {B, C}, B: {A, C}, C: frozenset()}
    assert after(step.state, CallSounds(C)).state is step.state
    assert one(step.state, C).progress is Progress.RINGING
    answered = after(step.state, join(C)).state
    assert hears(mix_plan(answered))[C] == {A, B}


def test_nobody_hears_what_they_did_not_want_to():
    state = room(A, B, then=(Expect(join(C)),))
    assert after(state, CallSounds(C)).state is state


@pytest.mark.parametrize("how", [{"muted": True}, {"coached": A}])
def test_who_would_not_be_heard_by_all_is_not_heard_before_either(how):
    state = room(A, B, then=(Expect(join(C, early_sound=True, **how)), CallSounds(C)))
    assert seat_of(state, C).talks_to is Towards.NOBODY


def test_one_who_is_alone_hears_how_the_call_fares_in_place_of_the_music():
    state = after(after(empty(), join(A)).state, Expect(join(B, early_sound=True))).state
    assert seat_of(state, A).hears is not None
    sounding = after(state, CallSounds(B))
    assert hears(mix_plan(sounding.state)) == {A: {B}, B: frozenset()}
    assert sounding.state.status is Status.INIT
    gone = after(sounding.state, LegEnded(B, CallStatus.BUSY)).state
    assert seat_of(gone, A).hears is not None, "the music goes on"


def test_those_who_wait_for_somebody_else_hear_one_another_no_sooner():
    state = room(then=())
    for call in (A, B):
        state = after(state, join(call, start_on_enter=False)).state
    state = after(after(state, Expect(join(C, early_sound=True))).state, CallSounds(C)).state
    assert hears(mix_plan(state)) == {A: frozenset(), B: frozenset(), C: frozenset()}
