"""What holds for every message: refusals, revisions, one mix per request, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from rooms import (
    EVERYTHING,
    LATER,
    NEWS,
    NOW,
    OTHER_SONG,
    PROJECT,
    ROOM,
    SONG,
    STRANGER,
    A,
    B,
    C,
    after,
    empty,
    join,
    one,
    refusal,
    room,
)
from roomtone.core.conference.messages import (
    Announce,
    ApplyMix,
    CallRings,
    CallSounds,
    ChangeHoldMusic,
    ChangeWait,
    Coach,
    Command,
    End,
    Expect,
    Hold,
    LegEnded,
    LegLeft,
    Mute,
    ParticipantHeld,
    ParticipantModified,
    ParticipantMuted,
    Remove,
    SetBeepOnExit,
    SetEndOnExit,
    Signal,
    SoundtrackEnded,
    SoundtrackFailed,
    SpeechStarted,
    SpeechStopped,
    StartRecording,
    StopCoaching,
    Unhold,
    Unmute,
    VoiceClosed,
    VoiceOpened,
)
from roomtone.core.conference.mix import mix_plan
from roomtone.core.conference.state import Status
from roomtone.core.conference.step import fold, next_deadline, opened, step
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused

ABOUT_A = (
    Remove(A), Hold(A), ChangeHoldMusic(A, SONG), Unhold(A), Mute(A), Unmute(A), Coach(A, B), StopCoaching(A),
    ChangeWait(A, SONG), SetBeepOnExit(A, on=False), SetEndOnExit(A, on=True), Announce(NEWS, A),
)  # fmt: skip
COMMANDS = (*ABOUT_A, Announce(NEWS), End(), join(C), Expect(join(C)), StartRecording(RecordingWish()))
SIGNALS = (
    LegEnded(A), CallRings(A), CallSounds(A), LegLeft(A), SpeechStarted(A), SpeechStopped(A), SoundtrackEnded("x"), SoundtrackFailed("x", "y"),
    VoiceOpened("x"), VoiceClosed("y"),
)  # fmt: skip


def naming(command, who):
    return replace(command, who=who)


def test_the_samples_of_this_file_are_all_messages_there_are():
    assert {type(command) for command in COMMANDS} == set(get_args(Command))
    assert {type(signal) for signal in SIGNALS} == set(get_args(Signal))


def test_an_opened_conference_waits_empty_and_unstored():
    state = opened(ROOM, PROJECT, "Room 1234", NOW)
    assert (state.status, state.revision, state.participants) == (Status.INIT, 0, ())
    assert (state.created_ms, state.updated_ms) == (NOW.wall_ms, NOW.wall_ms)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_completed_conference_refuses_every_command(command):
    assert refusal(room(A, B, then=(End(),)), command) is Reason.CONFERENCE_COMPLETED


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: type(signal).__name__)
def test_a_signal_that_comes_too_late_is_ignored(signal):
    over = room(A, B, then=(End(),))
    result = after(over, signal)
    assert result.state is over
    assert not result.events
    assert not result.effects


@pytest.mark.parametrize(
    "signal",
    [one for one in SIGNALS if not isinstance(one, VoiceOpened)],
    ids=lambda signal: type(signal).__name__,
)
def test_a_signal_about_somebody_else_is_ignored(signal):
    state = room(join(B, callback=EVERYTHING), C)
    assert after(state, signal).state is state


@pytest.mark.parametrize("command", ABOUT_A, ids=lambda command: type(command).__name__)
def test_a_command_about_a_stranger_is_refused(command):
    state = room(B, C)
    assert refusal(state, naming(command, STRANGER)) is Reason.PARTICIPANT_NOT_FOUND
    assert refusal(state, naming(command, "nobody's label")) is Reason.PARTICIPANT_NOT_FOUND


@pytest.mark.parametrize("command", ABOUT_A, ids=lambda command: type(command).__name__)
def test_a_label_does_as_well_as_a_call(command):
    state = room(join(A, label="Åsa at the desk"), B)
    assert after(state, naming(command, "Åsa at the desk")) == after(state, command)


def test_a_refusal_names_whom_it_looked_for():
    with pytest.raises(Refused) as caught:
        step(room(B), Mute("front desk"), NOW)
    assert caught.value.facts == {"conference": ROOM.hex, "participant": "front desk"}


def test_an_empty_request_changes_nothing_at_all():
    state = room(A, B)
    assert after(state).state is state


@pytest.mark.parametrize(
    "idle",
    [
        Unmute(A),
        Unhold(A),
        StopCoaching(A),
        SetEndOnExit(A, on=False),
        SetBeepOnExit(A, on=True),
        ChangeHoldMusic(A, SONG),
    ],
)
def test_a_request_that_changes_nothing_leaves_no_trace(idle):
    state = room(A, B)
    result = after(state, idle)
    assert result.state is state
    assert not result.events
    assert not result.effects


def test_a_request_counts_one_revision_however_many_orders_it_holds():
    state = room(A, B)
    result = after(state, Mute(A), SetEndOnExit(A, on=True), Hold(A, SONG))
    assert result.state.revision == state.revision + 1
    assert result.events == (ParticipantMuted(A), ParticipantHeld(A), ParticipantModified(A))


def test_a_request_gives_at_most_one_mix_and_gives_it_first():
    result = after(room(A, B, C), Mute(A), Hold(B), Remove(C))
    assert [type(effect) for effect in result.effects].count(ApplyMix) == 1
    assert result.effects[0] == ApplyMix(mix_plan(result.state))


def test_a_request_that_ends_where_it_began_still_tells_what_happened():
    state = room(A, B)
    result = fold(state, (Mute(A), Unmute(A)), NOW)
    assert [type(event).__name__ for event in result.events] == ["ParticipantMuted", "ParticipantUnmuted"]
    assert result.state.revision == state.revision + 1
    assert not result.effects


def test_the_plan_is_counted_only_when_the_picture_changes():
    state = room(A, B)
    assert after(state, SetEndOnExit(A, on=True)).state.plan_revision == state.plan_revision
    assert after(state, Mute(A)).state.plan_revision == state.plan_revision + 1


def test_a_refusal_anywhere_drops_the_whole_request():
    state = room(A, B)
    assert refusal(state, Mute(A), Coach(A, STRANGER)) is Reason.COACH_TARGET_NOT_PRESENT
    assert not one(state, A).muted


@pytest.mark.parametrize("request_", [(Hold(A), Coach(A, B)), (Announce(NEWS, A), Hold(A, SONG))])
def test_holding_and_using_somebody_in_one_request_is_refused(request_):
    assert refusal(room(A, B), *request_) is Reason.UPDATE_COMBINATION_INVALID


@pytest.mark.parametrize(
    "request_",
    [
        (Unhold(A), Coach(A, B)),
        (Hold(A), Coach(C, B)),
        (Hold(A), Announce(NEWS, B)),
        (Hold(A), StopCoaching(A)),
    ],
)
def test_other_combinations_are_taken(request_):
    assert after(room(A, B, C), *request_).state.participants


def test_a_participant_is_told_modified_once_for_all_that_was_modified():
    result = after(
        room(A, B), Coach(A, B), SetBeepOnExit(A, on=False), SetEndOnExit(A, on=True), ChangeWait(A, SONG)
    )
    assert result.events == (ParticipantModified(A),)


def test_each_modified_participant_is_told():
    result = after(room(A, B), SetEndOnExit(A, on=True), ChangeWait(B, OTHER_SONG))
    assert result.events == (ParticipantModified(A), ParticipantModified(B))


def test_modified_and_back_again_is_not_modified():
    state = room(A, B)
    assert not after(state, SetEndOnExit(A, on=True), SetEndOnExit(A, on=False)).events


def test_who_leaves_in_the_same_request_is_not_told_modified():
    result = after(
        room(A, B, C),
        SetEndOnExit(A, on=True),
        SetEndOnExit(A, on=False),
        SetBeepOnExit(A, on=False),
        Remove(A),
    )
    assert [type(event).__name__ for event in result.events] == ["ParticipantLeft"]


def test_what_changes_is_dated_and_what_does_not_is_not():
    result = after(room(A, B), Mute(A), now=LATER)
    assert one(result.state, A).updated_ms == LATER.wall_ms
    assert one(result.state, A).created_ms == NOW.wall_ms
    assert one(result.state, B).updated_ms == NOW.wall_ms
    assert result.state.updated_ms == NOW.wall_ms


def test_an_announcement_does_not_date_the_participant_it_is_for():
    assert one(after(room(A, B), Announce(NEWS, A)).state, A).updated_ms == NOW.wall_ms


@pytest.mark.parametrize("state", [empty(), room(A), room(A, B), room(A, B, then=(End(),))])
def test_no_conference_waits_for_time_to_pass(state):
    assert next_deadline(state) is None
