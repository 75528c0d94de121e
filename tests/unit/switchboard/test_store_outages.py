"""A store that does not answer for a while: calls and conferences go on, and everything is kept once it is back."""

from __future__ import annotations

import pytest

from roomtone.core.call.state import CallStatus
from roomtone.core.conference.messages import Mute
from roomtone.core.conference.state import Status
from roomtone.core.ids import CallId
from roomtone.core.refusals import Reason, Refused

from .conftest import Board, Unsteady, until
from .test_switchboard import ROOM, gather


async def test_a_hang_up_during_an_outage_ends_no_conference_and_is_noted_after_it(
    board: Board, unsteady: Unsteady
) -> None:
    conference = await gather(board, 1, 2, 3)
    (room,) = board.switchboard.directory.rooms
    unsteady.away = True
    board.hangs_up(CallId(1))
    with pytest.raises(Refused) as refused:
        await board.switchboard.ask(conference.id, (Mute(CallId(2)),))
    assert refused.value.reason is Reason.UNAVAILABLE
    board.hangs_up(CallId(3))
    unsteady.away = False
    await until(lambda: [one.call for one in room.conference.participants] == [CallId(2)])
    assert room.conference.status is Status.IN_PROGRESS
    assert "hang_up" not in board.signalling.told(CallId(2))
    await until(lambda: [leg.call.id for leg in board.switchboard.legs] == [CallId(2)])
    assert [call.id for call in await board.store.live_calls()] == [CallId(2)]


async def test_what_happened_during_an_outage_is_kept_before_what_is_asked_after_it(
    board: Board, unsteady: Unsteady
) -> None:
    conference = await gather(board, 1, 2)
    unsteady.away = True
    board.hangs_up(CallId(1))
    with pytest.raises(Refused):
        await board.switchboard.ask(conference.id, (Mute(CallId(2)),))
    unsteady.away = False
    state = await board.switchboard.ask(conference.id, (Mute(CallId(2)),))
    assert [(one.call, one.muted) for one in state.participants] == [(CallId(2), True)]


async def test_a_call_whose_record_cannot_be_kept_is_refused(board: Board, unsteady: Unsteady) -> None:
    board.says(ROOM)
    unsteady.away = True
    call = board.ring(1)
    await until(lambda: call in board.signalling.refusals)
    assert board.signalling.refusals[call] == 503
    board.hangs_up(call)
    unsteady.away = False
    await until(lambda: not board.switchboard.legs)
    kept = await board.store.call(call)
    assert kept is not None
    assert kept.status is CallStatus.FAILED
