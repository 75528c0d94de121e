"""What callers' ends owe to customers: kept with the call, whoever keeps it, and the courier is woken."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from keeping import claim
from roomtone.core.application import Address, Application
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import CallCallback, CallStatus, CallTopic
from roomtone.core.call.wishes import Change, Finish, Instructions, Terms
from roomtone.core.ids import ApplicationId, CallId, NumberId
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.store import Store
from roomtone.switchboard.records import Records

from .conftest import PROJECT, Board, until
from .test_store_outages import Unsteady
from .test_switchboard import ROOM, come_back, settled

ELSEWHERE = Instructions(text="<Response/>")
URL, APPLICATIONS_URL = "http://127.0.0.1:9/told", "http://127.0.0.1:9/application/told"
CALL = CallId(1)


@pytest.fixture
async def told(board: Board) -> Board:
    """A board whose number has a StatusCallback."""
    await board.store.change_number(
        PROJECT.id, NumberId(1), lambda one: replace(one, status_callback=Document(URL, Method.GET))
    )
    return board


async def owed(board: Board) -> list[CallNotice]:
    """What is owed now."""
    rows = await claim(board.store, board.clock.now().wall_ms + 60_000)
    return [one.notice for one in rows if isinstance(one.notice, CallNotice)]


async def gone(board: Board, call: CallId = CALL) -> None:
    await until(lambda: call not in {leg.call.id for leg in board.switchboard.legs})


async def answer(board: Board) -> None:
    """Let somebody call and get into a room."""
    board.says(ROOM)
    board.ring(CALL.value)
    await until(
        lambda: bool(board.switchboard.legs) and board.switchboard.legs[0].call.conference is not None
    )
    await settled(board)


async def test_the_end_of_a_call_to_a_number_is_owed_with_how_it_ended(told: Board) -> None:
    await answer(told)
    assert await owed(told) == []
    told.hangs_up(CALL)
    await gone(told)
    (notice,) = await owed(told)
    stored = await told.store.call(CALL)
    assert stored is not None
    assert notice.state == replace(stored, script=None)
    assert (notice.topic, notice.sequence, notice.url, notice.method) == (
        CallTopic.COMPLETED, 0, URL, Method.GET,
    )  # fmt: skip
    assert (stored.status, stored.sip_status) == (CallStatus.COMPLETED, 200)


async def test_a_rejected_call_is_told_with_its_response(told: Board) -> None:
    told.says('<Reject reason="busy"/>')
    told.ring(CALL.value)
    await until(lambda: CALL in told.signalling.refusals)
    await gone(told)
    (notice,) = await owed(told)
    assert (notice.state.status, notice.state.sip_status) == (CallStatus.BUSY, 486)


async def test_a_number_without_a_callback_owes_nothing(board: Board) -> None:
    await answer(board)
    board.hangs_up(CALL)
    await gone(board)
    assert await owed(board) == []


@pytest.mark.parametrize(("status", "expected"), [(Address(APPLICATIONS_URL), APPLICATIONS_URL), (None, URL)])
async def test_an_applications_callback_goes_before_the_numbers_own(
    told: Board, status: Address | None, expected: str
) -> None:
    made = Application(ApplicationId(5), PROJECT.id, "desk", 1, 1, voice=Address("http://127.0.0.1:9/voice"))
    await told.store.add_application(made if status is None else replace(made, status=status))
    await told.store.change_number(PROJECT.id, NumberId(1), lambda one: replace(one, application=made.id))
    await answer(told)
    (leg,) = told.switchboard.legs
    assert leg.call.callback is not None
    assert (leg.call.callback.url, leg.call.callback.events) == (expected, {CallTopic.COMPLETED})


async def test_the_end_is_told_where_a_customer_wishes_it_meanwhile(told: Board) -> None:
    await answer(told)
    changed = await told.switchboard.steer(CALL, Change(Terms(APPLICATIONS_URL)))
    assert changed.callback == CallCallback(APPLICATIONS_URL, Method.GET)
    told.hangs_up(CALL)
    await gone(told)
    (notice,) = await owed(told)
    assert (notice.url, notice.topic) == (APPLICATIONS_URL, CallTopic.COMPLETED)


async def test_a_change_that_is_refused_in_part_changes_nothing(told: Board) -> None:
    await answer(told)
    before = told.switchboard.legs[0].call
    with pytest.raises(Refused):
        await told.switchboard.steer(CALL, Change(Terms(""), Finish.CANCELED))
    assert told.switchboard.legs[0].call.callback == before.callback
    told.hangs_up(CALL)
    await gone(told)
    for then, reason in ((None, Reason.CALL_OVER), (ELSEWHERE, Reason.CALL_NOT_IN_PROGRESS)):
        with pytest.raises(Refused) as refused:
            await told.switchboard.steer(CALL, Change(Terms(""), then))
        assert refused.value.reason is reason


async def test_a_call_ends_when_the_time_it_is_given_later_is_over(told: Board) -> None:
    await answer(told)
    await told.switchboard.steer(CALL, Change(Terms(time_limit_s=3_600)))
    await told.switchboard.steer(CALL, Change(Terms(time_limit_s=0)))  # the last word counts
    await until(lambda: ("hang_up", CALL) in told.signalling.orders)
    await gone(told)


async def test_a_call_lasts_no_longer_with_the_next_brain(told: Board) -> None:
    await answer(told)
    changed = await told.switchboard.steer(CALL, Change(Terms(time_limit_s=3_600)))
    assert changed.time_limit_s == 3_600
    told.clock.advance(3_601)
    await come_back(told, CALL.value)
    await until(lambda: ("hang_up", CALL) in told.signalling.orders)
    await gone(told)


async def test_a_call_that_ended_while_no_brain_was_there_is_told(told: Board) -> None:
    await answer(told)
    await come_back(told)
    (notice,) = await owed(told)
    assert (notice.topic, notice.state.status) == (CallTopic.COMPLETED, CallStatus.COMPLETED)


async def test_a_call_goes_on_counting_with_the_next_brain(told: Board) -> None:
    await answer(told)
    await come_back(told, CALL.value)
    told.hangs_up(CALL)
    await gone(told)
    assert [one.sequence for one in await owed(told)] == [0]


async def test_what_happened_while_the_store_was_away_is_told_once_it_is_back(board: Board) -> None:
    store = Unsteady(board.store)
    board.store = store  # type: ignore[assignment]
    board.restart()
    board.switchboard.open()
    everything = CallCallback(URL, events=frozenset(CallTopic))
    await answer(board)
    (leg,) = board.switchboard.legs
    leg.call = replace(leg.call, callback=everything)
    store.away = True
    board.hangs_up(CALL)
    await until(lambda: leg.call.over)
    assert await owed(board) == []
    store.away = False
    await gone(board)
    assert [(one.topic, one.sequence) for one in await owed(board)] == [(CallTopic.COMPLETED, 0)]


async def test_the_courier_is_woken_by_what_is_owed_and_by_nothing_else(told: Board) -> None:
    woken: list[None] = []
    records = Records(told.store, told.clock, lambda: woken.append(None))
    await answer(told)
    stored = await told.store.call(CALL)
    assert stored is not None
    await told.switchboard.stop()
    assert await records.keep(stored, stored) is stored
    kept = await records.keep(stored, replace(stored, parameters=(("a", "b"),)))
    assert woken == []
    kept = await records.keep(kept, replace(kept, status=CallStatus.COMPLETED, ended_ms=1, conference=None))
    assert len(woken) == 1
    assert kept.last_sequence == 0
    assert await told.store.call(CALL) == kept


class Slow:
    """The real store, which keeps a call only when it is let go."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit_call(self, *what: Any) -> None:
        self.asked.set()
        await self.go.wait()
        await self._store.commit_call(*what)


async def test_one_who_hangs_up_while_the_ringing_is_being_kept_is_told_gone(told: Board) -> None:
    slow = Slow(told.store)
    told.store = slow  # type: ignore[assignment]
    told.restart()
    told.switchboard.open()
    told.says(ROOM)
    told.ring(CALL.value)
    await slow.asked.wait()
    (leg,) = told.switchboard.legs
    told.hangs_up(CALL)
    await until(lambda: leg.call.over)
    slow.go.set()
    await gone(told)
    (notice,) = await owed(told)
    assert (notice.state.status, notice.sequence) == (CallStatus.CANCELED, 0)
