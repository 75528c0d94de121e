"""What was told or given up is listed, can be put back under its own name, and is forgotten in the end."""

from __future__ import annotations

from keeping import claim, next_due, started
from rooms import NOW, PROJECT, A, B
from roomtone.core.delivery import Attempt, Outcome, Owed
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.store import Store

AT = NOW.wall_ms


def attempt(owed: Owed, status: int | None = 200) -> Attempt:
    return Attempt(owed.attempts + 1, AT, 5, status, None)


async def give_up_all(store: Store) -> list[Owed]:
    """Give up whatever is owed, in order."""
    over = []
    while found := await claim(store, AT + 10):
        for owed in found:
            await store.given_up(owed, attempt(owed, 500), until_ms=None)
            over.append(owed)
    return over


async def test_what_was_given_up_is_listed_the_latest_first_page_by_page(store: Store) -> None:
    await started(store, 1, [A, B])
    (owed,) = await claim(store)
    await store.delivered(owed, attempt(owed), until_ms=None)
    over = await give_up_all(store)
    listed = await store.dead(PROJECT)
    assert [one.row for one in listed] == [one.row for one in reversed(over)]
    assert {one.outcome for one in listed} == {Outcome.GIVEN_UP}
    assert (listed[0].event_id, listed[0].notice, listed[0].attempts) == (
        over[-1].event_id,
        over[-1].notice,
        1,
    )
    first = await store.dead(limit=1)
    assert list(first) + list(await store.dead(limit=9, before=first[0].row)) == listed
    assert await store.dead(ProjectId(404)) == []


async def test_a_notice_is_found_by_its_name_by_its_own_project(store: Store) -> None:
    await started(store, 1, [A])
    (owed,) = await claim(store)
    found = await store.delivery(owed.event_id, PROJECT)
    assert found is not None
    assert (found.row, found.notice, found.settled_ms, found.outcome) == (owed.row, owed.notice, None, None)
    await store.delivered(owed, attempt(owed), until_ms=None)
    found = await store.delivery(owed.event_id)
    assert found is not None
    assert (found.settled_ms, found.outcome) == (AT + 5, Outcome.DELIVERED)
    assert await store.delivery(owed.event_id, ProjectId(404)) is None


async def test_what_is_put_back_is_told_in_order_under_its_own_name_with_all_its_attempts(
    store: Store,
) -> None:
    await started(store, 1, [A, B])
    over = await give_up_all(store)
    later = AT + 60_000
    assert await store.replay([one.row for one in reversed(over)], later) == 3
    again = []
    for _ in over:
        (owed,) = await claim(store, later + 10)
        again.append(owed)
        await store.delivered(owed, Attempt(owed.attempts + 1, later, 0, 200), until_ms=None)
    assert [one.event_id for one in again] == [one.event_id for one in over]
    assert [(one.attempts, one.uncounted, one.owed_ms) for one in again] == [(1, 1, later)] * 3
    assert [one.number for one in await store.attempts(over[0].row)] == [1, 2]
    assert await store.dead() == []


async def test_what_is_put_back_waits_for_what_is_under_way_and_comes_before_what_waits(store: Store) -> None:
    await started(store, 1, [A, B])
    (first,) = await claim(store)
    second = await store.delivered(first, attempt(first), until_ms=AT + 10_000)
    assert second is not None
    assert await store.replay([first.row], AT) == 1
    assert await claim(store, AT) == []
    following = await store.delivered(second, attempt(second), until_ms=AT + 10_000)
    assert following is not None
    assert following.event_id == first.event_id


async def test_what_is_still_owed_or_anothers_is_not_put_back(store: Store) -> None:
    await started(store, 1, [A])
    (owed,) = await claim(store)
    assert await store.replay([owed.row, 404], AT) == 0
    await store.delivered(owed, attempt(owed), until_ms=None)
    assert await store.replay([owed.row], AT, ProjectId(404)) == 0
    assert await next_due(store) is None


async def test_what_is_owed_for_too_long_is_given_up_but_for_what_is_under_way(store: Store) -> None:
    await started(store, 1, [A, B])
    await started(store, 2, [A], now=NOW.after(100))
    (under_way,) = await claim(store)
    assert await store.expire(AT + 1, AT + 1) == 2
    assert [one.notice.sequence for one in await store.dead()] == [3, 2]
    assert {one.outcome for one in await store.dead()} == {Outcome.EXPIRED}
    assert await store.delivered(under_way, attempt(under_way), until_ms=AT + 10_000) is None
    (owed,) = await claim(store, NOW.after(100).wall_ms)
    assert owed.notice.lane.value == 2


async def test_what_a_clock_that_was_set_back_left_in_the_future_is_told_now_and_in_order(
    store: Store,
) -> None:
    await started(store, 1, [A, B], now=NOW.after(3_600))
    await started(store, 2, [A])
    assert [one.notice.lane.value for one in await claim(store)] == [2]
    assert await store.set_back(AT) == 3
    assert await store.set_back(AT) == 0
    told = []
    while found := await claim(store, AT + 10):
        for owed in found:
            assert owed.owed_ms == AT
            await store.delivered(owed, attempt(owed), until_ms=None)
            told.append(owed.notice.sequence)
    assert told == [1, 2, 3]


async def test_those_behind_what_was_given_up_have_their_turn(store: Store) -> None:
    await started(store, 1, [A])
    state = await started(store, 2, [A])
    (first, _) = await claim(store)
    await store.postponed(first, attempt(first, 500), due_ms=AT + 90_000)
    assert state.last_sequence == 1
    assert await store.expire(AT + 1, AT + 20_000) == 2
    assert await next_due(store) is None


async def test_what_is_long_over_is_forgotten_with_its_attempts(store: Store) -> None:
    await started(store, 1, [A, B])
    (owed,) = await claim(store)
    await store.delivered(owed, attempt(owed), until_ms=None)
    assert await store.forget(AT + 5) == 0
    assert await store.forget(AT + 6) == 1
    assert await store.forget(AT + 6) == 0
    assert await store.delivery(owed.event_id) is None
    assert await store.attempts(owed.row) == []
    assert await next_due(store) is not None


async def test_notices_are_found_by_what_they_are_about_and_when_though_never_tried(store: Store) -> None:
    await started(store, 1, [A])
    await started(store, 2, [A], now=NOW.after(100))
    later = NOW.after(100).wall_ms
    assert await store.expire(later + 1, later + 1) == len(await store.dead())
    everything = await store.rows()
    first, second = [await store.rows(of=ConferenceId(number)) for number in (1, 2)]
    assert first
    assert second
    assert sorted([*first, *second]) == list(everything) == sorted(one.row for one in await store.dead())
    assert await store.rows(PROJECT, since_ms=later) == second == await store.rows(since_ms=AT + 1)
    assert await store.rows(until_ms=later - 1) == first
    assert await store.rows(of=ConferenceId(1), since_ms=later) == []
    assert await store.rows(of=CallId(1 << 90)) == await store.rows(ProjectId(404)) == []
