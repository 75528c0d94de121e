"""Meeting an engine, losing it, and meeting it again."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Self

import msgspec
import pytest

from roomtone.core.exchange import EngineUnavailable
from roomtone.link import Link, OrderRefused
from roomtone.link import messages as m
from roomtone.link.frames import frame, read_body

from .conftest import Stage, content_of, enter, settings_for, short_folder

Anything = msgspec.msgpack.Decoder(m.Message)


class Bare:
    """A connection without manners: sends what it is given."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_unix_connection(self.stage.settings.socket)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def say(self, message: msgspec.Struct) -> m.Message | None:
        """Send one message and give the next thing that is said, None for the end."""
        self.writer.write(frame(message))
        return await self.next()

    async def next(self) -> m.Message | None:
        async with asyncio.timeout(5):
            body = await read_body(self.reader)
        return None if body is None else Anything.decode(body)


def hello(protocol: str = m.VERSION) -> m.Hello:
    return m.Hello(n=1, protocol=protocol, brain="test")


async def test_the_engine_says_who_it_is_and_where(stage: Stage) -> None:
    welcome = stage.link.welcome
    assert welcome is not None
    assert welcome.protocol.split(".")[0] == m.VERSION.split(".")[0]
    assert len(welcome.instance) == 32
    assert (welcome.rtp_first, welcome.rtp_last) == (stage.settings.rtp_first, stage.settings.rtp_last)


async def test_another_major_version_is_refused(stage: Stage) -> None:
    async with Bare(stage) as bare:
        reply = await bare.say(hello("999.0"))
        assert isinstance(reply, m.Refused)
        assert (reply.n, reply.code) == (1, "version")


async def test_hello_comes_first(stage: Stage) -> None:
    async with Bare(stage) as bare:
        reply = await bare.say(m.TakeSnapshot(n=4))
        assert isinstance(reply, m.Refused)
        assert (reply.n, reply.code) == (4, "hello-first")


async def test_hello_is_said_once(stage: Stage) -> None:
    with pytest.raises(OrderRefused, match="hello-twice"):
        await stage.link.ask(hello())


async def test_an_order_of_a_later_version_is_refused_and_the_connection_stays(stage: Stage) -> None:
    class Levitate(msgspec.Struct, tag_field="t", tag="Levitate"):
        n: int

    async with Bare(stage) as bare:
        assert isinstance(await bare.say(hello()), m.Welcome)
        reply = await bare.say(Levitate(n=2))
        assert isinstance(reply, m.Refused)
        assert (reply.n, reply.code) == (2, "unknown-order")
        assert isinstance(await bare.say(m.TakeSnapshot(n=3)), m.Snapshot)


@pytest.mark.parametrize(
    "garbage", [b"\xff\xff\xff\xff", b"\0\0\0\3abc", b"\0\0\0\1\x80", b"GET / HTTP/1.1\r\n\r\n"]
)
async def test_garbage_ends_its_connection_and_nothing_else(stage: Stage, garbage: bytes) -> None:
    async with Bare(stage) as bare:
        bare.writer.write(garbage)
        assert await bare.next() is None
    assert isinstance(await stage.snapshot(), m.Snapshot)


async def test_a_connection_that_says_nothing_hurts_nobody(stage: Stage) -> None:
    async with Bare(stage):
        assert isinstance(await stage.snapshot(), m.Snapshot)


async def test_the_newest_brain_takes_over(stage: Stage) -> None:
    lost = asyncio.Event()
    stage.link.on_lost(lost.set)
    async with Bare(stage) as bare:
        assert isinstance(await bare.say(hello()), m.Welcome)
        async with asyncio.timeout(5):
            await lost.wait()
        await stage.link.stop()
        assert isinstance(await bare.say(m.TakeSnapshot(n=2)), m.Snapshot)


async def test_orders_are_answered_in_order(stage: Stage) -> None:
    async with Bare(stage) as bare:
        await bare.say(hello())
        orders = [m.DropConference(n=n, conference=f"{n:032x}") for n in range(2, 102)]
        bare.writer.write(b"".join(map(frame, orders)))
        assert [(await bare.next()).n for _ in orders] == list(range(2, 102))


async def test_a_new_engine_holds_nothing(fresh: Stage) -> None:
    snapshot = await fresh.snapshot()
    nothing = m.Snapshot(
        n=snapshot.n, legs=[], streams=[], plans=[], sources=[], clips=[], recordings=[], relays=[]
    )
    assert (
        msgspec.structs.replace(snapshot, relays=snapshot.relays or []) == nothing
    )  # not every engine has relays


async def test_a_brain_that_comes_back_finds_all_as_it_was_and_nobody_heard_it(stage: Stage) -> None:
    """The heart of a restart: the conversation goes on without a brain, and is adopted as it is."""
    await stage.party("ABC")
    await stage.start("hold:C", 5, tone_hz=1123.0)
    await stage.plan(stage.seat("A"), stage.seat("B"), stage.seat("C", "nobody", "hold:C"))
    await stage.hears(A="B", B="A", C="music")
    await leave_and_come_back(stage)
    gap_ms = max(phone.longest_gap_ms(1_500) for phone in stage.phones.values())
    assert gap_ms < 60 or gap_ms < 60 + await stage.stood_still_ms(), "somebody heard a gap"
    await stage.unbroken("A", "B", "C")


async def leave_and_come_back(stage: Stage) -> None:
    before = await stage.snapshot()
    instance = stage.link.welcome.instance
    await stage.link.stop()

    await stage.phones["A"].wait_for_packets(25)
    await stage.hears(A="B", B="A", C="music")
    stage.phones["B"].press("7")
    await stage.phones["B"].wait_for_packets(20)

    back = Link(stage.settings.socket)
    back.on_fact(stage.take)
    assert (await back.start()).instance == instance
    await stage.phones["A"].wait_for_packets(5)
    assert not any(isinstance(fact, m.Digit) for fact in stage.facts), "facts wait for the snapshot"
    after = await back.ask(m.TakeSnapshot(n=0), m.Snapshot)
    assert msgspec.structs.replace(after, n=0) == msgspec.structs.replace(before, n=0)
    digit = await stage.fact(m.Digit, call=stage.calls["B"])
    assert digit.digit == "7", "facts wait for the brain that comes back"
    stage.link, stage.revision = back, stage.revision + 1
    await stage.plan(stage.seat("A"), stage.seat("B"), stage.seat("C", "nobody", "hold:C"))
    await stage.hears(A="B", B="A", C="music")


async def test_an_engine_that_is_shut_down_answers_first_and_is_gone_then(fresh: Stage) -> None:
    assert isinstance(await fresh.link.ask(m.Shutdown(n=0, within_ms=500)), m.Done)
    await fresh.process.shut_down(1.0)
    assert not fresh.settings.socket.exists()
    with pytest.raises(EngineUnavailable):
        await fresh.snapshot()


async def test_an_engine_left_alone_ends_by_itself(make: str) -> None:
    async with short_folder() as folder:
        orphan = await enter(make, replace(settings_for(make, folder), orphan_s=1))
        await orphan.phone("A")
        await orphan.process.stop()
        await orphan.phones["A"].wait_for_packets(25)
        async with asyncio.timeout(10):
            while orphan.settings.socket.exists():  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        await orphan.close()


async def test_a_refused_order_changes_nothing(stage: Stage) -> None:
    with pytest.raises(OrderRefused):
        await stage.link.ask(m.StartSource(n=0, source="x", turn=1, content=content_of(clip="none")))
    snapshot = await stage.snapshot()
    assert snapshot.sources == []
