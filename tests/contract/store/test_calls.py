"""A call is kept under the same rule of revisions as a conference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import NOW, PROJECT, A, B
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId
from roomtone.core.values import Caller
from roomtone.store import Store


def ringing(call: CallId, seconds: float = 0) -> Call:
    at = NOW.after(seconds).wall_ms
    return Call(
        call, PROJECT, Caller("+1", "+2"), at, at, CallStatus.RINGING,
        script='{"version": 1}', parameters=(("SipCallId", "x"),), revision=1,
    )  # fmt: skip


def answered(call: Call) -> Call:
    return replace(
        call, status=CallStatus.IN_PROGRESS, started_ms=call.created_ms + 5, revision=call.revision + 1
    )


def over(call: Call) -> Call:
    return replace(
        call, status=CallStatus.COMPLETED, ended_ms=call.created_ms + 9, revision=call.revision + 1
    )


async def test_a_call_is_read_back_as_it_was_committed(store: Store, other: Store):
    call = ringing(A)
    await store.commit_call(call)
    assert await other.call(A) == call
    call = answered(call)
    await store.commit_call(call)
    assert await other.call(A) == call
    assert await other.call(B) is None


async def test_calls_that_are_not_over_are_found_oldest_first(store: Store, other: Store):
    first, second = ringing(B), ringing(A, 1)
    for call in (second, first):
        await store.commit_call(call)
    assert await other.live_calls() == [first, second]
    await store.commit_call(over(first))
    assert await other.live_calls() == [second]
    assert await other.call(B) == over(first)


@pytest.mark.parametrize("revision", [0, 1, 3])
async def test_a_writer_at_another_revision_is_stopped(store: Store, revision: int):
    call = ringing(A)
    await store.commit_call(call)
    with pytest.raises(StaleRevision):
        await store.commit_call(replace(answered(call), revision=revision))
    assert await store.call(A) == call
