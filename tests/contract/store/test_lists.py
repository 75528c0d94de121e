"""Lists run newest first, and a window hung on a place neither loses nor repeats anything while things come and go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from keeping import commit, conferences, listed, place_of, presence, started
from rooms import LATER, NOW, PROJECT, SONG, A, B, C, D, join
from roomtone.core.conference.messages import Coach, End, Hold, LegEnded, Mute
from roomtone.core.conference.state import Conference, Participant, Status
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.listing import ConferenceFilter, ParticipantFilter, Place, Span, Window
from roomtone.store import Store

ALL = ParticipantFilter()
Open = Callable[[Window], Awaitable[Sequence[Participant]]]


async def crowd(store: Store, size: int, now_step_s: float = 0) -> Conference:
    """A conference of this many, each joining a moment after the one before."""
    state, now = await started(store, 1, [], now=NOW), NOW
    for number in range(size):
        now = now.after(now_step_s)
        wish = replace(join(CallId(1000 + number)), participant=ParticipantId(5000 - number))
        state = await commit(store, state, wish, now=now)
    return state


def opener(store: Store, conference: Conference) -> Open:
    return lambda window: store.participants(conference.id, ALL, window)


async def forward(open_window: Open, limit: int) -> list[ParticipantId]:
    """Walk from the head to the end."""
    seen: list[ParticipantId] = []
    page = await open_window(Window(limit))
    while page:
        assert len(page) <= limit
        seen += [one.id for one in page]
        page = await open_window(Window(limit, after=place_of(page[-1])))
    return seen


async def backward(open_window: Open, limit: int) -> list[ParticipantId]:
    """Walk from the end to the head; what is seen is given in the list's order."""
    seen: list[ParticipantId] = []
    page = await open_window(Window(limit, before=Place(0, ParticipantId(0))))
    while page:
        assert len(page) <= limit
        seen = [one.id for one in page] + seen
        page = await open_window(Window(limit, before=place_of(page[0])))
    return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("step_s", [0, 0.5], ids=["all at once", "one by one"])
async def test_a_walk_meets_everybody_once_in_either_direction(store: Store, limit: int, step_s: float):
    state = await crowd(store, 7, step_s)
    newest_first = [one.id for one in reversed(state.participants)]
    if step_s == 0:
        newest_first.sort(reverse=True)
    walk = opener(store, state)
    assert await forward(walk, limit) == newest_first
    assert await backward(walk, limit) == newest_first


async def test_those_who_come_while_a_walk_is_under_way_do_not_shift_it(store: Store):
    state = await crowd(store, 6, 1)
    walk = opener(store, state)
    first = await walk(Window(2))
    late = replace(join(A), participant=presence(1, A))
    state = await commit(store, state, late, now=NOW.after(60))
    rest = await walk(Window(10, after=place_of(first[-1])))
    assert [one.call.value for one in (*first, *rest)] == [1005, 1004, 1003, 1002, 1001, 1000]
    assert [one.call for one in await walk(Window(10, before=place_of(first[0])))] == [A]


async def test_a_window_opens_where_it_hung_after_its_item_has_left(store: Store):
    state = await crowd(store, 6, 1)
    walk = opener(store, state)
    mark = (await walk(Window(2)))[-1]
    state = await commit(store, state, LegEnded(mark.call), LegEnded(CallId(1003)), now=LATER)
    place = await store.participant_place(state.id, mark.id)
    assert place == place_of(mark)
    assert [one.call.value for one in await walk(Window(2, after=place))] == [1002, 1001]
    assert [one.call.value for one in await walk(Window(2, before=place))] == [1005]


async def test_a_participant_has_a_place_in_their_own_conference_alone(store: Store):
    state = await started(store, 1, [A])
    await started(store, 2, [B])
    assert await store.participant_place(state.id, presence(1, A)) is not None
    assert await store.participant_place(state.id, presence(2, B)) is None
    assert await store.participant_place(state.id, ParticipantId(12345)) is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ALL, {A, B, C, D}),
        (ParticipantFilter(muted=True), {A, B}),
        (ParticipantFilter(muted=False), {C, D}),
        (ParticipantFilter(held=True), {B, C}),
        (ParticipantFilter(held=False), {A, D}),
        (ParticipantFilter(coaching=True), {D}),
        (ParticipantFilter(coaching=False), {A, B, C}),
        (ParticipantFilter(muted=True, held=True), {B}),
        (ParticipantFilter(muted=True, coaching=True), set()),
    ],
    ids=str,
)
async def test_participants_are_filtered_by_their_flags(
    store: Store, wanted: ParticipantFilter, expected: set[CallId]
):
    state = await started(store, 1, [A, B, C, D])
    state = await commit(store, state, Mute(A), Mute(B), Hold(B), Hold(C, SONG), Coach(D, A), now=LATER)
    assert set(await listed(store, state, wanted)) == expected


async def test_a_flag_that_changes_changes_the_lists(store: Store):
    state = await started(store, 1, [A, B])
    state = await commit(store, state, Mute(A), now=LATER)
    assert await listed(store, state, ParticipantFilter(muted=True)) == [A]
    state = await commit(store, state, LegEnded(A), Mute(B), now=LATER)
    assert await listed(store, state, ParticipantFilter(muted=True)) == [B]


async def test_conferences_are_filtered_by_name_status_and_dates(store: Store):
    waiting = await started(store, 1, [A])
    running = await started(store, 2, [A, B], now=NOW.after(10))
    over = await commit(store, await started(store, 3, [A, B], now=NOW.after(20)), End(), now=NOW.after(30))
    at = NOW.wall_ms
    cases = [
        (ConferenceFilter(), [over, running, waiting]),
        (ConferenceFilter(name="room 2"), [running]),
        (ConferenceFilter(name="Room 2"), []),
        (ConferenceFilter(status=Status.INIT), [waiting]),
        (ConferenceFilter(status=Status.IN_PROGRESS), [running]),
        (ConferenceFilter(status=Status.COMPLETED), [over]),
        (ConferenceFilter(created=Span(from_ms=at + 10_000)), [over, running]),
        (ConferenceFilter(created=Span(until_ms=at + 10_000)), [waiting]),
        (ConferenceFilter(created=Span(at + 1, at + 20_000)), [running]),
        (ConferenceFilter(updated=Span(from_ms=at + 30_000)), [over]),
        (ConferenceFilter(name="room 3", status=Status.INIT), []),
    ]
    for wanted, expected in cases:
        assert await conferences(store, wanted) == [one.id for one in expected], wanted


async def test_conferences_are_one_projects_own(store: Store):
    state = await started(store, 1, [A])
    stranger = ProjectId(0x5712)
    assert await store.conferences(stranger, ConferenceFilter(), Window(10)) == []
    assert await store.conference_place(stranger, state.id) is None
    assert await store.conference_place(PROJECT, ConferenceId(9)) is None
    assert await store.conference_place(PROJECT, state.id) == place_of(state)


async def test_conferences_are_walked_by_windows_too(store: Store):
    for number in range(1, 6):
        await started(store, number, [A], now=NOW.after(number))
    middle = await store.conference_place(PROJECT, ConferenceId(3))
    assert middle is not None
    older = await store.conferences(PROJECT, ConferenceFilter(), Window(1, after=middle))
    newer = await store.conferences(PROJECT, ConferenceFilter(), Window(1, before=middle))
    assert [one.id.value for one in (*newer, *older)] == [4, 2]
