"""Streams: kept, found by their id and their subject, and owed word of with them."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core import streaming
from roomtone.core.ids import CallId, ConferenceId, ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.streaming import Stream, StreamWish
from roomtone.core.values import Document

NOW = Moment(5_000, 1)
WISH = StreamWish("wss://s/", name="n", callback=Document("https://app/news"), parameters=(("a", "b"),))
ONE = Stream(StreamId(1), ProjectId(2), WISH, 1, 1, call=CallId(3))
OTHER = Stream(StreamId(4), ProjectId(2), replace(WISH, two_way=True), 2, 2, conference=ConferenceId(3))


async def test_streams_are_kept_and_found(store) -> None:
    await store.commit_stream(ONE, (), NOW)
    await store.commit_stream(OTHER, (), NOW)
    assert await store.stream(ONE.project, ONE.id) == ONE
    assert await store.stream(ProjectId(9), ONE.id) is None
    assert set(await store.live_streams()) == {ONE, OTHER}
    begun, told = streaming.connected(ONE, NOW)
    await store.commit_stream(begun, told, NOW)
    assert await store.stream(ONE.project, ONE.id) == begun
    over, told = streaming.stopped(begun, NOW)
    await store.commit_stream(over, told, NOW)
    assert await store.live_streams() == [OTHER]


async def test_those_of_a_subject_are_listed_the_latest_first(store) -> None:
    later = replace(ONE, id=StreamId(7), created_ms=9)
    for one in (ONE, later, replace(OTHER, conference=ConferenceId(8))):
        await store.commit_stream(one, (), NOW)
    assert await store.streams_of(ONE.project, CallId(3)) == [later, ONE]
    assert await store.streams_of(ProjectId(9), CallId(3)) == []
