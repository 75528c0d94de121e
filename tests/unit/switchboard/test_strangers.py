"""Calls in the engine of which a new brain finds no record."""

from __future__ import annotations

from roomtone.core.exchange import EngineView
from roomtone.core.ids import CallId

from .conftest import Board, until
from .test_switchboard import ROOM


async def test_one_that_rings_and_whose_news_went_with_the_brain_before_is_refused(board: Board) -> None:
    await board.switchboard.stop()
    call = CallId(5)
    board.media.left_behind = EngineView(
        frozenset({call}), frozenset(), frozenset(), frozenset(), frozenset()
    )
    board.restart()
    await board.recovery().start()
    assert board.signalling.refusals == {call: 503}


async def test_one_that_rings_and_whose_news_waits_is_taken(board: Board) -> None:
    await board.switchboard.stop()
    board.says(ROOM)
    board.restart()
    call = board.ring(5)
    board.media.left_behind = EngineView(
        frozenset({call}), frozenset(), frozenset(), frozenset(), frozenset()
    )
    await board.recovery().start()
    await until(lambda: "answer" in board.signalling.told(call))
    assert board.signalling.refusals == {}
