"""Recordings as the switchboard runs them: of conferences, calls, dials and what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from keeping import claim
from roomtone.core.call.messages import CallAnswered, DigitPressed, RecordingOver, SourceEnded
from roomtone.core.call.wishes import Instructions, Invitation
from roomtone.core.conference.messages import End, Hold, Mute, SpeechStarted
from roomtone.core.delivery import Attempt
from roomtone.core.exchange import EngineView
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.listing import RecordingFilter, Window
from roomtone.core.recording.finishing import FinishFault, HappeningKind
from roomtone.core.recording.messages import Happened, Pause, Resume, SceneChanged, Stop, SubjectEnded
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus, Reel
from roomtone.core.recording.taking import Ear
from roomtone.core.recording.wishes import RecordingWish, Side
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document
from roomtone.testing.recorders import EMPTY_ENGINE

from .conftest import OFFER, PROJECT, Board, Unsteady, until

A, B = CallId(1), CallId(2)
TOLD = 'recordingStatusCallback="http://127.0.0.1:9/told" recordingStatusCallbackEvent="in-progress completed absent failed"'
ROOM = f'<Dial><Conference record="record-from-start" {TOLD}>room</Conference></Dial>'


async def kept(board: Board) -> Sequence[Recording]:
    """What the store knows, the oldest first."""
    return list(reversed(await board.store.recordings(PROJECT.id, RecordingFilter(), Window(50))))


async def only(board: Board) -> Recording:
    (one,) = await kept(board)
    return one


async def status(board: Board, wanted: RecordingStatus) -> Recording:
    """Wait until the one recording is so far."""
    async with asyncio.timeout(20):
        while True:
            found = await kept(board)
            if found and found[0].status is wanted:
                return found[0]
            await asyncio.sleep(0.001)


async def told(board: Board) -> list[str]:
    """What is owed for recordings, in order."""
    owed = []
    while batch := await claim(board.store, 1 << 60):
        for one in batch:
            if isinstance(one.notice, RecordingNotice):
                owed.append(one.notice.topic.value)
            await board.store.delivered(one, Attempt(1, 1, 1, 200), until_ms=None)
    return owed


async def begun(board: Board, count: int = 1) -> RecordingId:
    """Wait until so many recordings run, and give the newest."""
    await until(lambda: len(board.media.taken) == count)
    newest = list(board.media.taken)[-1]
    async with asyncio.timeout(20):
        while (await board.store.recording_of(newest)).started_ms is None:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    return newest


async def seated(board: Board, count: int) -> None:
    """Wait until so many are in the one conference."""
    rooms = board.switchboard.directory
    await until(lambda: [len(one.conference.participants) for one in rooms.rooms] == [count])


async def room_of_two(board: Board, text: str = ROOM) -> RecordingId:
    board.says(text)
    board.ring(A.value)
    board.ring(B.value)
    return await begun(board)


def written(board: Board, recording: RecordingId, fault: str | None = None) -> None:
    board.switchboard.take(RecordingOver(recording, 16_000, 0, fault))


async def end_of_room(board: Board, recording: RecordingId) -> None:
    (room,) = board.switchboard.directory.rooms
    await room.ask(End())
    await until(lambda: recording in board.media.takes_ended)


async def test_a_conference_is_recorded_from_the_bridge_of_the_first_two_to_its_end(board: Board) -> None:
    board.says(ROOM)
    board.ring(A.value)
    await seated(board, 1)
    assert not board.media.taken
    board.ring(B.value)
    recording = await begun(board)
    (room,) = board.switchboard.directory.rooms
    order = board.media.taken[recording]
    assert [(one.ear, one.subject) for one in order.tracks[0].heard] == [(Ear.ROOM, room.conference.id)]
    running = await status(board, RecordingStatus.IN_PROGRESS)
    assert (running.conference, running.call, running.source) == (
        room.conference.id,
        A,
        RecordingSource.CONFERENCE,
    )
    await end_of_room(board, recording)
    written(board, recording)
    done = await status(board, RecordingStatus.COMPLETED)
    assert (done.duration_s, done.trimmed) == (4, True)
    assert await told(board) == ["in-progress", "completed"]


async def test_nobody_asked_and_nothing_is_recorded(board: Board) -> None:
    board.says('<Dial><Conference record="do-not-record">room</Conference></Dial>')
    board.ring(A.value)
    board.ring(B.value)
    await seated(board, 2)
    assert not board.media.takes


async def test_it_is_completed_only_when_the_sound_can_be_fetched(board: Board) -> None:
    board.archive.gate = asyncio.Event()
    recording = await room_of_two(board)
    await end_of_room(board, recording)
    written(board, recording)
    assert (await status(board, RecordingStatus.PROCESSING)).fetchable is False
    assert await told(board) == ["in-progress"]
    board.archive.gate.set()
    await status(board, RecordingStatus.COMPLETED)
    assert await told(board) == ["completed"]


@pytest.mark.parametrize("standing", [False, True])
async def test_it_is_paused_and_resumed_and_stopped(board: Board, standing: bool) -> None:
    recording = await room_of_two(board)
    paused = await board.switchboard.steer_recording(await only(board), Pause(standing=standing))
    assert paused.status is RecordingStatus.PAUSED
    wanted = Reel.STANDING if standing else Reel.SILENT
    await until(lambda: board.media.taken[recording].reel is wanted)
    await board.switchboard.steer_recording(paused, Resume())
    await until(lambda: board.media.taken[recording].reel is Reel.RUNNING)
    stopped = await board.switchboard.steer_recording(paused, Stop())
    assert stopped.status is RecordingStatus.STOPPED
    assert len(board.switchboard.directory.rooms) == 1
    with pytest.raises(Refused) as no:
        await board.switchboard.steer_recording(stopped, Resume())
    assert no.value.reason is Reason.RECORDING_NOT_RUNNING
    written(board, recording)
    await status(board, RecordingStatus.COMPLETED)


async def test_a_conference_that_runs_is_recorded_when_somebody_asks_but_once(board: Board) -> None:
    board.says("<Dial><Conference>room</Conference></Dial>")
    board.ring(A.value)
    board.ring(B.value)
    await seated(board, 2)
    (room,) = board.switchboard.directory.rooms
    made = await board.switchboard.record_conference(room.conference.id, RecordingWish())
    assert (made.source, made.started_ms) == (RecordingSource.CONFERENCE_STARTED, board.media.began_unix_ms)
    with pytest.raises(Refused) as no:
        await board.switchboard.record_conference(room.conference.id, RecordingWish())
    assert no.value.reason is Reason.RECORDING_RUNNING


async def test_a_disk_that_is_full_fails_the_recording_and_not_the_conference(board: Board) -> None:
    recording = await room_of_two(board)
    written(board, recording, "disk-full")
    await status(board, RecordingStatus.FAILED)
    assert await told(board) == ["in-progress", "failed"]
    assert len(board.switchboard.directory.rooms[0].conference.participants) == 2


async def test_a_disk_that_is_full_while_the_sound_is_made_ready_is_asked_again(board: Board) -> None:
    board.archive.fault = FinishFault.DISK_FULL
    recording = await room_of_two(board)
    await end_of_room(board, recording)
    written(board, recording)
    await until(lambda: len(board.archive.finishings) == 1)
    board.archive.fault = None
    await status(board, RecordingStatus.COMPLETED)
    assert await told(board) == ["in-progress", "completed"]


async def test_an_engine_that_cannot_record_fails_the_recording_and_not_the_conference(board: Board) -> None:
    board.media.not_taken = "not-media"
    board.says(ROOM)
    board.ring(A.value)
    board.ring(B.value)
    await status(board, RecordingStatus.FAILED)
    assert await told(board) == ["failed"]
    assert len(board.switchboard.directory.rooms[0].conference.participants) == 2
    await until(lambda: bool(board.archive.removed))


async def test_silence_is_absent(board: Board) -> None:
    board.archive.heard = False
    recording = await room_of_two(board)
    await end_of_room(board, recording)
    written(board, recording)
    absent = await status(board, RecordingStatus.ABSENT)
    assert await told(board) == ["in-progress", "absent"]
    await until(lambda: absent.id in board.archive.removed)


async def test_the_sidecar_tells_who_came_spoke_was_muted_and_held(board: Board) -> None:
    recording = await room_of_two(board)
    (room,) = board.switchboard.directory.rooms
    assert board.media.plans[room.conference.id.hex].speech
    board.clock.advance(1)
    await room.ask(Mute(A))
    board.clock.advance(1)
    await room.ask(Hold(B))
    board.switchboard.take(SpeechStarted(A))
    await end_of_room(board, recording)
    written(board, recording)
    await status(board, RecordingStatus.COMPLETED)
    (finishing,) = board.archive.finishings
    seen = [(one.kind, one.call, one.sample) for one in finishing.happenings]
    assert seen[:4] == [
        (HappeningKind.JOIN, A, 0),
        (HappeningKind.JOIN, B, 0),
        (HappeningKind.MUTE, A, 16_000),
        (HappeningKind.HOLD, B, 32_000),
    ]


async def test_a_call_is_recorded_until_it_is_over(board: Board) -> None:
    board.says('<Pause length="99"/>')
    board.says("<Say>x</Say><Pause length='99'/>")
    board.ring(A.value)
    await until(lambda: "answer" in board.signalling.told(A))
    made = await board.switchboard.record_call(A, RecordingWish(channels=2, side=Side.BOTH))
    assert [track.name for track in board.media.taken[made.id].tracks] == ["left", "right"]
    with pytest.raises(Refused) as no:
        await board.switchboard.record_call(A, RecordingWish())
    assert no.value.reason is Reason.RECORDING_RUNNING
    board.hangs_up(A)
    await until(lambda: made.id in board.media.takes_ended)
    written(board, made.id)
    assert (await status(board, RecordingStatus.COMPLETED)).source is RecordingSource.CALL_STARTED
    assert await board.switchboard.remove_recording(await only(board))
    assert made.id in board.archive.removed
    assert not await kept(board)


async def test_a_call_that_is_not_up_is_not_recorded(board: Board) -> None:
    with pytest.raises(Refused) as no:
        await board.switchboard.record_call(CallId(99), RecordingWish())
    assert no.value.reason is Reason.CALL_NOT_IN_PROGRESS


async def test_what_is_said_is_kept_from_the_tone_on_and_the_action_is_told_where(board: Board) -> None:
    said = "http://127.0.0.1:9/said"
    board.says(f'<Record action="{said}" {TOLD}/>')
    board.says("<Hangup/>", said)
    board.ring(A.value)
    key = f"beep:{A}"
    await until(lambda: key in board.media.playing)
    assert not board.media.taken
    board.switchboard.take(SourceEnded(key, board.media.playing[key][0]))
    recording = await begun(board)
    assert [(one.ear, one.subject) for one in board.media.taken[recording].tracks[0].heard] == [(Ear.IN, A)]
    board.switchboard.take(SpeechStarted(A))
    board.switchboard.take(DigitPressed(A, "#", 100))
    await until(lambda: recording in board.media.takes_ended)
    written(board, recording)
    await until(lambda: any(one.url == said for one in board.documents.asked))
    (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == said]
    assert asked["RecordingUrl"] == (
        f"http://house/2010-04-01/Accounts/AC{PROJECT.id.hex}/Recordings/RE{recording.hex}"
    )
    assert (asked["RecordingSid"], asked["RecordingDuration"], asked["Digits"]) == (
        f"RE{recording.hex}",
        "4",
        "#",
    )
    assert (await only(board)).source is RecordingSource.RECORD_VERB


@pytest.mark.parametrize(
    ("how", "tracks"),
    [
        ("record-from-answer", ["mix"]),
        ("true", ["mix"]),
        ("record-from-answer-dual", ["left", "right"]),
        ("record-from-ringing", ["mix"]),
        ("record-from-ringing-dual", ["left", "right"]),
    ],
)
async def test_a_dial_is_recorded_and_its_action_is_told_where(
    board: Board, how: str, tracks: list[str]
) -> None:
    after = "http://127.0.0.1:9/after"
    board.says(f'<Dial record="{how}" action="{after}">+15550001111</Dial>')
    board.says("<Hangup/>", after)
    board.ring(A.value)
    await until(lambda: bool(board.signalling.summonses))
    (callee,) = board.signalling.summonses
    if "ringing" in how:
        await begun(board)
    else:
        assert not board.media.taken
    board.switchboard.take(CallAnswered(callee, OFFER, "x"))
    recording = await begun(board)
    assert [track.name for track in board.media.taken[recording].tracks] == tracks
    board.hangs_up(callee)
    await until(lambda: recording in board.media.takes_ended)
    written(board, recording)
    await until(lambda: any(one.url == after for one in board.documents.asked))
    (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == after]
    assert asked["DialCallStatus"] == "completed"
    assert asked["RecordingUrl"].endswith(f"/Recordings/RE{recording.hex}")
    assert asked["RecordingDuration"] == "4"
    assert (await only(board)).source is RecordingSource.DIAL


@pytest.mark.parametrize("what", ["leaves", "is led elsewhere", "presses a key"])
async def test_a_call_is_not_deaf_while_the_sound_of_its_dial_is_waited_for(board: Board, what: str) -> None:
    after, elsewhere = "http://127.0.0.1:9/after", "http://127.0.0.1:9/elsewhere"
    attributes = f'record="record-from-answer" hangupOnStar="true" action="{after}"'
    board.says(f"<Dial {attributes}>+15550001111</Dial>")
    board.says("<Pause length='99'/>", after)
    board.says("<Pause length='99'/>", elsewhere)
    board.ring(A.value)
    await until(lambda: bool(board.signalling.summonses))
    (callee,) = board.signalling.summonses
    board.switchboard.take(CallAnswered(callee, OFFER, "x"))
    recording = await begun(board)
    board.hangs_up(callee)
    await until(lambda: recording in board.media.takes_ended)
    match what:
        case "leaves":
            board.hangs_up(A)
            await until(lambda: not board.switchboard.legs)
        case "is led elsewhere":
            await board.switchboard.steer(A, Instructions(Document(elsewhere)))
            await until(lambda: any(one.url == elsewhere for one in board.documents.asked))
            written(board, recording)
        case _:
            board.switchboard.take(DigitPressed(A, "*", 100))
            written(board, recording)
            await until(lambda: any(one.url == after for one in board.documents.asked))
            (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == after]
            assert (asked["DialCallStatus"], asked["RecordingDuration"]) == ("completed", "4")
    assert what == "presses a key" or not any(one.url == after for one in board.documents.asked)


# Restart -------------------------------------------------------------------------------------------------------------


async def killed(board: Board, *, records: bool) -> None:
    """Let the brain die and another one come; the engine has both calls still, and the recording if it records."""
    await board.switchboard.stop()
    both = frozenset({A, B})
    held = frozenset(board.media.taken) if records else frozenset()
    plans = frozenset(board.media.plans)
    board.media.left_behind = EngineView(both, both, both, plans, frozenset(), held)
    board.restart()
    await board.recovery().start()


async def test_a_brain_that_comes_back_goes_on_recording(board: Board) -> None:
    recording = await room_of_two(board)
    paused = await board.switchboard.steer_recording(await only(board), Pause())
    await killed(board, records=True)
    await until(lambda: board.media.takes[-1].reel is Reel.SILENT)
    await board.switchboard.steer_recording(paused, Resume())
    await until(lambda: board.media.taken[recording].reel is Reel.RUNNING)
    await end_of_room(board, recording)
    written(board, recording)
    await status(board, RecordingStatus.COMPLETED)
    (finishing,) = board.archive.finishings
    kinds = [one.kind for one in finishing.happenings]
    assert kinds.count(HappeningKind.PAUSE) == kinds.count(HappeningKind.RESUME) == 1


async def test_what_the_engine_records_no_more_ends_where_its_files_end(board: Board) -> None:
    await room_of_two(board)
    takes = len(board.media.takes)
    await killed(board, records=False)
    done = await status(board, RecordingStatus.COMPLETED)
    assert (done.samples, board.archive.finishings[0].samples) == (None, None)
    assert len(board.media.takes) == takes, "it is not begun anew, over its own files"
    assert len(board.switchboard.directory.rooms) == 1


async def test_what_was_being_finished_is_finished_by_the_next_brain(board: Board) -> None:
    board.archive.gate = asyncio.Event()
    recording = await room_of_two(board)
    await end_of_room(board, recording)
    written(board, recording)
    await status(board, RecordingStatus.PROCESSING)
    await board.switchboard.stop()
    board.archive.gate.set()
    board.media.left_behind = EMPTY_ENGINE
    board.restart()
    await board.recovery().start()
    await status(board, RecordingStatus.COMPLETED)
    assert len(board.archive.finishings) == 1


async def test_another_engine_knows_nothing_of_it(board: Board) -> None:
    await room_of_two(board)
    board.media.left_behind = EMPTY_ENGINE
    await board.recovery().again(same=False)
    await status(board, RecordingStatus.COMPLETED)
    assert await told(board) == ["in-progress", "completed"]


async def test_strangers_are_ended_and_what_nobody_knows_is_removed(board: Board) -> None:
    stranger, forgotten = RecordingId(0xE1), RecordingId(0xE2)
    board.media.taken[stranger] = None  # type: ignore[assignment]
    board.archive.begun.append(forgotten)
    nothing = frozenset[CallId]()
    board.media.left_behind = EngineView(
        nothing, nothing, nothing, frozenset(), frozenset(), frozenset({stranger})
    )
    await board.recovery().start()
    assert board.media.takes_ended == [stranger]
    assert forgotten in board.archive.removed


async def test_a_store_that_is_away_is_made_up_for(board: Board, unsteady: Unsteady) -> None:
    recording = await room_of_two(board)
    unsteady.away = True
    with pytest.raises(Refused) as no:
        await board.switchboard.steer_recording(await only(board), Pause())
    assert no.value.reason is Reason.UNAVAILABLE
    board.switchboard.recordings.call_over(A)  # of another subject: nothing to it
    (room,) = board.switchboard.directory.rooms
    recorder = board.switchboard.recordings.of_conference(room.conference.id)[0]
    recorder.tell(SubjectEnded())
    unsteady.away = False
    await until(lambda: recording in board.media.takes_ended)


async def test_what_happens_while_the_store_is_away_is_kept_with_its_own_time(
    board: Board, unsteady: Unsteady
) -> None:
    recording = await room_of_two(board)
    (room,) = board.switchboard.directory.rooms
    recorder = board.switchboard.recordings.of_conference(room.conference.id)[0]
    unsteady.away = True
    board.clock.advance(2)
    recorder.tell(SceneChanged((A,), ()))  # changes the state, which cannot be kept
    recorder.tell(Happened(HappeningKind.MUTE, A))
    board.clock.advance(3)
    recorder.tell(Happened(HappeningKind.UNMUTE, A))
    board.clock.advance(60)
    unsteady.away = False
    await end_of_room(board, recording)
    written(board, recording)
    await status(board, RecordingStatus.COMPLETED)
    (finishing,) = board.archive.finishings
    seen = {one.kind: one.sample for one in finishing.happenings}
    assert (seen[HappeningKind.MUTE], seen[HappeningKind.UNMUTE]) == (32_000, 80_000)


async def test_a_call_that_is_made_to_be_recorded_is_from_its_answer(board: Board) -> None:
    wish = RecordingWish(channels=2, trimmed=True)
    invitation = Invitation("+15550001111", "+15550002222", record=wish)
    call = await board.switchboard.call(
        PROJECT, invitation, Instructions(text="<Response><Pause length='9'/></Response>")
    )
    await until(lambda: call.id in board.signalling.summonses)
    assert not board.media.takes
    board.switchboard.take(CallAnswered(call.id, OFFER, "x"))
    recording = await begun(board)
    made = await only(board)
    assert (made.source, made.channels, made.trimmed) == (RecordingSource.CALL_MADE, 2, True)
    board.hangs_up(call.id)
    await until(lambda: recording in board.media.takes_ended)
    await until(lambda: not board.switchboard.legs)
    over = await board.store.call(call.id)
    assert over is not None
    assert over.recording == recording
