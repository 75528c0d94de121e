"""A house that has too much to do takes no new call, and lets go of none that is up."""

from __future__ import annotations

import pytest

from roomtone.core.call.wishes import Instructions, Invitation
from roomtone.core.conference.messages import Mute
from roomtone.core.ids import CallId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document

from .conftest import PROJECT, VOICE, Board, until
from .test_switchboard import gather


class Scales:
    """Says that there is too much, when it is told to."""

    busy = False

    def __call__(self) -> bool:
        return self.busy


@pytest.fixture
async def scales(board: Board) -> Scales:
    one = Scales()
    board.restart(is_busy=one)
    board.switchboard.open()
    return one


async def test_a_new_call_is_refused_for_now_and_those_that_are_up_go_on(
    board: Board, scales: Scales
) -> None:
    conference = await gather(board, 1, 2)
    scales.busy = True
    call = board.ring(3)
    await until(lambda: call in board.signalling.refusals)
    assert board.signalling.refusals[call] == 503
    assert board.signalling.told_headers[call] == (("Retry-After", "5"),)
    state = await board.switchboard.ask(conference.id, (Mute(CallId(2)),))
    assert [one.call for one in state.participants] == [CallId(1), CallId(2)]
    scales.busy = False
    board.ring(4)
    (room,) = board.switchboard.directory.rooms
    await until(lambda: CallId(4) in [one.call for one in room.conference.participants])


async def test_nobody_is_called_and_who_asks_is_told_when_to_ask_again(board: Board, scales: Scales) -> None:
    scales.busy = True
    wish = Invitation("+15550100001", "+15550100002"), Instructions(Document(VOICE))
    with pytest.raises(Refused) as refused:
        await board.switchboard.call(PROJECT, *wish)
    assert refused.value.reason is Reason.UNAVAILABLE
    assert refused.value.facts["retry_s"] == 5
    assert await board.store.live_calls() == []
