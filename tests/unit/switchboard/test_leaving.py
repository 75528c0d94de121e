"""Leaving a conference for the next verb, when two reasons to leave cross."""

from __future__ import annotations

from roomtone.core.call.messages import DigitPressed
from roomtone.core.conference.messages import Remove
from roomtone.core.ids import CallId
from roomtone.cxml import messages as cxml

from .conftest import Board, until

TWO_ROOMS = '<Dial hangupOnStar="true"><Conference>first</Conference></Dial><Dial><Conference>second</Conference></Dial>'


async def sits_in(board: Board, name: str) -> None:
    """Wait until somebody sits in a conference, by the word of their leg and of the room."""
    await until(
        lambda: any(
            leg.room is not None and leg.room.conference.name == name and leg.room.conference.participants
            for leg in board.switchboard.legs
        )
    )


async def test_whoever_is_told_twice_to_leave_stays_in_the_next_conference(board: Board) -> None:
    board.says(TWO_ROOMS)
    call = board.ring(1)
    await sits_in(board, "first")
    (leg,) = board.switchboard.legs
    first = board.switchboard.directory.rooms[0].conference.id
    board.switchboard.take(DigitPressed(call, "*", 100))
    await board.switchboard.ask(first, (Remove(call),))
    await sits_in(board, "second")
    leg.tell(cxml.DialEnded())  # what crossed
    leg.tell(cxml.DigitPressed("1"))
    await until(lambda: not leg._inbox.qsize())
    await sits_in(board, "second")
    board.hangs_up(call)
    await until(lambda: not board.switchboard.legs and not board.switchboard.directory.rooms)
    assert await board.store.live_conferences() == []
    assert leg.call.id == CallId(1)
