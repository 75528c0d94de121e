"""Monitor, whisper, barge; whom one may coach, and what stays of it."""

from __future__ import annotations

import pytest

from rooms import STRANGER, A, B, C, after, join, one, refusal, room
from roomtone.core.conference.messages import (
    Coach,
    Hold,
    LegEnded,
    Mute,
    ParticipantModified,
    StopCoaching,
    Unhold,
)
from roomtone.core.conference.mix import hears, mix_plan
from roomtone.core.refusals import Reason


def heard(state):
    return hears(mix_plan(state))


def test_a_whisper_reaches_the_coached_only():
    result = after(room(A, B, C), Coach(A, B))
    assert heard(result.state) == {A: {B, C}, B: {A, C}, C: {B}}
    assert result.events == (ParticipantModified(A),)


def test_a_monitor_hears_all_and_is_heard_by_nobody():
    assert heard(room(A, B, C, then=(Mute(A), Coach(A, B)))) == {A: {B, C}, B: {C}, C: {B}}


def test_a_barge_is_an_ordinary_participant():
    state = room(A, B, C, then=(Coach(A, B), StopCoaching(A)))
    assert heard(state) == {A: {B, C}, B: {A, C}, C: {A, B}}
    assert (one(state, A).coaching, one(state, A).coached) == (False, None)


def test_coaching_the_same_again_changes_nothing():
    state = room(A, B, then=(Coach(A, B),))
    assert after(state, Coach(A, B)).state is state
    assert after(state, Coach(A)).state is state


def test_a_coach_may_turn_to_another():
    state = room(A, B, C, then=(Coach(A, B), Coach(A, C)))
    assert heard(state)[C] == {A, B}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (None, Reason.COACH_TARGET_MISSING),
        (A, Reason.COACH_TARGET_MISSING),
        (STRANGER, Reason.COACH_TARGET_NOT_PRESENT),
        (C, Reason.COACH_TARGET_ON_HOLD),
    ],
)
def test_whom_one_may_not_coach(target, reason):
    assert refusal(room(A, B, C, then=(Hold(C),)), Coach(A, target)) is reason


def test_stopping_forgets_the_target():
    assert refusal(room(A, B, then=(Coach(A, B), StopCoaching(A))), Coach(A)) is Reason.COACH_TARGET_MISSING


def test_a_whisper_never_turns_public():
    state = room(A, B, C, then=(Coach(A, B), LegEnded(B)))
    assert heard(state) == {A: {C}, C: frozenset()}
    assert (one(state, A).coaching, one(state, A).coached) == (True, B)


def test_a_coached_one_who_comes_back_hears_the_coach_again():
    state = room(A, B, C, then=(Coach(A, B), LegEnded(B)))
    assert heard(after(state, join(B)).state) == {A: {B, C}, B: {A, C}, C: {B}}


def test_nothing_is_kept_for_a_coach_whose_target_has_left():
    assert (
        refusal(room(A, B, C, then=(Coach(A, B), LegEnded(B))), Coach(A)) is Reason.COACH_TARGET_NOT_PRESENT
    )


def test_a_coached_one_on_hold_hears_nobody_and_the_coach_again_after():
    state = room(A, B, C, then=(Coach(A, B), Hold(B)))
    assert heard(state) == {A: {C}, B: frozenset(), C: frozenset()}
    assert heard(after(state, Unhold(B)).state)[B] == {A, C}


def test_a_coach_on_hold_is_heard_by_nobody():
    assert heard(room(A, B, C, then=(Coach(A, B), Hold(A)))) == {A: frozenset(), B: {C}, C: {B}}


def test_several_may_coach_one_and_chains_are_matters_of_two():
    assert heard(room(A, B, C, then=(Coach(A, C), Coach(B, C)))) == {A: {C}, B: {C}, C: {A, B}}
    assert heard(room(A, B, C, then=(Coach(A, B), Coach(B, C)))) == {A: {C}, B: {A, C}, C: {B}}
