"""Announcements: in turn for each target, to their end or their failure."""

from __future__ import annotations

import pytest

from rooms import NEWS, SONG, A, B, after, join, one, refusal, room
from roomtone.core.conference.messages import (
    Announce,
    AnnouncementEnded,
    AnnouncementFailed,
    ApplyMix,
    Hold,
    LegEnded,
    SoundtrackEnded,
    SoundtrackFailed,
)
from roomtone.core.conference.mix import mix_plan
from roomtone.core.refusals import Reason

TARGETS = pytest.mark.parametrize("target", [None, A])


def playing(state):
    """Key and address of each announcement in the picture."""
    return [(track.key, track.music.url) for track in mix_plan(state).soundtracks if track.once]


def only_key(state):
    ((key, _),) = playing(state)
    return key


@TARGETS
def test_before_the_start_nobody_can_be_told_anything(target):
    assert refusal(room(A), Announce(NEWS, target)) is Reason.CONFERENCE_NOT_STARTED


@TARGETS
def test_an_announcement_starts_at_once_and_is_told_when_over(target):
    started = after(room(A, B), Announce(NEWS, target))
    assert [url for _, url in playing(started.state)] == [NEWS.url]
    assert not started.events
    over = after(started.state, SoundtrackEnded(only_key(started.state)))
    assert over.events == (AnnouncementEnded(NEWS.url, target),)
    assert playing(over.state) == []
    assert isinstance(over.effects[0], ApplyMix)


@TARGETS
def test_a_second_one_waits_for_the_first(target):
    state = room(A, B, then=(Announce(NEWS, target), Announce(SONG, target)))
    assert [url for _, url in playing(state)] == [NEWS.url]
    state = after(state, SoundtrackEnded(only_key(state))).state
    assert [url for _, url in playing(state)] == [SONG.url]


@TARGETS
def test_one_that_cannot_be_played_is_told_and_the_next_one_plays(target):
    state = room(A, B, then=(Announce(NEWS, target), Announce(SONG, target)))
    result = after(state, SoundtrackFailed(only_key(state), "it is not audio"))
    assert result.events == (AnnouncementFailed(NEWS.url, target, "it is not audio"),)
    assert [url for _, url in playing(result.state)] == [SONG.url]


@TARGETS
def test_the_same_announcement_twice_is_two(target):
    state = room(A, B, then=(Announce(NEWS, target),))
    first = only_key(state)
    state = after(state, Announce(NEWS, target), SoundtrackEnded(first)).state
    assert [url for _, url in playing(state)] == [NEWS.url]
    assert only_key(state) != first


@TARGETS
def test_a_late_word_about_an_old_one_is_ignored(target):
    state = room(A, B, then=(Announce(NEWS, target), Announce(SONG, target)))
    first = only_key(state)
    state = after(state, SoundtrackEnded(first)).state
    assert after(state, SoundtrackEnded(first)).state is state
    assert after(state, SoundtrackFailed(first, "late")).state is state


def test_targets_do_not_wait_for_one_another():
    state = room(A, B, then=(Announce(NEWS), Announce(SONG, A), Announce(SONG, B)))
    assert len(playing(state)) == 3


def test_the_end_of_wait_and_hold_music_is_nobodys_business():
    state = room(A, B, then=(Hold(A, SONG),))
    (music,) = mix_plan(state).soundtracks
    assert after(state, SoundtrackEnded(music.key)).state is state
    assert after(state, SoundtrackFailed(music.key, "gone")).state is state


def test_one_on_hold_hears_an_announcement_instead_of_the_music():
    state = room(A, B, then=(Hold(A, SONG), Announce(NEWS, A)))
    seat = mix_plan(state).seats[0]
    assert (seat.call, seat.hears, seat.overlays) == (A, only_key(state), ())
    state = after(state, SoundtrackEnded(only_key(state))).state
    assert [track.music for track in mix_plan(state).soundtracks] == [SONG]


def test_one_to_everybody_runs_on_while_everybody_is_on_hold():
    state = room(A, B, then=(Announce(NEWS), Hold(A), Hold(B)))
    key = only_key(state)
    assert all(key not in (seat.hears, *seat.overlays) for seat in mix_plan(state).seats)
    assert after(state, SoundtrackEnded(key)).events == (AnnouncementEnded(NEWS.url, None),)


def test_one_to_everybody_survives_a_leaving_and_reaches_a_newcomer():
    state = room(A, B, then=(Announce(NEWS), LegEnded(A), join(A)))
    assert all(only_key(state) in seat.overlays for seat in mix_plan(state).seats)


def test_one_who_comes_back_does_not_hear_what_was_meant_before():
    state = room(A, B, then=(Announce(NEWS, A), LegEnded(A), join(A)))
    assert playing(state) == []


def test_turns_count_all_announcements_of_a_conference():
    state = room(A, B, then=(Announce(NEWS), Announce(SONG, A), Announce(NEWS, B)))
    assert state.last_turn == 3
    assert [one(state, call).announcements[0].turn for call in (A, B)] == [2, 3]
