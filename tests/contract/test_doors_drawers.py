"""Calls, applications, queues and recordings, asked of every make of store: the one in memory answers as the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from keeping import prepared
from roomtone.core.application import Address, Application
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.ids import ApplicationId, CallId, ConferenceId, NumberId, ProjectId, QueueId, RecordingId
from roomtone.core.listing import ApplicationFilter, CallFilter, Place, RecordingFilter, Span, Window
from roomtone.core.project import Number, Project
from roomtone.core.queueing import Queue
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.refusals import Reason, Refused
from roomtone.core.usage import Use
from roomtone.core.values import Caller, Document, Method
from roomtone.store import Store, open_store
from roomtone.testing.memory_store import MemoryStore

OWNER = Project(ProjectId(1), "one", "twilio", "key", 1)
MINE, STRANGER = OWNER.id, ProjectId(2)
ALL = Window(100)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store | MemoryStore]:
    if request.param == "memory":
        memory = MemoryStore()
        memory.put_project(OWNER, "token")
        yield memory
        return
    async with open_store(prepared(tmp_path)) as real:
        yield real


def call(id_: int, to: str = "+2", parent: int | None = None, **more) -> Call:
    caller = Caller(f"+1{id_}", to, parent=None if parent is None else f"{parent:032x}")
    return Call(CallId(id_), MINE, caller, id_ * 1_000, id_ * 1_000, revision=1, **more)


CALLS = (
    call(1),
    call(2, status=CallStatus.IN_PROGRESS, started_ms=2_500),
    call(3, "+3", 1, status=CallStatus.COMPLETED, started_ms=3_500, ended_ms=9_000),
    call(4, status=CallStatus.BUSY, ended_ms=9_500),
)


async def test_calls_are_searched(store: Store | MemoryStore) -> None:
    for one in CALLS:
        await store.commit_call(one)

    async def found(wanted: CallFilter, window: Window = ALL) -> list[int]:
        return [one.id.value for one in await store.own_calls(MINE, wanted, window)]

    assert await found(CallFilter()) == [4, 3, 2, 1]
    assert await found(CallFilter(to="+3")) == [3]
    assert await found(CallFilter(from_="+12")) == [2]
    assert await found(CallFilter(status=CallStatus.BUSY)) == [4]
    assert await found(CallFilter(parent=CallId(1))) == [3]
    assert await found(CallFilter(began=Span(from_ms=3_500))) == [4, 3], (
        "an unanswered call began when it was made"
    )
    assert await found(CallFilter(began=Span(until_ms=3_500))) == [2]
    assert await found(CallFilter(ended=Span(9_000, 9_001))) == [3]
    place = await store.call_place(MINE, CallId(3))
    assert place == Place(3_000, CallId(3))
    assert await found(CallFilter(), Window(1, after=place)) == [2]
    assert await found(CallFilter(), Window(1, before=place)) == [4]
    assert await store.own_calls(STRANGER, CallFilter(), ALL) == []


async def test_calls_are_deleted_once_over(store: Store | MemoryStore) -> None:
    for one in CALLS:
        await store.commit_call(one)
    with pytest.raises(Refused) as caught:
        await store.remove_call(MINE, CallId(2))
    assert caught.value.reason is Reason.CALL_NOT_OVER
    assert await store.own_call(MINE, CallId(3)) == CALLS[2]
    assert await store.own_call(STRANGER, CallId(3)) is None
    assert not await store.remove_call(STRANGER, CallId(3))
    assert await store.remove_call(MINE, CallId(3))
    assert not await store.remove_call(MINE, CallId(3))
    assert await store.own_call(MINE, CallId(3)) is None
    assert await store.call_place(MINE, CallId(3)) == Place(3_000, CallId(3))
    assert await store.call_place(STRANGER, CallId(3)) is None
    assert [one.id.value for one in await store.own_calls(MINE, CallFilter(), ALL)] == [4, 2, 1]


async def test_applications(store: Store | MemoryStore) -> None:
    kept = Application(
        ApplicationId(5), MINE, "desk", 5, 5, voice=Address("https://h/v", Method.GET), caller_id_lookup=True
    )
    await store.add_application(kept)
    await store.add_application(Application(ApplicationId(6), MINE, "", 6, 6))
    assert await store.application(MINE, kept.id) == kept
    assert await store.application(STRANGER, kept.id) is None
    assert await store.applications(MINE, ApplicationFilter("desk"), ALL) == [kept]
    assert [one.id.value for one in await store.applications(MINE, ApplicationFilter(), ALL)] == [6, 5]
    changed = await store.change_application(MINE, kept.id, lambda one: replace(one, name="bye"))
    assert changed == replace(kept, name="bye") == await store.application(MINE, kept.id)
    assert await store.applications(MINE, ApplicationFilter("desk"), ALL) == []
    assert await store.change_application(STRANGER, kept.id, lambda one: one) is None
    assert not await store.remove_application(STRANGER, kept.id)
    assert await store.remove_application(MINE, kept.id)
    assert not await store.remove_application(MINE, kept.id)
    assert await store.application(MINE, kept.id) is None
    assert await store.application_place(MINE, kept.id) == Place(5, kept.id)
    assert await store.application_place(STRANGER, kept.id) is None


async def test_a_queues_name_is_its_own_in_its_project(store: Store | MemoryStore) -> None:
    one, two = Queue(QueueId(1), MINE, "one", 1, 1, 9), Queue(QueueId(2), MINE, "two", 2, 2)
    await store.add_queue(one)
    await store.add_queue(two)
    await store.add_queue(Queue(QueueId(3), STRANGER, "one", 3, 3))
    for work in (
        store.add_queue(Queue(QueueId(4), MINE, "one", 4, 4)),
        store.change_queue(MINE, two.id, lambda stored: replace(stored, name="one")),
    ):
        with pytest.raises(Refused) as caught:
            await work
        assert caught.value.reason is Reason.QUEUE_NAME_TAKEN
    assert await store.queues(MINE, ALL) == [two, one]
    assert await store.change_queue(MINE, one.id, lambda stored: replace(stored, max_size=3)) == replace(
        one, max_size=3
    )
    assert await store.queue(STRANGER, one.id) is None
    assert await store.remove_queue(MINE, one.id)
    assert not await store.remove_queue(MINE, one.id)
    assert await store.queue_place(MINE, one.id) == Place(1, one.id)
    await store.add_queue(Queue(QueueId(5), MINE, "one", 5, 5))
    assert await store.change_queue(MINE, one.id, lambda stored: stored) is None


async def test_recordings(store: Store | MemoryStore) -> None:
    of_call = Recording(
        RecordingId(1),
        MINE,
        1,
        1,
        RecordingSource.DIAL,
        RecordingStatus.COMPLETED,
        CallId(7),
        track="inbound",
    )
    of_room = Recording(RecordingId(2), MINE, 2, 2, RecordingSource.CONFERENCE, conference=ConferenceId(8))
    for one in (of_call, of_room):
        await store.add_recording(one)
    assert await store.recordings(MINE, RecordingFilter(), ALL) == [of_room, of_call]
    assert await store.recordings(MINE, RecordingFilter(call=CallId(7)), ALL) == [of_call]
    assert await store.recordings(MINE, RecordingFilter(conference=ConferenceId(8)), ALL) == [of_room]
    assert await store.recordings(MINE, RecordingFilter(created=Span(2, 3)), ALL) == [of_room]
    assert await store.recordings(STRANGER, RecordingFilter(), ALL) == []
    assert await store.recording(MINE, of_call.id) == of_call
    assert await store.recording(STRANGER, of_call.id) is None
    assert not await store.remove_recording(STRANGER, of_call.id)
    assert await store.remove_recording(MINE, of_call.id)
    assert await store.recording(MINE, of_call.id) is None
    assert await store.recording_place(MINE, of_call.id) == Place(1, of_call.id)


async def test_which_numbers_are_claimed(store: Store | MemoryStore) -> None:
    claimed = Number(
        NumberId(1), MINE, "+15550001", "n", 1, 1, application=ApplicationId(3),
        status_callback=Document("https://h/s", Method.GET), status_callback_method=Method.GET,
    )  # fmt: skip
    await store.add_number(claimed)
    assert await store.number(MINE, claimed.id) == claimed
    assert await store.claimed_among(["+15550000", "+15550001"]) == {"+15550001"}
    await store.remove_number(MINE, claimed.id)
    assert await store.claimed_among(["+15550001"]) == frozenset()


async def test_the_first_use_is_noted(store: Store | MemoryStore) -> None:
    first = Use(MINE, "a", "twilio", 5)
    for use in (
        first,
        replace(first, first_ms=9),
        Use(STRANGER, "b", "signalwire", 6),
        Use(MINE, "b", "twilio", 7),
    ):
        await store.note_use(use)
    assert await store.uses(MINE) == [first, Use(MINE, "b", "twilio", 7)]
    assert len(await store.uses()) == 3
