"""What is committed of a conference is all there, or none of it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from keeping import claim, commit, fresh, listed, next_due, presence, started, turn
from rooms import LATER, NOW, PROJECT, SONG, A, B, C, join
from roomtone.core.conference.messages import Coach, End, Hold, LegEnded, Mute
from roomtone.core.conference.state import Status
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import ConferenceId
from roomtone.store import Store


async def test_a_conference_is_read_back_as_it_was_committed(store: Store, other: Store):
    state = await started(store, 1, [A, B, C])
    state = await commit(store, state, Hold(A, SONG), Mute(B), Coach(B, C), now=LATER)
    assert await store.conference(state.id) == state
    assert await other.conference(state.id) == state


async def test_participants_come_back_in_the_order_they_joined(store: Store, other: Store):
    state = await started(store, 1, [C, A, B])
    read = await other.conference(state.id)
    assert read is not None
    assert [one.call for one in read.participants] == [C, A, B]


async def test_a_conference_nobody_stored_is_not_found(store: Store):
    assert await store.conference(ConferenceId(1)) is None
    assert await store.live_conference(PROJECT, "room 1") is None
    assert await listed(store, fresh(1)) == []


async def test_a_live_conference_is_found_by_its_name_until_it_is_completed(store: Store):
    state = await started(store, 1, [A, B])
    assert await store.live_conference(PROJECT, "room 1") == state
    state = await commit(store, state, End(), now=LATER)
    assert await store.live_conference(PROJECT, "room 1") is None
    assert await store.conference(state.id) == state
    assert state.status is Status.COMPLETED


async def test_a_name_can_be_used_again_once_its_conference_is_completed(store: Store):
    await commit(store, await started(store, 1, [A]), End(), now=LATER)
    again = await commit(store, fresh(2, "room 1"), join(A))
    assert await store.live_conference(PROJECT, "room 1") == again


async def test_two_live_conferences_never_have_one_name(store: Store):
    await started(store, 1, [A])
    with pytest.raises(StaleRevision):
        await commit(store, fresh(2, "room 1"), join(B))
    assert await store.conference(ConferenceId(2)) is None


async def test_of_two_first_joiners_at_once_one_makes_the_conference(store: Store, other: Store):
    wishes = {
        store: replace(join(A), participant=presence(1, A)),
        other: replace(join(A), participant=presence(2, A)),
    }
    tries = (commit(one, fresh(number, "room"), wish) for number, (one, wish) in enumerate(wishes.items()))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conference", "StaleRevision"]


async def test_a_writer_that_was_overtaken_is_stopped_and_leaves_nothing(store: Store, other: Store):
    state = await started(store, 1, [A, B])
    ours = await commit(store, state, Mute(A), now=LATER)
    with pytest.raises(StaleRevision):
        await commit(other, state, Hold(A), now=LATER)
    assert await other.conference(state.id) == ours
    owed = await claim(store, LATER.wall_ms)
    assert [one.notice.sequence for one in owed] == [1]


async def test_a_writer_that_skips_a_revision_is_stopped(store: Store):
    state = await started(store, 1, [A])
    with pytest.raises(StaleRevision):
        await store.commit_conference(replace(state, revision=state.revision + 2), (), (), NOW)


async def test_a_refused_commit_takes_none_of_its_neighbours_with_it(store: Store):
    """Commits that wait together share a transaction; each stands and falls alone."""
    stale = await started(store, 1, [A])
    await commit(store, stale, Mute(A))
    tries = [started(store, number, [A]) for number in range(2, 30)]
    tries.insert(14, commit(store, stale, Hold(A)))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [number for number, one in enumerate(outcomes) if isinstance(one, Exception)] == [14]
    assert len(await store.live_conferences()) == 29


async def test_state_and_outbox_are_committed_together_or_not_at_all(store: Store):
    state = await started(store, 1, [A])
    result = turn(state, join(B), now=LATER)
    twice = (*result.notices, *result.notices)  # their numbers clash, and that comes to light after the state
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.commit_conference(result.state, result.events, twice, LATER)
    assert await store.conference(state.id) == state
    assert await listed(store, state) == [A]


async def test_one_who_left_is_in_no_list_and_one_who_comes_back_is_somebody_new(store: Store):
    state = await started(store, 1, [A, B])
    state = await commit(store, state, LegEnded(B), now=LATER)
    assert await listed(store, state) == [A]
    wish = replace(join(B), participant=presence(99, B))
    state = await commit(store, state, wish, now=LATER)
    assert await listed(store, state) == [B, A]
    assert await store.conference(state.id) == state


async def test_nobody_is_in_a_completed_conference(store: Store, other: Store):
    state = await commit(store, await started(store, 1, [A, B]), End(), now=LATER)
    assert await listed(store, state) == []
    read = await other.conference(state.id)
    assert read is not None
    assert read.participants == ()


async def test_a_brain_that_comes_back_finds_what_was_not_over(store: Store, other: Store):
    live = [await started(store, number, [A, B]) for number in (1, 2, 3)]
    over = await commit(store, live.pop(), End(), now=LATER)
    live[0] = await commit(store, live[0], Mute(B), now=LATER)
    assert await other.live_conferences() == live
    assert await other.conference(over.id) == over


async def test_a_reader_elsewhere_sees_a_commit_as_soon_as_it_is_made(store: Store, other: Store):
    """Also when it has just read, and so may recall, the state before."""
    state = await started(store, 1, [A, B])
    for message in (Mute(A), Hold(B), Mute(B)):
        assert await other.conference(state.id) == state
        state = await commit(store, state, message, now=LATER)
    assert await other.conference(state.id) == state


async def test_one_writer_may_take_over_from_another(store: Store, other: Store):
    state = await started(store, 1, [A, B])
    state = await commit(other, state, Mute(A), LegEnded(B), now=LATER)
    state = await commit(store, state, Hold(A), now=LATER)
    state = await commit(other, state, join(C), now=LATER)
    assert await store.conference(state.id) == state
    assert await listed(store, state) == [C, A]


async def test_nothing_owed_is_nothing_in_the_outbox(store: Store):
    await started(store, 1, [A, B], callback=None)
    assert await next_due(store) is None
