"""Mute, hold, music and exit settings: each on its own, told on change only."""

from __future__ import annotations

from itertools import product

import pytest

from rooms import NOW, OTHER_SONG, SONG, A, B, after, join, one, room
from roomtone.core.conference.messages import (
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    Hold,
    Mute,
    ParticipantHeld,
    ParticipantModified,
    ParticipantMuted,
    ParticipantUnheld,
    ParticipantUnmuted,
    SetBeepOnExit,
    SetEndOnExit,
    Unhold,
    Unmute,
)
from roomtone.core.values import HouseMusic, Silence


def test_muting_is_told_once():
    muted = after(room(A, B), Mute(A))
    assert muted.events == (ParticipantMuted(A),)
    assert after(muted.state, Mute(A)).state is muted.state


def test_unmuting_is_told_once():
    unmuted = after(room(A, B, then=(Mute(A),)), Unmute(A))
    assert unmuted.events == (ParticipantUnmuted(A),)
    assert after(unmuted.state, Unmute(A)).state is unmuted.state


def test_one_may_come_in_muted_and_be_unmuted():
    assert after(room(join(A, muted=True), B), Unmute(A)).events == (ParticipantUnmuted(A),)


def test_holding_is_told_once():
    held = after(room(A, B), Hold(A))
    assert held.events == (ParticipantHeld(A),)
    assert not after(held.state, Hold(A, SONG)).events


def test_unholding_is_told_once():
    unheld = after(room(A, B, then=(Hold(A),)), Unhold(A))
    assert unheld.events == (ParticipantUnheld(A),)
    assert after(unheld.state, Unhold(A)).state is unheld.state


@pytest.mark.parametrize(
    ("playing", "asked", "restarts"),
    [
        (HouseMusic(), HouseMusic(), False), (HouseMusic(), SONG, True), (SONG, SONG, True), (SONG, OTHER_SONG, True),
        (SONG, HouseMusic(), True), (Silence(), Silence(), False), (Silence(), HouseMusic(), True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [Hold, ChangeHoldMusic])
def test_hold_music_starts_again_when_something_can_be_new_in_it(command, playing, asked, restarts):
    state = room(A, B, then=(Hold(A, playing),))
    result = after(state, command(A, asked)).state
    assert one(result, A).hold == asked
    assert one(result, A).hold_turn == one(state, A).hold_turn + restarts


def test_hold_music_starts_again_with_each_hold():
    state = room(A, B, then=(Hold(A, SONG), Unhold(A), Hold(A, SONG)))
    assert one(state, A).hold_turn == 2


def test_other_hold_music_for_one_who_is_not_held_does_nothing():
    state = room(A, B)
    assert after(state, ChangeHoldMusic(A, SONG)).state is state


def test_other_wait_music_is_kept_and_told_before_and_after_the_start():
    for state in (room(A), room(A, B)):
        result = after(state, ChangeWait(A, SONG))
        assert (one(result.state, A).wait, one(result.state, A).wait_turn) == (SONG, 1)
        assert result.events == (ParticipantModified(A),)


def test_the_same_wait_music_plays_on():
    state = room(join(A, wait=SONG))
    assert after(state, ChangeWait(A, SONG)).state is state


def test_exit_settings_are_set_and_told():
    result = after(room(A, B), SetBeepOnExit(A, on=False), SetEndOnExit(A, on=True))
    who = one(result.state, A)
    assert (who.beep.on_exit, who.beep.on_enter, who.end_on_exit) == (False, True, True)
    assert result.events == (ParticipantModified(A),)


def test_changes_on_hold_stick():
    """flex-dialpad-addon-plugin#60: EndConferenceOnExit set on a held participant was lost."""
    state = room(A, B, then=(Hold(A), SetEndOnExit(A, on=True), Mute(A), Unhold(A)))
    who = one(state, A)
    assert (who.end_on_exit, who.muted, who.held) == (True, True, False)


def test_a_single_setting_applies_without_any_other():
    """twilio-go#259: EndConferenceOnExit alone showed in the answer and not in the list."""
    result = after(room(A, B), SetEndOnExit(A, on=True))
    assert one(result.state, A).end_on_exit


@pytest.mark.parametrize("flags", list(product([False, True], repeat=3)))
def test_flags_survive_one_another(flags):
    muted, held, coaching = flags
    wishes = [
        Mute(A) if muted else Unmute(A), Hold(A) if held else Unhold(A), *([Coach(A, B)] if coaching else []),
    ]  # fmt: skip
    state = room(A, B)
    for wish in wishes:
        state = after(state, wish).state
    for there_and_back in ([Mute(A), Unmute(A)], [Hold(A), Unhold(A)]):
        for wish in there_and_back:
            state = after(state, wish).state
    who = one(state, A)
    assert (who.muted, who.held, who.coaching) == (False, False, coaching)


def test_a_change_of_hold_music_dates_the_participant():
    state = room(A, B, then=(Hold(A),))
    assert one(after(state, Hold(A, SONG)).state, A).updated_ms > NOW.wall_ms
