"""Streams as the switchboard runs them: begun, stopped, lost, taken up again, and tuned to who speaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from roomtone.core.ids import CallId, ConferenceId, StreamId
from roomtone.core.streaming import (
    HeldRelays,
    Located,
    NotLocated,
    RelayClosed,
    RelayOpened,
    RelayTold,
    Spoken,
    Stream,
    StreamFault,
    StreamNotice,
    StreamStatus,
    StreamTrack,
    StreamWish,
)
from roomtone.core.values import Document
from roomtone.switchboard.streams import MOST_OF_ONE, MOST_TWO_WAY, Booth, Streams
from roomtone.testing.memory_store import MemoryStore
from roomtone.testing.virtual_clock import CountingDice, VirtualClock

from .conftest import PROJECT, until

CALL, ROOM = CallId(5), ConferenceId(6)
WISH = StreamWish("wss://ear.example/x", callback=Document("http://127.0.0.1:9/news"), bearer="hush")
AGENT = StreamWish("wss://agent.example/x", track=StreamTrack.BOTH, two_way=True)
LISTENER = StreamWish("wss://scribe.example/x", track=StreamTrack.BOTH)


@dataclass
class Carriers:
    """Engine and servers: they do what they are told, and remember it."""

    opened: dict[StreamId, tuple[str, ...]] = field(default_factory=dict)
    """With the voices that each heard at first."""

    tuned: dict[StreamId, tuple[str, ...]] = field(default_factory=dict)
    closed: list[StreamId] = field(default_factory=list)
    told: list[tuple[StreamId, str]] = field(default_factory=list)
    refuses: str | None = None
    nowhere: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Servers are found once it is set."""

    holding: HeldRelays = field(default_factory=HeldRelays)

    async def locate(self, _url: str) -> Located | NotLocated:
        await self.gate.wait()
        return (
            NotLocated(StreamFault.INVALID_URL, "not public") if self.nowhere else Located(("192.0.2.1:443",))
        )

    async def open(
        self, stream: Stream, _where: Located, _spoken: Spoken, voices: tuple[str, ...] = ()
    ) -> str | None:
        self.opened[stream.id] = voices
        return self.refuses

    def tune(self, stream: Stream, voices: tuple[str, ...]) -> None:
        self.tuned[stream.id] = voices

    def tell(self, stream: StreamId, text: str) -> None:
        self.told.append((stream, text))

    def close(self, stream: StreamId, _farewell: str) -> None:
        self.closed.append(stream)

    async def held(self) -> HeldRelays:
        return self.holding


@dataclass
class House:
    """Streams and all they are given."""

    carriers: Carriers = field(default_factory=Carriers)
    store: MemoryStore = field(default_factory=MemoryStore)
    voices: list[tuple[ConferenceId, str, bool]] = field(default_factory=list)
    pressed: list[tuple[CallId, str]] = field(default_factory=list)
    streams: Streams = field(init=False)

    def __post_init__(self) -> None:
        self.carriers.gate.set()
        self.restart()

    def restart(self) -> None:
        self.streams = Streams(
            Booth(
                VirtualClock(),
                CountingDice(100),
                self.store,
                self.carriers,
                self.carriers,
                lambda: None,
                lambda *what: self.voices.append(what),
                self._press,
            )
        )

    async def _press(self, call: CallId, keys: str) -> bool:
        self.pressed.append((call, keys))
        return True

    async def begin(self, subject: CallId | ConferenceId, wish: StreamWish) -> Stream:
        """Begin one, and wait until the engine has it and its server is there."""
        made = await self.streams.start(PROJECT, subject, wish)
        await until(lambda: made.id in self.carriers.opened)
        self.streams.take(RelayOpened(made.id))
        await self.becomes(made, StreamStatus.IN_PROGRESS)
        return made

    async def becomes(self, stream: Stream, status: StreamStatus) -> Stream:
        async with asyncio.timeout(20):
            while True:
                kept = await self.store.stream(PROJECT.id, stream.id)
                if kept is not None and kept.status is status:
                    return kept
                await asyncio.sleep(0.001)

    @property
    def news(self) -> list[str]:
        return [one.topic.value for one in self.store.notices if isinstance(one, StreamNotice)]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.store.add_project(PROJECT, "token")
    await made.streams.resume()
    yield made
    await made.streams.close()


async def test_a_stream_lives_from_its_wish_to_its_end_and_its_token_is_kept_nowhere(house: House) -> None:
    made = await house.begin(CALL, WISH)
    kept = await house.store.stream(PROJECT.id, made.id)
    assert kept is not None
    assert kept.wish.bearer is None
    stopped = await house.streams.stop(made)
    assert (stopped.status, house.carriers.closed) == (StreamStatus.STOPPED, [made.id])
    house.streams.take(RelayClosed(made.id, None, "", 0))
    await until(lambda: not house.streams.of(CALL))
    assert house.news == ["stream-started", "stream-stopped"]
    assert (await house.streams.over(made)).over
    await house.streams.stop(made)
    assert house.carriers.closed == [made.id], "one that is gone is left alone"


@pytest.mark.parametrize("nowhere", [True, False])
async def test_one_that_cannot_be_is_told_of(house: House, nowhere: bool) -> None:
    house.carriers.nowhere, house.carriers.refuses = nowhere, "too many"
    made = await house.streams.start(PROJECT, CALL, WISH)
    over = await house.becomes(made, StreamStatus.STOPPED)
    assert over.fault is (StreamFault.INVALID_URL if nowhere else StreamFault.GENERAL)
    assert house.news == ["stream-error"]
    assert (await house.streams.over(made)).over


async def test_names_are_taken_once_and_there_are_only_so_many(house: House) -> None:
    await house.streams.start(PROJECT, CALL, StreamWish("wss://a.example/", name="mine"))
    twin = await house.streams.start(PROJECT, CALL, StreamWish("wss://a.example/", name="mine"))
    assert (twin.over, twin.fault) == (True, StreamFault.NAME_TAKEN)
    elsewhere = await house.streams.start(PROJECT, ROOM, StreamWish("wss://a.example/", name="mine"))
    assert not elsewhere.over
    for _ in range(MOST_OF_ONE - 1):
        assert not (await house.streams.start(PROJECT, CALL, LISTENER)).over
    assert (await house.streams.start(PROJECT, CALL, LISTENER)).fault is StreamFault.GENERAL
    for _ in range(MOST_TWO_WAY):
        assert not (await house.streams.start(PROJECT, ROOM, AGENT)).over
    assert (await house.streams.start(PROJECT, ROOM, AGENT)).fault is StreamFault.GENERAL


async def test_what_is_stopped_before_its_server_was_found_is_never_begun(house: House) -> None:
    house.carriers.gate.clear()
    made = await house.streams.start(PROJECT, CALL, WISH)
    await house.streams.stop(made)
    house.carriers.gate.set()
    assert (await house.streams.over(made)).over
    assert (house.carriers.opened, house.news) == ({}, ["stream-stopped"])


async def test_what_is_stopped_while_the_engine_takes_it_is_closed_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is noted only after the engine has taken it: nothing may be carried on for ever."""
    slow, commit = asyncio.Event(), house.store.commit_stream
    house.carriers.gate.clear()
    made = await house.streams.start(PROJECT, CALL, WISH)

    async def late(*what: Any) -> None:
        await slow.wait()
        await commit(*what)

    monkeypatch.setattr(house.store, "commit_stream", late)
    house.streams.ended(CALL)
    await asyncio.sleep(0)
    house.carriers.opened.clear()
    house.carriers.gate.set()
    await until(lambda: made.id in house.carriers.opened)
    await until(lambda: made.id in house.carriers.closed)
    slow.set()
    await house.becomes(made, StreamStatus.STOPPED)


async def test_who_goes_while_a_stream_is_noted_leaves_none(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, slow, commit = asyncio.Event(), asyncio.Event(), house.store.commit_stream

    async def late(*what: Any) -> None:
        await commit(*what)
        reached.set()
        await slow.wait()

    monkeypatch.setattr(house.store, "commit_stream", late)
    wish = asyncio.create_task(house.streams.start(PROJECT, CALL, WISH))
    await reached.wait()
    wish.cancel()
    slow.set()
    with pytest.raises(asyncio.CancelledError):
        await wish
    async with asyncio.timeout(20):
        while house.streams.of(CALL):  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.001)
    assert not await house.store.live_streams()
    assert not house.carriers.opened


async def test_streams_end_with_their_subject_alone(house: House) -> None:
    mine, other = await house.begin(CALL, WISH), await house.begin(ROOM, WISH)
    house.streams.ended(CALL)
    await house.becomes(mine, StreamStatus.STOPPED)
    assert house.carriers.closed == [mine.id]
    assert [one.id for one in house.streams.of(ROOM)] == [other.id]


async def test_a_listener_follows_who_speaks_in_a_conference(house: House) -> None:
    """Agents come and go; nobody hears themselves on the outbound track."""
    listener = await house.begin(ROOM, LISTENER)
    assert house.carriers.opened[listener.id] == ()
    first, second = await house.begin(ROOM, AGENT), await house.begin(ROOM, AGENT)
    await house.begin(ConferenceId(7), AGENT)  # of another conference
    assert (first.source, second.source) != (None, None)
    assert house.carriers.tuned[listener.id] == (first.source, second.source)
    assert house.carriers.tuned[first.id] == (second.source,)
    assert house.carriers.opened[second.id] == (first.source,)
    house.streams.take(RelayClosed(first.id, None, "", 0))
    await until(lambda: house.carriers.tuned[listener.id] == (second.source,))
    assert house.carriers.tuned[second.id] == ()
    said = [one for one in house.voices if one[0] == ROOM]
    assert said == [(ROOM, first.source, True), (ROOM, second.source, True), (ROOM, first.source, False)]


async def test_one_whose_server_is_still_looked_for_hears_who_came_meanwhile(house: House) -> None:
    agent = await house.begin(ROOM, AGENT)
    house.carriers.gate.clear()
    late = await house.streams.start(PROJECT, ROOM, LISTENER)
    house.streams.take(RelayClosed(agent.id, None, "", 0))
    await until(lambda: [one.id for one in house.streams.of(ROOM)] == [late.id])
    house.carriers.gate.set()
    await until(lambda: late.id in house.carriers.opened)
    assert house.carriers.opened[late.id] == ()


async def test_keys_go_both_ways(house: House) -> None:
    agent = await house.begin(CALL, AGENT)
    listener = await house.begin(CALL, LISTENER)
    house.streams.press(CALL, "5")
    assert [(one, '"5"' in text) for one, text in house.carriers.told] == [(agent.id, True)]
    house.streams.take(RelayTold(agent.id, '{"event":"dtmf","dtmf":{"digit":"7"}}'))
    house.streams.take(RelayTold(agent.id, '{"event":"hello"}'))
    await until(lambda: house.pressed == [(CALL, "7")])
    assert listener.id not in house.carriers.closed


@pytest.mark.parametrize(
    ("word", "fault"), [("tls", StreamFault.NO_CONNECTION), ("broken", StreamFault.GENERAL)]
)
async def test_a_server_that_breaks_off_is_told_as_an_error(
    house: House, word: str, fault: StreamFault
) -> None:
    made = await house.begin(CALL, WISH)
    house.streams.take(RelayClosed(made.id, word, "it broke", 40))
    over = await house.becomes(made, StreamStatus.STOPPED)
    assert (over.fault, house.news) == (fault, ["stream-started", "stream-error"])


async def test_a_new_brain_takes_up_what_is_carried_and_ends_what_is_not(house: House) -> None:
    carried, lost = await house.begin(ROOM, AGENT), await house.begin(ROOM, LISTENER)
    await house.streams.close()
    stranger = StreamId(999)
    house.carriers.holding = HeldRelays(frozenset({carried.id, stranger}), frozenset({carried.id}))
    house.restart()
    await house.streams.resume()
    await house.becomes(lost, StreamStatus.STOPPED)
    assert house.carriers.closed == [stranger]
    assert [one.id for one in house.streams.of(ROOM)] == [carried.id]
    await house.streams.stop(carried)
    assert house.carriers.closed == [stranger, carried.id]


async def test_another_engine_carries_nothing_of_it(house: House) -> None:
    made = await house.begin(CALL, WISH)
    house.carriers.holding = HeldRelays()
    await house.streams.again()
    over = await house.becomes(made, StreamStatus.STOPPED)
    assert (over.fault, house.news) == (None, ["stream-started", "stream-stopped"])
