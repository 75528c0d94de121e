"""A live conference is answered for without another thread, and always as it was committed, whoever committed it."""

from __future__ import annotations

from keeping import EVERYBODY, commit, fresh, listed, started
from rooms import A, B, join
from roomtone.core.conference.messages import Mute
from roomtone.core.listing import ParticipantFilter, Window
from roomtone.store import Store


class Thread:
    """Notes who asks another thread."""

    def __init__(self, store: Store) -> None:
        self.asked = 0
        self._do = store._readers.do
        store._readers.do = self.do  # type: ignore[method-assign]

    async def do(self, question):
        self.asked += 1
        return await self._do(question)


async def test_no_thread_is_asked_for_what_was_just_committed(store: Store) -> None:
    state = await started(store, 1, [A, B])
    thread = Thread(store)
    assert await store.conference(state.id) is state
    assert await listed(store, state) == [B, A]
    assert thread.asked == 0


async def test_what_another_process_committed_is_seen(store: Store, other: Store) -> None:
    state = await started(store, 1, [A, B])
    assert await store.conference(state.id) == state
    changed = await commit(other, state, Mute(A))
    assert await store.conference(state.id) == changed
    muted = await store.participants(state.id, ParticipantFilter(muted=True), Window(10))
    assert [one.call for one in muted] == [A]


async def test_one_list_is_given_with_a_glance_and_without(store: Store) -> None:
    state = await commit(store, fresh(1), join(A), join(B))
    state = await commit(store, state, Mute(B))
    wishes = (EVERYBODY, ParticipantFilter(muted=True), ParticipantFilter(muted=False, held=False))
    first = (await store.participants(state.id, EVERYBODY, Window(1)))[0]
    place = await store.participant_place(state.id, first.id)
    windows = (Window(1), Window(10), Window(10, after=place), Window(10, before=place))
    quick = [await store.participants(state.id, one, window) for one in wishes for window in windows]
    store.glance_with(None)
    assert [await store.participants(state.id, one, window) for one in wishes for window in windows] == quick
