"""Calls that wait and calls that take the next one out: who is connected with whom, and what is left behind."""

from __future__ import annotations

import pytest

from roomtone.core.call.messages import DigitPressed
from roomtone.core.call.wishes import Instructions
from roomtone.core.conference.mix import hears
from roomtone.core.exchange import EngineView, FetchedAudio, PlayClip
from roomtone.core.ids import CallId, QueueId
from roomtone.core.queueing import Queue
from roomtone.core.values import Document

from .conftest import PROJECT, Board, until

AFTER = "http://127.0.0.1:9/after"
WAIT = "http://127.0.0.1:9/wait"


def named(parameters: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return dict(parameters)


async def wait(board: Board, *calls: int, attributes: str = "") -> Queue:
    """Let these wait, in this order."""
    board.says(f'<Enqueue action="{AFTER}" {attributes}>q</Enqueue>')
    board.says("<Pause length='99'/>", AFTER)
    for call in calls:
        before = len(waiting(board, await board.store.queue_named(PROJECT.id, "q")))
        board.clock.advance(1)
        board.ring(call)
        while len(waiting(board, await board.store.queue_named(PROJECT.id, "q"))) == before:
            await until_some_time_passes()
    queue = await board.store.queue_named(PROJECT.id, "q")
    assert queue is not None
    return queue


async def until_some_time_passes() -> None:
    passed = iter((False, True))
    await until(lambda: next(passed))


def waiting(board: Board, queue: Queue | None) -> list[CallId]:
    return [] if queue is None else [one.call for one in board.switchboard.members(queue)]


def connected(board: Board, one: int, other: int) -> bool:
    return any(
        hears(plan) == {CallId(one): {CallId(other)}, CallId(other): {CallId(one)}}
        for plan in board.media.plans.values()
    )


def told(board: Board, url: str = AFTER) -> list[dict[str, str]]:
    return [named(request.parameters) for request in board.documents.asked if request.url == url]


async def take(board: Board, call: int, attributes: str = "", noun: str = "") -> None:
    board.says(f'<Dial action="{AFTER}" {attributes}><Queue {noun}>q</Queue></Dial>')
    board.ring(call)
    await until(lambda: any(leg.call.id == CallId(call) for leg in board.switchboard.legs))


async def test_those_who_wait_hear_music_in_the_order_of_their_coming(board: Board) -> None:
    queue = await wait(board, 1, 2, 3)
    assert waiting(board, queue) == [CallId(1), CallId(2), CallId(3)]
    await until(lambda: len(board.media.playing) == 3)
    assert all(isinstance(sound, PlayClip) and sound.loops == 0 for _, sound in board.media.playing.values())
    board.hangs_up(CallId(2))
    await until(lambda: waiting(board, queue) == [CallId(1), CallId(3)])


async def test_a_wait_document_is_told_of_the_queue(board: Board) -> None:
    board.documents.answers[WAIT] = FetchedAudio(board.documents.house_music(), WAIT)
    queue = await wait(board, 1, 2, attributes=f'waitUrl="{WAIT}"')
    await until(lambda: len(told(board, WAIT)) == 2)
    second = told(board, WAIT)[1]
    sid = f"QU{queue.id.hex}"
    assert (second["QueueSid"], second["QueuePosition"], second["CurrentQueueSize"]) == (sid, "2", "2")
    assert second["MaxQueueSize"] == "1000"


async def test_the_one_who_waited_longest_is_connected_and_both_go_on_afterwards(board: Board) -> None:
    queue = await wait(board, 1, 2)
    await take(board, 9)
    await until(lambda: connected(board, 9, 1))
    assert waiting(board, queue) == [CallId(2)]
    board.clock.advance(5)
    board.hangs_up(CallId(9))
    await until(lambda: len(told(board)) == 1)
    assert told(board)[0]["QueueResult"] == "bridged"
    assert told(board)[0]["QueueTime"] == "1"
    assert not connected(board, 9, 1)


async def test_who_takes_a_call_is_told_of_it_when_that_hangs_up(board: Board) -> None:
    await wait(board, 1)
    await take(board, 9)
    await until(lambda: connected(board, 9, 1))
    board.clock.advance(5)
    board.hangs_up(CallId(1))
    await until(lambda: len(told(board)) == 2)
    (ended,) = [one for one in told(board) if "DialCallStatus" in one]
    assert (ended["DialCallStatus"], ended["DialCallDuration"]) == ("completed", "5")
    assert ended["DialCallSid"] == f"CA{CallId(1).hex}"


async def test_star_ends_the_connection_for_both(board: Board) -> None:
    await wait(board, 1)
    await take(board, 9, 'hangupOnStar="true"')
    await until(lambda: connected(board, 9, 1))
    board.switchboard.take(DigitPressed(CallId(9), "*", 100))
    await until(lambda: len(told(board)) == 2)
    assert len(board.switchboard.legs) == 2


async def test_an_empty_queue_is_waited_for(board: Board) -> None:
    await board.store.add_queue(Queue(QueueId(5), PROJECT.id, "q", 1, 1))
    await take(board, 9)
    await wait_for_nobody(board)
    board.says(f'<Enqueue action="{AFTER}">q</Enqueue>')
    board.ring(1)
    await until(lambda: connected(board, 9, 1))


async def wait_for_nobody(board: Board) -> None:
    await until(
        lambda: bool(board.signalling.told(CallId(9))) and "answer" in board.signalling.told(CallId(9))
    )


async def test_an_unknown_queue_fails_the_dial(board: Board) -> None:
    board.says("<Pause length='99'/>", AFTER)
    await take(board, 9)
    await until(lambda: len(told(board)) == 1)
    assert told(board)[0]["DialCallStatus"] == "failed"


async def test_a_full_queue_takes_nobody(board: Board) -> None:
    await board.store.add_queue(Queue(QueueId(5), PROJECT.id, "q", 1, 1, max_size=1))
    await wait(board, 1)
    board.ring(2)
    await until(lambda: len(told(board)) == 1)
    assert told(board)[0]["QueueResult"] == "queue-full"


async def test_who_is_greeted_is_connected_afterwards_and_keeps_the_place_if_the_other_is_gone(
    board: Board,
) -> None:
    greeting = "http://127.0.0.1:9/hello"
    queue = await wait(board, 1)
    board.says("<Pause length='1'/>", greeting)
    await take(board, 9, noun=f'url="{greeting}"')
    await until(lambda: bool(told(board, greeting)))
    asked = told(board, greeting)[0]
    assert (asked["CallSid"], asked["DequeingCallSid"]) == (f"CA{CallId(1).hex}", f"CA{CallId(9).hex}")
    assert asked["QueueSid"] == f"QU{queue.id.hex}"
    assert not connected(board, 9, 1)
    board.hangs_up(CallId(9))
    await until(lambda: len(board.switchboard.legs) == 1)
    await until(lambda: waiting(board, queue) == [CallId(1)])


async def test_a_member_can_be_sent_to_another_document(board: Board) -> None:
    queue = await wait(board, 1, 2)
    elsewhere = "http://127.0.0.1:9/elsewhere"
    board.says("<Hangup/>", elsewhere)
    assert board.switchboard.dequeue(queue, CallId(2), Document(elsewhere))
    assert not board.switchboard.dequeue(queue, CallId(2), Document(elsewhere))
    await until(lambda: "hang_up" in board.signalling.told(CallId(2)))
    assert waiting(board, queue) == [CallId(1)]


async def test_everybody_keeps_their_place_over_a_restart(board: Board) -> None:
    queue = await wait(board, 3, 1, 2)
    since = [one.enqueued_ms for one in board.switchboard.members(queue)]
    await until(lambda: len(board.media.playing) == 3)
    await board.switchboard.stop()
    calls = frozenset(CallId(n) for n in (1, 2, 3))
    board.media.left_behind = EngineView(calls, calls, calls, frozenset(board.media.plans), frozenset())
    board.clock.advance(60)
    board.restart()
    await board.recovery().start()
    await until(lambda: len(waiting(board, queue)) == 3)
    assert waiting(board, queue) == [CallId(3), CallId(1), CallId(2)]
    assert [one.enqueued_ms for one in board.switchboard.members(queue)] == since


async def test_an_agent_who_gives_up_takes_nobody(board: Board) -> None:
    await board.store.add_queue(Queue(QueueId(5), PROJECT.id, "q", 1, 1))
    await take(board, 9)
    await wait_for_nobody(board)
    board.hangs_up(CallId(9))
    await until(lambda: not board.switchboard.legs)
    queue = await wait(board, 1)
    assert waiting(board, queue) == [CallId(1)]


@pytest.mark.parametrize("first", [1, 9])
@pytest.mark.parametrize("stage", ["waiting", "greeted", "connected"])
async def test_nothing_is_left_behind_whoever_hangs_up_when(board: Board, stage: str, first: int) -> None:
    greeting = "http://127.0.0.1:9/hello"
    board.says("<Pause length='99'/>", greeting)
    await wait(board, 1)
    if stage != "waiting":
        await take(board, 9, noun=f'url="{greeting}"' if stage == "greeted" else "")
        await until(lambda: connected(board, 9, 1) if stage == "connected" else bool(told(board, greeting)))
    for call in (first, 10 - first):
        board.hangs_up(CallId(call))
    await until(lambda: not board.switchboard.legs)
    assert board.media.plans == {}
    assert board.media.streams == {}
    assert board.switchboard.queues._lines == {}


ELSEWHERE = "http://127.0.0.1:9/elsewhere"


async def leave(board: Board, how: str, queue: Queue) -> None:
    """Let the first leave the queue in one of the ways in which its document does not go on."""
    match how:
        case "hangs up":
            board.hangs_up(CallId(1))
        case "is dequeued":
            assert board.switchboard.dequeue(queue, CallId(1), Document(ELSEWHERE))
        case "is redirected":
            await board.switchboard.steer(CallId(1), Instructions(Document(ELSEWHERE)))


@pytest.mark.parametrize(
    ("how", "taken", "result"),
    [
        ("hangs up", False, "hangup"),
        ("hangs up", True, "bridged"),
        ("is dequeued", False, "redirected"),
        ("is redirected", False, "redirected"),
        ("is redirected", True, "redirected-from-bridged"),
    ],
)
async def test_the_action_is_told_how_a_call_left_that_does_not_go_on(
    board: Board, how: str, result: str, *, taken: bool
) -> None:
    queue = await wait(board, 1)
    board.says("<Pause length='99'/>", ELSEWHERE)
    board.clock.advance(7)
    if taken:
        await take(board, 9)
        await until(lambda: connected(board, 9, 1))
    await leave(board, how, queue)
    await until(lambda: any("QueueResult" in one for one in told(board)))
    (action,) = [one for one in told(board) if "QueueResult" in one]
    assert (action["QueueResult"], action["QueueTime"], action["QueueSid"]) == (
        result,
        "7",
        f"QU{queue.id.hex}",
    )
    assert action["CallSid"] == f"CA{CallId(1).hex}"
    if how != "hangs up":
        await until(lambda: bool(told(board, ELSEWHERE)))
        assert action["CallStatus"] == "in-progress"
        assert any(leg.call.id == CallId(1) for leg in board.switchboard.legs), "it goes on there"


async def test_who_leaves_a_queue_without_an_action_is_not_told_of(board: Board) -> None:
    board.says("<Enqueue>q</Enqueue>")
    board.ring(1)
    await until_some_time_passes()
    board.hangs_up(CallId(1))
    await until(lambda: not board.switchboard.legs)
    assert all("QueueResult" not in named(request.parameters) for request in board.documents.asked)
