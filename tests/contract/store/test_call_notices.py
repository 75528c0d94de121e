"""What is owed for a call is kept with it, in the call's own lane, beside those of conferences."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from keeping import claim, next_due, started
from rooms import NOW, PROJECT, A, B, C
from roomtone.core.call.notices import CallNotice, notices
from roomtone.core.call.state import Call, CallCallback, CallStatus, CallTopic
from roomtone.core.delivery import Attempt, Owed, event_id
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId
from roomtone.core.notices import notice_to_json
from roomtone.core.values import Caller, Direction
from roomtone.store import Store

AT = NOW.wall_ms
TOLD = CallCallback("https://App.example/call", events=frozenset(CallTopic))


def queued(call: CallId) -> Call:
    return Call(
        call, PROJECT, Caller("+1", "+2", Direction.OUTBOUND_API), AT, AT, script='{"v":1}', callback=TOLD
    )


async def keep(store: Store, before: Call | None, after: Call) -> Call:
    """Commit a call with what is owed for it."""
    revision = 1 if before is None else before.revision + 1
    call, owed = notices(before, replace(after, revision=revision), NOW)
    await store.commit_call(call, owed, NOW)
    return call


async def live(store: Store, call: CallId) -> Call:
    """A whole life."""
    state = await keep(store, None, queued(call))
    state = await keep(store, state, replace(state, status=CallStatus.RINGING))
    state = await keep(store, state, replace(state, status=CallStatus.IN_PROGRESS, started_ms=AT))
    return await keep(store, state, replace(state, status=CallStatus.COMPLETED, ended_ms=AT + 1))


async def walk(store: Store, owed: Owed | None) -> list[Owed]:
    """Deliver a lane from here to its end."""
    seen = []
    while owed is not None:
        seen.append(owed)
        owed = await store.delivered(owed, Attempt(1, AT, 0, 200), until_ms=AT + 10_000)
    return seen


async def test_a_notice_is_owed_from_the_commit_on_as_the_call_was_then(store: Store, other: Store):
    call = await keep(store, None, queued(A))
    await keep(store, call, replace(call, status=CallStatus.RINGING))
    (owed,) = await claim(other)
    assert isinstance(owed.notice, CallNotice)
    assert owed.notice.state == replace(call, script=None)
    assert (owed.host, owed.attempts) == ("app.example", 0)
    assert owed.event_id == event_id(A, 0)


async def test_a_call_is_told_in_order(store: Store):
    await live(store, A)
    (first,) = await claim(store)
    told = [(one.notice.topic, one.notice.sequence) for one in await walk(store, first)]
    assert told == list(zip(CallTopic, range(4), strict=True))
    assert await next_due(store) is None


async def test_calls_and_conferences_have_lanes_of_their_own(store: Store):
    conference = await started(store, 1, [A, B])
    for call in (A, C):
        await live(store, call)
    claimed = await claim(store)
    assert {one.notice.lane for one in claimed} == {conference.id, A, C}
    walked = [await walk(store, one) for one in claimed]
    assert sorted(len(lane) for lane in walked) == [3, 4, 4]
    for lane in walked:
        numbers = [one.notice.sequence for one in lane]
        assert numbers == list(range(numbers[0], numbers[0] + len(lane)))


async def test_what_cannot_be_committed_is_not_owed(store: Store):
    call = await keep(store, None, queued(A))
    (first,) = await claim(store)
    assert await walk(store, first) == [first]
    stale, owed = notices(None, replace(call, revision=5, last_sequence=-1), NOW)
    assert owed
    with pytest.raises(StaleRevision):
        await store.commit_call(stale, owed, NOW)
    assert await next_due(store) is None


async def test_without_a_moment_a_notice_is_due_when_it_happened(store: Store):
    call, owed = notices(None, replace(queued(A), revision=1), NOW.after(3))
    await store.commit_call(call, owed)
    assert await next_due(store) == NOW.after(3).wall_ms


async def test_a_row_of_the_time_when_only_conferences_were_told_is_delivered(store: Store, where: str):
    await started(store, 1, [A])
    (owed,) = await claim(store)
    await store.release("courier")
    before = notice_to_json(owed.notice).replace('"kind":"ConferenceNotice",', "", 1)
    assert '"kind":"ConferenceNotice"' not in before
    with closing(sqlite3.connect(where.removeprefix("sqlite:///"))) as database, database:
        database.execute("UPDATE outbox SET body = ?", (before,))
    assert [one.notice for one in await claim(store)] == [owed.notice]
