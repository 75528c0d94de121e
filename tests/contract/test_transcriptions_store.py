"""Transcriptions, asked of every make of store: what is due, the fence, and what goes with a recording."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from keeping import claim
from rooms import NOW, PROJECT
from roomtone.core import transcription as machine
from roomtone.core.delivery import Attempt, event_id
from roomtone.core.ids import CallId, ProjectId, RecordingId, TranscriptionId
from roomtone.core.listing import TranscriptionFilter, Window
from roomtone.core.recording.state import RecordingStatus
from roomtone.core.recording.wishes import Transcribing
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import Heard, Segment, Transcription, TranscriptionNotice
from roomtone.core.values import Document
from roomtone.store import Store
from roomtone.store.tables import transcriptions
from roomtone.testing.memory_store import MemoryStore

from .test_doors_store import store  # noqa: F401 - the fixture: every make
from .test_recordings_store import fresh

TOLD = Document("https://app.example/said")
HEARD = Heard((Segment(0, 900, "hello", "mix"), Segment(900, 2_000, "there", "mix")))
OVER = replace(
    fresh(), revision=2, status=RecordingStatus.COMPLETED, duration_ms=2_000, transcribing=Transcribing()
)


def asked(number: int = 1, recording: int = 1) -> Transcription:
    of = replace(OVER, id=RecordingId(recording))
    return machine.begun(TranscriptionId(number), of, TOLD, NOW.after(number))


async def listed(store: Store | MemoryStore, recording: int | None = None) -> list[int]:  # noqa: F811
    wanted = TranscriptionFilter(None if recording is None else RecordingId(recording))
    return [one.id.value for one in await store.transcriptions(PROJECT, wanted, Window(9))]


async def test_it_is_begun_with_the_end_of_its_recording_and_once(store: Store | MemoryStore) -> None:  # noqa: F811
    await store.commit_recording(fresh(), (), (), NOW)
    text = machine.of_verb(OVER, NOW)
    assert text is not None
    await store.commit_recording(OVER, (), (), NOW, text)
    assert await store.due_transcription() == text
    assert await store.transcription(PROJECT, text.id) == text


async def test_what_is_due_first_is_first_and_what_is_over_is_not_due(store: Store | MemoryStore) -> None:  # noqa: F811
    assert await store.due_transcription() is None
    for number in (2, 1):
        await store.add_transcription(asked(number))
    assert await store.due_transcription() == asked(1)
    done = machine.completed(asked(1), HEARD, NOW)
    assert await store.commit_transcription(done, (), NOW)
    assert await store.transcription(PROJECT, done.id) == done
    assert await store.due_transcription() == asked(2)
    assert await listed(store) == [2, 1]


async def test_what_is_owed_for_it_is_in_the_outbox(store: Store | MemoryStore) -> None:  # noqa: F811
    if isinstance(store, MemoryStore):
        pytest.skip("it keeps notices and delivers none")
    await store.add_transcription(asked())
    done = machine.completed(asked(), HEARD, NOW)
    owed = machine.notices(done, OVER, None, NOW)
    assert await store.commit_transcription(done, owed, NOW)
    (found,) = await claim(store, 1 << 60)
    assert (found.notice, found.event_id) == (owed[0], event_id(done.id, 0))
    assert found.event_id != event_id(CallId(done.id.value), 0)


async def test_whoever_comes_second_keeps_nothing(store: Store | MemoryStore) -> None:  # noqa: F811
    await store.add_transcription(asked())
    begun = machine.tried(asked(), NOW, 1)
    assert await store.commit_transcription(begun, (), NOW)
    assert not await store.commit_transcription(machine.completed(asked(), HEARD, NOW), (), NOW)
    assert await store.remove_transcription(PROJECT, begun.id)
    assert not await store.remove_transcription(PROJECT, begun.id)
    assert not await store.commit_transcription(machine.completed(begun, HEARD, NOW), (), NOW)
    assert await store.transcription(PROJECT, begun.id) is None
    assert await store.transcription_place(PROJECT, begun.id) is not None
    assert await store.due_transcription() is None


async def test_a_next_life_takes_up_what_was_under_way_and_lets_rest_what_failed(
    store: Store | MemoryStore,  # noqa: F811
) -> None:
    later = NOW.after(60)
    for number in (1, 2):
        await store.add_transcription(asked(number))
    assert await store.commit_transcription(machine.tried(asked(1), later, 900_000), (), NOW)
    resting = machine.failed(asked(2), "it broke", later)
    assert await store.commit_transcription(resting, (), NOW)
    assert await store.take_up_transcriptions(later) == 2
    due = await store.due_transcription()
    assert due is not None
    assert (due.id.value, due.due_ms) == (1, later.wall_ms)
    done = machine.completed(due, HEARD, later)
    assert await store.commit_transcription(done, (), later)
    assert await store.due_transcription() == resting


async def test_a_recording_takes_what_was_said_in_it_along(store: Store | MemoryStore) -> None:  # noqa: F811
    await store.commit_recording(fresh(), (), (), NOW)
    for number, recording in ((1, 1), (2, 7), (3, 1)):
        await store.add_transcription(asked(number, recording))
    assert await listed(store, 1) == [3, 1]
    assert await store.remove_recording(PROJECT, RecordingId(1))
    assert await listed(store) == [2]
    due = await store.due_transcription()
    assert due is not None
    assert due.id.value == 2


async def test_all_of_a_recording_are_changed_together(store: Store | MemoryStore) -> None:  # noqa: F811
    for number, recording in ((1, 1), (2, 7)):
        await store.add_transcription(asked(number, recording))
        made = machine.completed(asked(number, recording), HEARD, NOW)
        assert await store.commit_transcription(made, (), NOW)
    await store.change_transcriptions(PROJECT, RecordingId(1), lambda one: machine.silenced(one, 0, 500, NOW))
    found = [await store.transcription(PROJECT, TranscriptionId(number)) for number in (1, 2)]
    assert ["" if one is None else one.text for one in found] == ["there", "hello there"]


async def test_of_what_is_due_each_project_has_its_turn(store: Store | MemoryStore) -> None:  # noqa: F811
    for number, project in ((1, 5), (2, 5), (3, 6), (4, 7)):
        await store.add_transcription(replace(asked(number), project=ProjectId(project)))
    by = NOW.after(3).wall_ms
    last, order = None, []
    for _ in range(4):
        due = await store.due_transcription(by, last)
        assert due is not None
        last = due.project
        order.append(due.id.value)
        over = machine.completed(due, HEARD, NOW)
        assert await store.commit_transcription(over, (), NOW)
    assert order == [1, 3, 2, 4], "what is not due yet comes last"


async def test_one_of_a_recording_at_a_time_is_asked_for(store: Store | MemoryStore) -> None:  # noqa: F811
    await store.ask_for_transcription(asked(1))
    await store.ask_for_transcription(asked(2, recording=7))
    with pytest.raises(Refused) as refused:
        await store.ask_for_transcription(asked(3))
    assert refused.value.reason is Reason.TRANSCRIPTION_RUNNING
    assert await store.commit_transcription(machine.completed(asked(1), HEARD, NOW), (), NOW)
    await store.ask_for_transcription(asked(3))
    assert await listed(store) == [3, 2, 1]


@pytest.mark.parametrize(("way", "left"), [("remove", ""), ("forget", ""), ("silence", "there")])
@pytest.mark.parametrize("told", [False, True])
async def test_what_is_gone_is_in_no_callback_any_more(
    store: Store | MemoryStore,  # noqa: F811
    way: str,
    left: str,
    told: bool,
) -> None:
    if isinstance(store, MemoryStore):
        pytest.skip("it keeps notices and delivers none")
    await store.commit_recording(fresh(), (), (), NOW)
    for number, recording in ((1, 1), (2, 7)):
        await store.add_transcription(asked(number, recording))
        done = machine.completed(asked(number, recording), HEARD, NOW)
        assert await store.commit_transcription(done, machine.notices(done, OVER, None, NOW), NOW)
    if told:
        for owed in await claim(store, 1 << 60):
            await store.delivered(owed, Attempt(1, NOW.wall_ms, 1, 200), until_ms=None)
    if way == "remove":
        assert await store.remove_transcription(PROJECT, TranscriptionId(1))
    elif way == "forget":
        assert await store.remove_recording(PROJECT, RecordingId(1))
    else:
        await store.change_transcriptions(
            PROJECT, RecordingId(1), lambda one: machine.silenced(one, 0, 500, NOW)
        )
    texts = []
    for number in (1, 2):
        kept = await store.delivery(event_id(TranscriptionId(number), 0))
        assert kept is not None
        assert isinstance(kept.notice, TranscriptionNotice)
        texts.append(kept.notice.state.text)
    assert texts == [left, "hello there"]
    query = select(transcriptions.c.body).where(transcriptions.c.id == TranscriptionId(1).hex)
    body = await store._read(lambda connection: connection.execute(query).scalar_one())
    assert "hello" not in body
