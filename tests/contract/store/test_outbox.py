"""What is owed is leased to one at a time, in order per conference, and never forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keeping import claim, commit, next_due, started
from rooms import EVERYTHING, LATER, NOW, PROJECT, A, B
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.core.delivery import Attempt, Owed, event_id
from roomtone.core.ids import ConferenceId
from roomtone.store import Store

AT = NOW.wall_ms


def attempt(owed: Owed, status: int | None = 200, problem: str | None = None) -> Attempt:
    return Attempt(owed.attempts + 1, AT, 5, status, problem)


def told(owed: Owed | None) -> tuple[int, int] | None:
    """Conference and number of a notice."""
    return None if owed is None else (owed.notice.lane.value, owed.notice.sequence)


async def test_a_notice_is_owed_from_the_commit_on_as_it_was(store: Store, other: Store):
    state = await started(store, 1, [A])
    (owed,) = await claim(other)
    assert owed.notice.participant == state.find(A)
    assert (owed.notice.url, owed.notice.project, owed.attempts) == (EVERYTHING.url, PROJECT, 0)
    assert owed.host == "app.example"
    assert owed.event_id == event_id(state.id, 1)


async def test_an_event_has_one_name_for_ever():
    assert event_id(ConferenceId(7), 1) == "cc40009679dd4609d04c53f64659aa6b"
    names = {event_id(ConferenceId(room), number) for room in range(50) for number in range(1, 50)}
    assert len(names) == 50 * 49


async def test_of_each_conference_the_oldest_alone_is_given_out(store: Store):
    for number in (1, 2):
        await started(store, number, [A, B])  # join, join, start
    claimed = await claim(store)
    assert sorted(map(told, claimed)) == [(1, 1), (2, 1)]
    assert await claim(store) == []


async def test_the_next_comes_with_the_settlement_of_the_one_before(store: Store):
    await started(store, 1, [A, B])
    (owed,) = await claim(store)
    second = await store.delivered(owed, attempt(owed), until_ms=AT + 10_000)
    assert told(second) == (1, 2)
    assert second is not None
    third = await store.given_up(second, attempt(second, 500), until_ms=AT + 10_000)
    assert told(third) == (1, 3)
    assert third is not None
    assert await store.delivered(third, attempt(third), until_ms=AT + 10_000) is None
    assert await next_due(store) is None


async def test_the_next_is_left_to_others_if_nobody_asks_for_it(store: Store):
    await started(store, 1, [A, B])
    (owed,) = await claim(store)
    assert await store.delivered(owed, attempt(owed), until_ms=None) is None
    assert list(map(told, await claim(store, AT + 5))) == [(1, 2)]


async def test_a_lane_that_is_left_to_others_goes_behind_all_that_is_due(store: Store):
    await started(store, 1, [A, B])
    await started(store, 2, [A, B], now=NOW.after(1))
    (owed,) = await claim(store, NOW.after(2).wall_ms, limit=1)
    late = Attempt(1, NOW.after(2).wall_ms, 500, 200)
    await store.delivered(owed, late, until_ms=None)
    claimed = [await claim(store, NOW.after(3).wall_ms, limit=1) for _ in range(2)]
    assert [told(one) for (one,) in claimed] == [(2, 1), (1, 2)]


async def test_a_postponed_notice_holds_back_those_behind_it_until_it_is_due(store: Store):
    await started(store, 1, [A, B])
    (owed,) = await claim(store)
    await store.postponed(owed, attempt(owed, None, "no connection"), due_ms=AT + 2_000)
    assert await claim(store, AT + 1_999) == []
    assert await next_due(store) == AT + 2_000
    (again,) = await claim(store, AT + 2_000)
    assert (told(again), again.attempts, again.event_id) == ((1, 1), 1, owed.event_id)


async def test_a_lease_that_ran_out_is_given_to_the_next_who_asks(store: Store, other: Store):
    await started(store, 1, [A])
    (first,) = await claim(store)
    assert await claim(other, first.leased_until_ms - 1, holder="other") == []
    (second,) = await claim(other, first.leased_until_ms, holder="other")
    assert second.event_id == first.event_id
    assert await next_due(store) == second.leased_until_ms


async def test_one_who_lost_the_lease_can_still_say_that_it_arrived_but_leads_the_lane_no_more(store: Store):
    await started(store, 1, [A, B])
    (slow,) = await claim(store)
    (quick,) = await claim(store, slow.leased_until_ms, holder="other")
    assert await store.delivered(slow, attempt(slow), until_ms=AT + 99_000) is None
    assert await store.delivered(quick, attempt(quick), until_ms=AT + 99_000) is None
    assert list(map(told, await claim(store, AT + 1))) == [(1, 2)]


async def test_one_who_lost_the_lease_cannot_postpone(store: Store):
    await started(store, 1, [A])
    (slow,) = await claim(store)
    (quick,) = await claim(store, slow.leased_until_ms, holder="other")
    await store.postponed(slow, attempt(slow, 500), due_ms=AT + 1)
    assert await next_due(store) == quick.leased_until_ms


async def test_a_holder_that_comes_back_from_a_crash_returns_its_own_leases_alone(store: Store):
    for number in (1, 2):
        await started(store, number, [A])
    (mine,) = await claim(store, limit=1)
    (theirs,) = await claim(store, holder="other")
    await store.release("courier")
    assert list(map(told, await claim(store))) == [told(mine)]
    assert told(theirs) != told(mine)


async def test_those_due_first_come_first(store: Store):
    for number, seconds in ((1, 3), (2, 1), (3, 2)):
        await started(store, number, [A], now=NOW.after(seconds))
    claimed = await claim(store, NOW.after(9).wall_ms, limit=2)
    assert sorted(map(told, claimed)) == [(2, 1), (3, 1)]


async def test_a_host_gets_its_share_and_a_busy_one_nothing(store: Store):
    for number, host in ((1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c")):
        callback = replace(EVERYTHING, url=f"http://me:secret@{host.upper()}:8080/")
        await started(store, number, [A], callback=callback)
    claimed = await claim(store, each=2, busy=frozenset({"c:8080"}))
    assert [one.host for one in claimed].count("a:8080") == 2
    assert [one.host for one in claimed].count("b:8080") == 1
    assert len(claimed) == 3


async def test_each_try_is_recorded(store: Store):
    await started(store, 1, [A])
    (owed,) = await claim(store)
    refused = Attempt(1, AT, 12, 503)
    await store.postponed(owed, refused, due_ms=AT)
    (owed,) = await claim(store, AT + 20_000)
    arrived = Attempt(2, AT + 20_000, 3, 204)
    await store.delivered(owed, arrived, until_ms=None)
    assert await store.attempts(owed.row) == [refused, arrived]


async def test_numbers_go_on_without_a_gap_over_commits(store: Store):
    state = await started(store, 1, [A, B])
    for message in (Mute(A), Unmute(A), Mute(B)):
        state = await commit(store, state, message, now=LATER)
    seen = []
    (owed,) = await claim(store, LATER.wall_ms)
    following: Owed | None = owed
    while following is not None:
        seen.append(following.notice.sequence)
        following = await store.delivered(following, attempt(following), until_ms=LATER.wall_ms + 10_000)
    assert seen == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("url", ["", "nonsense", "http://[", "http://" + "x" * 5000])
async def test_a_url_that_is_none_is_owed_all_the_same(store: Store, url: str):
    """Whether it can be asked is found out in the trying."""
    await started(store, 1, [A], callback=replace(EVERYTHING, url=url))
    assert [one.notice.url for one in await claim(store)] == [url]
