"""Going out, one by one or all at once; the table of reasons."""

from __future__ import annotations

import pytest

from rooms import LATER, NEWS, NOW, OTHER_SONG, SONG, A, B, C, D, after, empty, join, one, room
from roomtone.core.conference.messages import (
    Announce,
    AnnouncementEnded,
    CallStatus,
    ConferenceEnded,
    End,
    Hold,
    LegEnded,
    LegLeft,
    Mute,
    ParticipantLeft,
    ReleaseCall,
    Remove,
    SoundBeep,
)
from roomtone.core.conference.state import EndReason, LeaveReason, Status
from roomtone.core.values import Beep

ENDS = [
    # who leaves a room of three, how, do they end it; why it ended, whose call ended it, why they and the others left
    ("told", End(), False, EndReason.VIA_API, None, None, LeaveReason.CONFERENCE_ENDED_VIA_API),
    ("hangs up", LegEnded(A), True, EndReason.END_ON_EXIT_LEFT, A, LeaveReason.HUNG_UP, LeaveReason.MODERATOR_ENDED),
    ("goes elsewhere", LegLeft(A), True, EndReason.END_ON_EXIT_LEFT, A, LeaveReason.HUNG_UP, LeaveReason.MODERATOR_ENDED),
    ("is redirected", LegLeft(A, LeaveReason.UPDATED_VIA_API), True, EndReason.END_ON_EXIT_LEFT, A,
     LeaveReason.UPDATED_VIA_API, LeaveReason.MODERATOR_ENDED),
    ("is kicked", Remove(A), True, EndReason.END_ON_EXIT_KICKED, A, LeaveReason.UPDATED_VIA_API,
     LeaveReason.MODERATOR_ENDED),
]  # fmt: skip
LAST = [
    (LegEnded(A), False, EndReason.LAST_LEFT, LeaveReason.HUNG_UP),
    (LegLeft(A), False, EndReason.LAST_LEFT, LeaveReason.HUNG_UP),
    (LegLeft(A, LeaveReason.UPDATED_VIA_API), False, EndReason.LAST_LEFT, LeaveReason.UPDATED_VIA_API),
    (Remove(A), False, EndReason.LAST_KICKED, LeaveReason.UPDATED_VIA_API),
    (LegEnded(A), True, EndReason.END_ON_EXIT_LEFT, LeaveReason.HUNG_UP),
    (Remove(A), True, EndReason.END_ON_EXIT_KICKED, LeaveReason.UPDATED_VIA_API),
]


@pytest.mark.parametrize(
    ("message", "flagged", "reason", "by", "own", "others"),
    [row[1:] for row in ENDS],
    ids=[row[0] for row in ENDS],
)
def test_why_a_conference_of_three_ended(message, flagged, reason, by, own, others):
    result = after(room(join(A, end_on_exit=flagged, label="boss"), B, C), message)
    assert (result.state.status, result.state.end_reason, result.state.ended_by) == (
        Status.COMPLETED,
        reason,
        by,
    )
    assert result.state.ended_by_label == (by and "boss")
    assert result.events[-1] == ConferenceEnded(reason, by)
    reasons = {event.call: event.reason for event in result.events if isinstance(event, ParticipantLeft)}
    assert reasons == {A: own or others, B: others, C: others}


@pytest.mark.parametrize(("message", "flagged", "reason", "own"), LAST)
def test_why_a_conference_of_one_ended(message, flagged, reason, own):
    result = after(room(join(A, end_on_exit=flagged), B, then=(LegEnded(B),)), message)
    assert (result.state.end_reason, result.state.ended_by) == (reason, A)
    assert [event.reason for event in result.events if isinstance(event, ParticipantLeft)] == [own]


@pytest.mark.parametrize("message", [Remove(A), LegEnded(A), LegLeft(A)])
def test_the_others_stay_when_somebody_ordinary_leaves(message):
    result = after(room(A, B, C), message)
    assert [who.call for who in result.state.participants] == [B, C]
    assert result.state.status is Status.IN_PROGRESS
    assert [type(event) for event in result.events] == [ParticipantLeft]


def test_one_who_is_left_alone_stays_in_the_conference():
    assert room(A, B, then=(LegEnded(A),)).status is Status.IN_PROGRESS


def test_a_conference_that_never_started_ends_with_its_only_participant():
    result = after(room(A), LegEnded(A))
    assert result.events[-1] == ConferenceEnded(EndReason.LAST_LEFT, A)
    assert result.state.status is Status.COMPLETED


@pytest.mark.parametrize("state", [empty(), room(A)])
def test_a_conference_that_never_started_can_be_ended(state):
    assert after(state, End()).state.end_reason is EndReason.VIA_API


def test_an_end_is_told_leavers_first_then_the_others_in_order_then_the_end():
    result = after(room(A, join(B, end_on_exit=True), C), LegEnded(B))
    assert [getattr(event, "call", None) for event in result.events] == [B, A, C, B]
    assert isinstance(result.events[-1], ConferenceEnded)


@pytest.mark.parametrize("status", [CallStatus.COMPLETED, CallStatus.FAILED])
def test_a_call_that_ended_is_told_with_its_status(status):
    left = after(room(A, B), LegEnded(A, status)).events[0]
    assert left == ParticipantLeft(A, LeaveReason.HUNG_UP, status)


@pytest.mark.parametrize("message", [Remove(A), LegLeft(A)])
def test_a_call_that_lives_on_is_told_in_progress(message):
    assert after(room(A, B), message).events[0].status is CallStatus.IN_PROGRESS


def test_a_call_is_released_when_it_was_not_the_one_who_left():
    assert releases(after(room(A, B), Remove(A))) == [A]
    assert releases(after(room(A, B), LegEnded(A))) == []
    assert releases(after(room(A, B), LegLeft(A))) == []


def test_an_end_releases_all_but_the_one_who_left():
    state = room(join(A, end_on_exit=True), B, C)
    assert releases(after(state, LegEnded(A))) == [B, C]
    assert releases(after(state, Remove(A))) == [A, B, C]
    assert releases(after(state, End())) == [A, B, C]


def test_an_ended_conference_is_empty_and_keeps_its_story():
    state = after(room(A, B, then=(Announce(NEWS),)), End(), now=LATER).state
    assert (state.participants, state.announcements) == ((), ())
    assert (state.created_ms, state.updated_ms) == (NOW.wall_ms, LATER.wall_ms)


def test_those_who_left_are_kept_as_they_were_right_before():
    result = after(room(A, B, C), Mute(A), Remove(A))
    (who,) = result.gone
    assert (who.call, who.muted) == (A, True)
    everybody = after(room(A, B, join(C, end_on_exit=True)), LegEnded(C))
    assert [who.call for who in everybody.gone] == [C, A, B]


def test_the_room_hears_somebody_leave():
    assert beeps(after(room(A, B, C), LegEnded(A))) == [SoundBeep(entering=False, calls=(B, C))]


def test_nobody_hears_a_quiet_leaving_or_a_beep_on_hold_or_while_waiting_or_at_the_end():
    assert not beeps(after(room(join(A, beep=Beep(on_exit=False)), B, C), LegEnded(A)))
    assert not beeps(after(room(A, B, then=(Hold(B),)), LegEnded(A)))
    assert not beeps(after(room(join(A, start_on_enter=False), join(B, start_on_enter=False)), LegEnded(A)))
    assert not beeps(after(room(join(A, end_on_exit=True), B), LegEnded(A)))


def test_announcements_to_one_who_leaves_end_with_them():
    state = room(A, B, C, then=(Announce(NEWS, A), Announce(SONG, A), Announce(OTHER_SONG, B)))
    result = after(state, LegEnded(A))
    assert result.events[:-1] == (AnnouncementEnded(NEWS.url, A), AnnouncementEnded(SONG.url, A))
    assert isinstance(result.events[-1], ParticipantLeft)
    assert one(result.state, B).announcements


def test_all_announcements_end_with_the_conference():
    state = room(A, B, then=(Announce(NEWS), Announce(SONG), Announce(OTHER_SONG, B)))
    ended = [event for event in after(state, End()).events if isinstance(event, AnnouncementEnded)]
    assert ended == [
        AnnouncementEnded(NEWS.url, None), AnnouncementEnded(SONG.url, None), AnnouncementEnded(OTHER_SONG.url, B),
    ]  # fmt: skip


def test_a_held_leaver_leaves_like_any_other():
    """Hold must not change who leaves: freeswitch#2887, a held leg's hangup dropped another leg."""
    state = room(A, B, C, D, then=(Hold(A), Hold(B)))
    assert [who.call for who in after(state, LegEnded(A)).state.participants] == [B, C, D]


def releases(result):
    return [effect.call for effect in result.effects if isinstance(effect, ReleaseCall)]


def beeps(result):
    return [effect for effect in result.effects if isinstance(effect, SoundBeep)]
