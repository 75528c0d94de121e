"""Recordings that run, asked of every make of store: one commit for state, notices and what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keeping import claim
from rooms import NOW, PROJECT, A
from roomtone.core.delivery import event_id
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.finishing import Happening, HappeningKind
from roomtone.core.recording.messages import RecordingStarted
from roomtone.core.recording.notices import notices
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.recording.step import begun, opened
from roomtone.core.recording.wishes import RecordingCallback, RecordingTopic, RecordingWish
from roomtone.store import Store
from roomtone.testing.memory_store import MemoryStore

from .test_doors_store import store  # noqa: F401 - the fixture: every make

TOLD = RecordingCallback("https://app.example/r", topics=frozenset(RecordingTopic))
COUGH = Happening(160, HappeningKind.SPEECH_START, A, "ann")


def fresh(number: int = 1) -> Recording:
    wish = RecordingWish(callback=TOLD)
    made = begun(RecordingId(number), PROJECT, RecordingSource.CALL_STARTED, wish, NOW, call=CallId(5))
    return opened(made).state


async def test_what_runs_is_found_until_it_is_over(store: Store | MemoryStore) -> None:  # noqa: F811
    first = fresh()
    await store.commit_recording(first, (), (), NOW)
    assert await store.running_recordings() == [first]
    assert await store.recording_of(first.id) == first
    over = replace(first, revision=2, status=RecordingStatus.COMPLETED, duration_ms=9)
    await store.commit_recording(over, (), (), NOW)
    assert await store.running_recordings() == []
    assert await store.recording(PROJECT, first.id) == over
    assert await store.remove_recording(PROJECT, first.id)
    assert await store.recording_of(first.id) is None


async def test_what_happened_is_kept_in_order_until_it_is_over(store: Store | MemoryStore) -> None:  # noqa: F811
    first, later = fresh(), replace(COUGH, sample=320)
    await store.commit_recording(first, (), (COUGH,), NOW)
    await store.add_happenings(first.id, (later,))
    assert list(await store.happenings(first.id)) == [COUGH, later]
    assert list(await store.happenings(RecordingId(2))) == []
    over = replace(first, revision=2, status=RecordingStatus.ABSENT)
    await store.commit_recording(over, (), (), NOW)
    assert list(await store.happenings(first.id)) == []


@pytest.mark.parametrize("revision", [1, 3])
async def test_two_brains_cannot_both_write(store: Store | MemoryStore, revision: int) -> None:  # noqa: F811
    await store.commit_recording(fresh(), (), (), NOW)
    with pytest.raises(StaleRevision):
        await store.commit_recording(replace(fresh(), revision=revision), (), (COUGH,), NOW)
    assert list(await store.happenings(RecordingId(1))) == []


async def test_what_is_owed_has_a_lane_and_a_name_of_its_own(store: Store | MemoryStore) -> None:  # noqa: F811
    if isinstance(store, MemoryStore):
        pytest.skip("it keeps notices and delivers none")
    state, owed = notices(fresh(), (RecordingStarted(),), NOW)
    await store.commit_recording(state, owed, (), NOW)
    (found,) = await claim(store, 1 << 60)
    assert (found.notice, found.event_id) == (owed[0], event_id(state.id, 1))
    assert found.event_id != event_id(CallId(state.id.value), 1)
