"""What becomes of a phone that sends nothing any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core.call.messages import StreamFigures, StreamWasHeard, StreamWentSilent
from roomtone.core.call.silence import patience_s
from roomtone.core.ids import CallId

from .conftest import Board, until

TALK = "<Dial><Conference>Room</Conference></Dial>"


@pytest.mark.parametrize(
    ("silent_ms", "limit_s", "wait_s"), [(5_000, 0, None), (5_000, 30, 25), (5_000, 5, 0), (9_000, 5, 0)]
)
def test_patience_counts_from_the_last_packet(silent_ms: int, limit_s: float, wait_s: float | None) -> None:
    assert patience_s(StreamWentSilent(CallId(1), silent_ms), limit_s) == wait_s


async def connected(board: Board, limit_s: float) -> CallId:
    """Somebody in a room, under this limit."""
    board.restart(silent_hang_up_s=limit_s)
    board.switchboard.open()
    board.says(TALK)
    call = board.ring(1)
    await until(lambda: any(leg.room is not None for leg in board.switchboard.legs))
    return call


async def test_a_phone_that_vanished_is_hung_up_after_the_limit(board: Board) -> None:
    call = await connected(board, 5.05)
    board.switchboard.take(StreamWentSilent(call, 5_000))
    await until(lambda: "hang_up" in board.signalling.told(call))


async def test_a_phone_that_is_heard_again_stays(board: Board) -> None:
    call = await connected(board, 5.05)
    board.switchboard.take(StreamWentSilent(call, 5_000))
    board.switchboard.take(StreamWasHeard(call))
    other = board.ring(2)
    await until(lambda: len([leg for leg in board.switchboard.legs if leg.room is not None]) == 2)
    board.switchboard.take(StreamWentSilent(other, 6_000))
    await until(lambda: "hang_up" in board.signalling.told(other))
    assert "hang_up" not in board.signalling.told(call)


async def test_without_a_limit_silence_ends_nobody(board: Board) -> None:
    call = await connected(board, 0)
    board.switchboard.take(StreamWentSilent(call, 3_600_000))
    figures = StreamFigures(call, 1, 2, 0, 0, 0, 0, 0.5, 20.0, None)
    board.switchboard.take(figures)
    await until(lambda: board.switchboard.legs[0].figures == figures)
    assert "hang_up" not in board.signalling.told(call)


async def test_figures_are_asked_for_and_else_as_told_last(board: Board) -> None:
    call = await connected(board, 0)
    assert await board.switchboard.figures(call) is None
    told = StreamFigures(call, 1, 2, 0, 0, 0, 0, 0.5, 20.0, None)
    board.switchboard.take(told)
    await until(lambda: board.switchboard.legs[0].figures is not None)
    assert await board.switchboard.figures(call) == told
    board.media.counted[call] = counted = replace(told, packets_received=9)
    assert await board.switchboard.figures(call) == counted
    assert await board.switchboard.figures(CallId(99)) is None
