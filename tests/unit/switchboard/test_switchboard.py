"""Calls and conferences as the switchboard runs them: who is told what, in which order, and what is left behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from roomtone.core.application import Address, Application
from roomtone.core.call.messages import CallReoffered, DigitPressed, SourceEnded
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import CallStatus, End, Hold, Mute, Remove
from roomtone.core.conference.mix import Towards
from roomtone.core.conference.state import Conference, Status
from roomtone.core.exchange import Clip, EngineView, FetchedAudio
from roomtone.core.ids import ApplicationId, CallId, ConferenceId, NumberId, ParticipantId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Caller, Document
from roomtone.cxml.parse import parse
from roomtone.cxml.verbs import Dial
from roomtone.switchboard.spelling import join_of

from .conftest import BROWSER_OFFER, FINGERPRINT, NUMBER, OFFER, PROJECT, VOICE, Board, until

ROOM = "<Dial><Conference>room</Conference></Dial>"


async def settled(board: Board) -> None:
    """Wait until every call's place in its conference is committed."""
    while not all(call.conference for call in await board.store.live_calls()):  # noqa: ASYNC110
        await asyncio.sleep(0.001)


async def gather(board: Board, *calls: int) -> Conference:
    """Call these into one room and wait until all are in."""
    board.says(ROOM)
    for call in calls:
        board.ring(call)
    await until(
        lambda: (
            sum(len(room.conference.participants) for room in board.switchboard.directory.rooms) == len(calls)
        )
    )
    (room,) = board.switchboard.directory.rooms
    await settled(board)
    return room.conference


async def test_two_simultaneous_first_joiners_end_up_in_one_conference(board: Board) -> None:
    conference = await gather(board, 1, 2)
    assert conference.status is Status.IN_PROGRESS
    assert await board.store.live_conferences() == [conference]
    assert board.signalling.told(CallId(1)) == ["ring", "answer"]
    seats = {seat.call: seat for seat in board.media.plans[conference.id.hex].seats}
    assert seats[CallId(1)].hears is None
    assert seats[CallId(2)].talks_to is Towards.ROOM


async def test_a_command_is_committed_before_it_is_answered(board: Board) -> None:
    conference = await gather(board, 1, 2)
    state = await board.switchboard.ask(conference.id, (Mute(CallId(1)),))
    assert await board.store.conference(conference.id) == state
    assert board.media.plans[conference.id.hex].seats[0].talks_to is Towards.NOBODY


async def test_a_refused_command_changes_nothing(board: Board) -> None:
    conference = await gather(board, 1, 2)
    with pytest.raises(Refused) as no:
        await board.switchboard.ask(conference.id, (Mute(CallId(1)), Mute(CallId(99))))
    assert no.value.reason is Reason.PARTICIPANT_NOT_FOUND
    assert await board.store.conference(conference.id) == conference


async def test_the_last_to_leave_completes_the_conference_and_its_name_is_free_again(board: Board) -> None:
    first = await gather(board, 1)
    board.hangs_up(CallId(1))
    await until(lambda: not board.switchboard.directory.rooms and not board.switchboard.legs)
    stored = await board.store.conference(first.id)
    assert stored is not None
    assert stored.status is Status.COMPLETED
    assert board.media.plans == {}
    assert board.media.streams == {}
    second = await gather(board, 2)
    assert second.id != first.id


async def test_a_removed_participant_goes_on_with_the_next_verb(board: Board) -> None:
    board.says(f"{ROOM}<Hangup/>")
    board.ring(1)
    await until(
        lambda: bool(board.switchboard.legs) and board.switchboard.legs[0].call.conference is not None
    )
    (room,) = board.switchboard.directory.rooms
    await board.switchboard.ask(room.conference.id, (Remove(CallId(1)),))
    await until(lambda: "hang_up" in board.signalling.told(CallId(1)))


async def test_the_action_is_asked_when_the_conference_is_ended(board: Board) -> None:
    action = "http://127.0.0.1:9/after"
    board.says(f'<Dial action="{action}"><Conference>room</Conference></Dial>')
    board.says("<Hangup/>", action)
    board.ring(1)
    await until(
        lambda: bool(board.switchboard.legs) and board.switchboard.legs[0].call.conference is not None
    )
    (room,) = board.switchboard.directory.rooms
    await board.switchboard.ask(room.conference.id, (End(),))
    await until(lambda: "hang_up" in board.signalling.told(CallId(1)))
    asked = next(request for request in board.documents.asked if request.url == action)
    assert ("DialCallStatus", "answered") in asked.parameters


@pytest.mark.parametrize(("dialect", "told"), [("twilio", None), ("signalwire", {"end"})])
async def test_the_old_event_callback_is_told_of_the_end_where_the_vendor_does(
    dialect: str, told: set[str] | None
) -> None:
    project = replace(PROJECT, dialect=dialect)
    (dial,) = parse(
        '<Response><Dial><Conference eventCallbackUrl="http://h/old">r</Conference></Dial></Response>', VOICE
    ).verbs
    assert isinstance(dial, Dial)
    call = Call(CallId(1), project.id, Caller("a", "b"), 0, 0)
    join = join_of(dial.conference, project, call, ParticipantId(1))
    assert (join.callback and {str(topic) for topic in join.callback.topics}) == told


@pytest.mark.parametrize(("dialect", "told"), [("twilio", {"join", "modify"}), ("signalwire", {"join"})])
async def test_a_vendor_is_told_only_of_what_it_has(board: Board, dialect: str, told: set[str]) -> None:
    project = replace(PROJECT, dialect=dialect)
    url = "http://127.0.0.1:9/events"
    (dial,) = parse(
        f'<Response><Dial><Conference statusCallback="{url}" statusCallbackEvent="join modify">r</Conference></Dial></Response>',
        VOICE,
    ).verbs
    assert isinstance(dial, Dial)
    call = Call(CallId(1), project.id, Caller("a", "b"), 0, 0)
    join = join_of(dial.conference, project, call, ParticipantId(1))
    assert join.callback is not None
    assert {str(topic) for topic in join.callback.topics} == told


async def test_star_leaves_the_conference_only_where_the_document_says_so(board: Board) -> None:
    board.says('<Dial hangupOnStar="true"><Conference>room</Conference></Dial><Hangup/>')
    call = board.ring(1)
    await until(
        lambda: bool(board.switchboard.legs) and board.switchboard.legs[0].call.conference is not None
    )
    board.switchboard.take(DigitPressed(call, "1", 100))
    board.switchboard.take(DigitPressed(call, "*", 100))
    await until(lambda: "hang_up" in board.signalling.told(call))


@pytest.mark.parametrize(
    ("to", "sdp", "status"),
    [
        ("+15559999999", OFFER, 404),
        ("nobody", OFFER, 404),
        (NUMBER, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", 488),
        (NUMBER, OFFER.replace("RTP/AVP 0 8 101", "RTP/AVP 97"), 488),
        (NUMBER, "nonsense", 400),
    ],
)
async def test_a_call_that_cannot_be_taken_is_refused_with_a_reason(
    board: Board, to: str, sdp: str, status: int
) -> None:
    call = board.ring(1, to=to, sdp=sdp)
    await until(lambda: call in board.signalling.refusals)
    assert board.signalling.refusals[call] == status
    assert board.switchboard.legs == ()


async def test_a_document_that_cannot_be_had_refuses_the_unanswered_call(board: Board) -> None:
    call = board.ring(1)
    await until(lambda: call in board.signalling.refusals)
    await until(lambda: not board.switchboard.legs)
    assert board.signalling.refusals[call] == 500
    assert await board.store.live_calls() == []


@pytest.mark.parametrize(
    ("reason", "status", "final"), [("busy", 486, "busy"), ("rejected", 603, "no-answer")]
)
async def test_reject_refuses_unanswered(board: Board, reason: str, status: int, final: str) -> None:
    board.says(f'<Reject reason="{reason}"/>')
    call = board.ring(1)
    await until(lambda: bool(board.switchboard.legs))
    leg = board.switchboard.legs[0]
    await until(lambda: call in board.signalling.refusals)
    assert board.signalling.refusals[call] == status
    assert leg.call.status is CallStatus(final)
    assert "answer" not in board.signalling.told(call)


async def test_play_is_heard_by_the_caller_alone_and_ends_by_the_engines_word(board: Board) -> None:
    board.says("<Play>http://127.0.0.1:9/a.wav</Play><Hangup/>")
    board.documents.answers["http://127.0.0.1:9/a.wav"] = FetchedAudio(Clip("a", 8_000, bytes(16_000)), "u")
    call = board.ring(1)
    key = f"play:{call}"
    await until(lambda: key in board.media.playing)
    assert board.media.plans[call.hex].seats[0].hears == key
    board.switchboard.take(SourceEnded(key, board.media.playing[key][0]))
    await until(lambda: "hang_up" in board.signalling.told(call))


async def test_hold_music_waits_for_nobody_and_stops_at_unhold(board: Board) -> None:
    conference = await gather(board, 1, 2)
    board.documents.gate = asyncio.Event()
    state = await board.switchboard.ask(conference.id, (Hold(CallId(1), Document("http://127.0.0.1:9/h")),))
    participant = state.find(CallId(1))
    assert participant is not None
    assert participant.held
    key = board.media.plans[conference.id.hex].seats[0].hears
    assert key is not None
    await until(lambda: key in board.media.playing)  # the house music fills in
    board.documents.answers["http://127.0.0.1:9/h"] = FetchedAudio(Clip("h", 8_000, bytes(16_000)), "u")
    board.documents.gate.set()
    await until(
        lambda: (
            board.media.playing[key][1] != board.documents.house_music()
            and "h" in str(board.media.playing[key])
        )
    )


async def test_a_reinvite_moves_the_stream_and_a_bad_one_leaves_the_call_up(board: Board) -> None:
    await gather(board, 1)
    call = CallId(1)
    board.switchboard.take(CallReoffered(call, OFFER.replace("40000", "41000")))
    await until(lambda: board.media.streams[call].remote_port == 41_000)
    board.switchboard.take(CallReoffered(call, "nonsense"))
    await until(lambda: call in board.signalling.refusals)
    assert board.signalling.told(call) == ["ring", "answer", "answer", "refuse"]


async def test_a_reinvite_from_plain_sound_to_a_browser_s_is_refused_and_nothing_changes(
    board: Board,
) -> None:
    board.media.fingerprint = FINGERPRINT
    await gather(board, 1)
    call = CallId(1)
    before = board.media.streams[call]
    board.switchboard.take(CallReoffered(call, BROWSER_OFFER))
    await until(lambda: board.signalling.refusals.get(call) == 488)
    assert board.media.streams[call] == before
    board.switchboard.take(CallReoffered(call, OFFER.replace("40000", "41000")))
    await until(lambda: board.media.streams[call].remote_port == 41_000)


async def test_an_unknown_conference_and_a_completed_one_are_told_apart(board: Board) -> None:
    with pytest.raises(Refused) as unknown:
        await board.switchboard.ask(ConferenceId(12345), (End(),))
    assert unknown.value.reason is Reason.NOT_FOUND
    conference = await gather(board, 1)
    await board.switchboard.ask(conference.id, (End(),))
    with pytest.raises(Refused) as completed:
        await board.switchboard.ask(conference.id, (End(),))
    assert completed.value.reason is Reason.CONFERENCE_COMPLETED


async def test_draining_ends_everything_and_refuses_new_calls(board: Board) -> None:
    await gather(board, 1, 2)
    draining = asyncio.create_task(board.switchboard.drain(0.01))
    await until(lambda: "hang_up" in board.signalling.told(CallId(1)))
    late = board.ring(3)
    await until(lambda: late in board.signalling.refusals)
    for call in (1, 2):
        board.hangs_up(CallId(call))
    await draining
    assert await board.store.live_conferences() == []
    assert await board.store.live_calls() == []


# A brain that comes back -----------------------------------------------------------------------------------------------


async def come_back(board: Board, *alive: int) -> None:
    await board.switchboard.stop()
    calls = frozenset(CallId(call) for call in alive)
    board.media.left_behind = EngineView(calls, calls, calls, frozenset(board.media.plans), frozenset())
    board.restart()
    await board.recovery().start()


async def test_a_new_brain_adopts_the_conference_as_it_was(board: Board) -> None:
    conference = await gather(board, 1, 2)
    state = await board.switchboard.ask(conference.id, (Mute(CallId(1)), Hold(CallId(2))))
    await come_back(board, 1, 2)
    (room,) = board.switchboard.directory.rooms
    assert room.conference == state
    assert "hang_up" not in board.signalling.told(CallId(1))
    board.hangs_up(CallId(1))
    board.hangs_up(CallId(2))
    await until(lambda: not board.switchboard.legs and not board.switchboard.directory.rooms)


async def test_calls_lost_meanwhile_leave_their_conference(board: Board) -> None:
    await gather(board, 1, 2, 3)
    await come_back(board, 1, 2)
    (room,) = board.switchboard.directory.rooms
    await until(lambda: {one.call for one in room.conference.participants} == {CallId(1), CallId(2)})
    assert {call.id for call in await board.store.live_calls()} == {CallId(1), CallId(2)}


async def test_calls_lost_meanwhile_leave_no_stream_behind(board: Board) -> None:
    await gather(board, 1, 2, 3)
    await board.switchboard.stop()
    left, all_three = frozenset({CallId(1), CallId(2)}), frozenset({CallId(1), CallId(2), CallId(3)})
    board.media.left_behind = EngineView(left, left, all_three, frozenset(board.media.plans), frozenset())
    board.restart()
    await board.recovery().start()
    await until(lambda: CallId(3) not in board.media.streams)
    assert board.media.streams.keys() >= left


async def test_when_all_is_lost_conferences_and_calls_are_completed(board: Board) -> None:
    conference = await gather(board, 1, 2)
    await come_back(board)
    await until(lambda: not board.switchboard.directory.rooms)
    stored = await board.store.conference(conference.id)
    assert stored is not None
    assert stored.status is Status.COMPLETED
    assert await board.store.live_calls() == []


async def test_a_stranger_in_the_engine_is_hung_up(board: Board) -> None:
    await come_back(board, 77)
    assert board.signalling.told(CallId(77)) == ["hang_up"]


async def test_a_resumed_call_goes_on_with_its_document_after_the_conference(board: Board) -> None:
    board.says(f"{ROOM}<Play>{VOICE}.wav</Play>")
    board.ring(1)
    await until(
        lambda: bool(board.switchboard.legs) and board.switchboard.legs[0].call.conference is not None
    )
    await settled(board)
    await come_back(board, 1)
    (room,) = board.switchboard.directory.rooms
    await board.switchboard.ask(room.conference.id, (End(),))
    await until(lambda: any(request.audio_only for request in board.documents.asked))


async def test_signals_that_come_during_recovery_are_kept(board: Board) -> None:
    await gather(board, 1)
    await board.switchboard.stop()
    calls = frozenset({CallId(1)})
    board.media.left_behind = EngineView(calls, calls, calls, frozenset(), frozenset())
    board.restart()
    board.hangs_up(CallId(1))
    await board.recovery().start()
    await until(lambda: not board.switchboard.legs and not board.switchboard.directory.rooms)


async def test_a_numbers_application_says_where_its_calls_go_while_it_is_there(board: Board) -> None:
    elsewhere = "http://127.0.0.1:9/application"
    made = Application(ApplicationId(5), PROJECT.id, "desk", 1, 1, voice=Address(elsewhere))
    await board.store.add_application(made)
    await board.store.change_number(PROJECT.id, NumberId(1), lambda one: replace(one, application=made.id))
    board.says("<Hangup/>")
    board.says(ROOM, elsewhere)
    board.ring(1)
    await until(lambda: bool(board.switchboard.directory.rooms))
    assert await board.store.remove_application(PROJECT.id, made.id)
    board.ring(2)
    await until(lambda: bool({"refuse", "hang_up"} & set(board.signalling.told(CallId(2)))))
