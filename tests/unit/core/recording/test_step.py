"""The life of a recording, move by move."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId
from roomtone.core.moment import Moment
from roomtone.core.recording.finishing import (
    Finished,
    FinishFailed,
    FinishFault,
    Finishing,
    Happening,
    HappeningKind,
)
from roomtone.core.recording.messages import (
    Ended,
    EndTaking,
    Finish,
    Happened,
    Lost,
    Message,
    Pause,
    RecordingAbsent,
    RecordingCompleted,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    Resume,
    SceneChanged,
    Step,
    Stop,
    SubjectEnded,
    Take,
)
from roomtone.core.recording.notices import TOPICS, notices
from roomtone.core.recording.state import Recording, RecordingFault, RecordingSource, RecordingStatus, Reel
from roomtone.core.recording.step import begun, next_deadline, opened, resumed, step
from roomtone.core.recording.taking import Ear, Heard, NotTaken, Taken, Track, order_of
from roomtone.core.recording.wishes import RecordingCallback, RecordingTopic, RecordingWish, Side
from roomtone.core.refusals import Reason, Refused

NOW = Moment(1_700_000_000_000, 0)
A, B = CallId(0xA), CallId(0xB)
ROOM = ConferenceId(0xC)
ME = RecordingId(1)
TOLD = RecordingCallback("https://app/r", topics=frozenset(RecordingTopic))


def at(seconds: float) -> Moment:
    return NOW.after(seconds)


def of_call(**wish) -> Recording:
    asked = RecordingWish(callback=TOLD, **wish)
    return begun(ME, ProjectId(7), RecordingSource.CALL_STARTED, asked, NOW, call=A, rate_hz=8_000)


def of_room(*, apart: bool = False) -> Recording:
    wish = RecordingWish(channels=2, callback=TOLD)
    made = begun(
        ME, ProjectId(7), RecordingSource.CONFERENCE, wish, NOW, call=A, conference=ROOM, apart=apart
    )
    return opened(made).state


def running(recording: Recording | None = None) -> Recording:
    """One that the engine records."""
    return step(recording or opened(of_call()).state, Taken(NOW.wall_ms, 0), NOW).state


def go(recording: Recording, *messages: tuple[Message, float]) -> Step:
    """Tell it these, each at so many seconds."""
    result = Step(recording)
    for message, seconds in messages:
        result = step(result.state, message, at(seconds))
    return result


def test_it_begins_kept_and_taken() -> None:
    first = opened(of_call())
    assert (first.state.revision, first.state.status) == (1, RecordingStatus.IN_PROGRESS)
    assert first.effects == (Take(order_of(first.state)),)
    taken = step(first.state, Taken(NOW.wall_ms + 20, 0), at(1))
    assert taken.events == (RecordingStarted(),)
    assert (taken.state.started_ms, taken.state.revision) == (NOW.wall_ms + 20, 2)
    assert step(taken.state, Taken(1, 2), at(2)).state is taken.state
    assert next_deadline(taken.state) is None


@pytest.mark.parametrize(
    ("wish", "tracks"),
    [
        ({}, (Track("mix", (Heard(Ear.IN, A), Heard(Ear.OUT, A))),)),
        ({"side": Side.INBOUND}, (Track("mix", (Heard(Ear.IN, A),)),)),
        ({"side": Side.OUTBOUND}, (Track("mix", (Heard(Ear.OUT, A),)),)),
        ({"channels": 2}, (Track("left", (Heard(Ear.IN, A),)), Track("right", (Heard(Ear.OUT, A),)))),
        ({"channels": 2, "side": Side.INBOUND}, (Track("left", (Heard(Ear.IN, A),)), Track("right", ()))),
    ],
    ids=str,
)
def test_what_is_recorded_of_a_call(wish: dict[str, object], tracks: tuple[Track, ...]) -> None:
    order = order_of(of_call(**wish))
    assert (order.tracks, order.reel, order.rate_hz) == (tracks, Reel.RUNNING, 8_000)


def test_a_conference_is_one_channel_whatever_was_wished() -> None:
    room = of_room()
    assert room.channels == 1
    assert order_of(room).tracks == (Track("mix", (Heard(Ear.ROOM, ROOM),)),)


def test_an_announcement_to_everybody_is_in_it_while_it_plays() -> None:
    playing = step(of_room(), SceneChanged((A, B), ("announce:c:1",)), at(1))
    assert playing.effects == (Take(order_of(playing.state)),)
    assert order_of(playing.state).tracks[0].sources == ("announce:c:1",)
    over = step(playing.state, SceneChanged((A, B), ()), at(2))
    assert order_of(over.state).tracks[0].sources == ()


def test_who_came_and_went_keeps_a_track_of_their_own() -> None:
    state = go(of_room(apart=True), (SceneChanged((A,), ()), 0), (SceneChanged((B,), ()), 1)).state
    assert [track.name for track in order_of(state).tracks] == ["mix", f"call-{B.hex}"]
    assert order_of(state).tracks[1].heard == (Heard(Ear.SAID, B),)
    (finish,) = go(state, (SubjectEnded(), 2), (Ended(1, 0), 3)).effects
    assert isinstance(finish, Finish)
    assert finish.finishing.tracks == (f"call-{A.hex}", f"call-{B.hex}")


def test_silence_goes_on_in_time_and_standing_does_not() -> None:
    silent = go(running(), (Pause(), 2), (Resume(), 5))
    assert silent.events == (RecordingResumed(),)
    assert silent.state.sample_at(at(10).wall_ms) == 80_000
    standing = go(running(), (Pause(standing=True), 2)).state
    assert (standing.status, standing.reel) == (RecordingStatus.PAUSED, Reel.STANDING)
    assert standing.sample_at(at(9).wall_ms) == 16_000
    assert go(standing, (Resume(), 5)).state.sample_at(at(10).wall_ms) == 56_000


def test_a_pause_is_told_once_and_ordered() -> None:
    paused = step(running(), Pause(), at(2))
    assert paused.events == (RecordingPaused(),)
    assert paused.happenings == (Happening(16_000, HappeningKind.PAUSE),)
    assert [type(one) for one in paused.effects] == [Take]
    assert step(paused.state, Pause(), at(3)).state is paused.state
    other = step(paused.state, Pause(standing=True), at(3))
    assert (other.events, other.state.reel) == ((), Reel.STANDING)
    assert step(running(), Resume(), at(3)).effects == ()


def test_what_happens_has_its_place_in_samples() -> None:
    result = go(
        running(), (Pause(standing=True), 1), (Resume(), 4), (Happened(HappeningKind.MUTE, B, "b"), 6)
    )
    assert result.happenings == (Happening(24_000, HappeningKind.MUTE, B, "b"),)


def test_stopped_it_is_written_finished_and_completed() -> None:
    stopped = step(running(of_call_trimmed()), Stop(), at(4))
    assert (stopped.state.status, stopped.effects) == (RecordingStatus.STOPPED, (EndTaking(),))
    assert stopped.events == (RecordingStopped(),)
    written = step(stopped.state, Ended(32_000, 160), at(5))
    wanted = Finishing(ME, 1, 8_000, NOW.wall_ms, trimmed=True, samples=32_000, lost_samples=160)
    assert written.effects == (Finish(wanted),)
    done = step(written.state, Finished(ME, 1, 3_900, 9, "ab"), at(6))
    assert (done.events, done.state.status) == ((RecordingCompleted(),), RecordingStatus.COMPLETED)
    assert (done.state.duration_s, done.state.fetchable, done.state.over) == (3, True, True)


def of_call_trimmed() -> Recording:
    return opened(of_call(trimmed=True)).state


@pytest.mark.parametrize("command", [Pause(), Resume(), Stop()])
@pytest.mark.parametrize("ended", [Stop(), SubjectEnded(), Ended(1, 0), Lost(), NotTaken("no")], ids=str)
def test_what_is_over_cannot_be_steered(command: Message, ended: Message) -> None:
    begun_ = opened(of_call()).state if isinstance(ended, NotTaken) else running()
    state = step(begun_, ended, at(1)).state
    with pytest.raises(Refused) as no:
        step(state, command, at(2))
    assert no.value.reason is Reason.RECORDING_NOT_RUNNING


@pytest.mark.parametrize(
    ("last", "event", "status", "fault"),
    [
        (
            Finished(ME, 1, 0, 0, "", heard=False),
            RecordingAbsent(),
            RecordingStatus.ABSENT,
            RecordingFault.SILENT,
        ),
        (
            FinishFailed(ME, FinishFault.NOTHING_RECORDED, "x"),
            RecordingAbsent(),
            RecordingStatus.ABSENT,
            RecordingFault.EMPTY,
        ),
        (
            FinishFailed(ME, FinishFault.DISK_FULL, "x"),
            RecordingFailed(),
            RecordingStatus.FAILED,
            RecordingFault.DISK_FULL,
        ),
    ],
)
def test_how_it_can_end_without_sound(last, event, status, fault) -> None:
    done = go(running(), (SubjectEnded(), 1), (Lost(), 2), (last, 3))
    assert (done.events, done.state.status, done.state.fault) == ((event,), status, fault)
    assert not done.state.fetchable


def test_what_was_recorded_before_the_disk_was_full_is_kept_and_told_as_failed() -> None:
    full = step(running(), Ended(8_000, 0, "disk-full"), at(1))
    assert (full.state.status, full.state.fault) == (RecordingStatus.PROCESSING, RecordingFault.DISK_FULL)
    done = step(full.state, Finished(ME, 1, 1_000, 9, "ab"), at(2))
    assert (done.events, done.state.status, done.state.fetchable) == (
        (RecordingFailed(),),
        RecordingStatus.FAILED,
        True,
    )


def test_an_engine_that_does_not_record_fails_it_at_once() -> None:
    failed = step(opened(of_call()).state, NotTaken("not-media"), at(1))
    assert (failed.events, failed.state.over) == ((RecordingFailed(),), True)
    assert failed.effects == (EndTaking(),), "the engine may have heard the order after all"
    assert step(running(), NotTaken("later"), at(1)).effects == ()


def test_what_comes_too_late_changes_nothing() -> None:
    over = go(running(), (SubjectEnded(), 1), (Lost(), 2), (Finished(ME, 1, 9, 9, "a"), 3)).state
    for late in (
        SubjectEnded(), SceneChanged((), ()), Happened(HappeningKind.JOIN), Taken(1, 1), NotTaken("x"), Ended(1, 1),
        Lost(), Finished(ME, 1, 9, 9, "b"), FinishFailed(ME, FinishFault.UNREADABLE, "x"),
    ):  # fmt: skip
        assert step(over, late, at(9)) == Step(over)


def test_a_brain_that_comes_back_says_again_what_is_to_be_done() -> None:
    assert resumed(running()).effects == (Take(order_of(running())),)
    ending = step(running(), SubjectEnded(), at(1)).state
    assert resumed(ending).effects == (EndTaking(),)
    whole = step(ending, Ended(9, 0), at(1))
    assert resumed(whole.state).effects == whole.effects


def test_only_what_was_asked_for_is_told_and_numbered() -> None:
    callback = replace(TOLD, topics=frozenset({RecordingTopic.PAUSED, RecordingTopic.COMPLETED}))
    state = replace(running(), callback=callback)
    kept, told = notices(state, (RecordingStarted(), RecordingPaused(), RecordingCompleted()), NOW)
    assert [(one.topic, one.sequence) for one in told] == [
        (RecordingTopic.PAUSED, 1),
        (RecordingTopic.COMPLETED, 2),
    ]
    assert (kept.last_sequence, told[0].lane) == (2, ME)
    assert notices(replace(state, callback=None), (RecordingPaused(),), NOW) == (
        replace(state, callback=None),
        (),
    )
    assert set(TOPICS.values()) == set(RecordingTopic)
