"""The link across engines that come and go."""

from __future__ import annotations

import asyncio

import pytest

from roomtone.core.exchange import EngineUnavailable
from roomtone.link import Link, Settings
from roomtone.link import messages as m
from roomtone.link.frames import LIMIT_BYTES, FrameTooLarge

from .conftest import EAGER, Scripted


class Watched:
    """What a link told of itself."""

    def __init__(self, link: Link) -> None:
        self.lost, self.back = asyncio.Event(), asyncio.Event()
        self.instances: list[str] = []
        link.on_lost(self.lost.set)
        link.on_back(self.take)

    def take(self, welcome: m.Welcome) -> None:
        self.instances.append(welcome.instance)
        self.back.set()

    async def wait(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(30):
            await event.wait()


async def test_before_its_start_there_is_no_engine(scripted: Scripted) -> None:
    link = Link(scripted.socket, EAGER)
    with pytest.raises(EngineUnavailable):
        await link.ask(m.TakeSnapshot(n=0))
    link.post(m.TakeSnapshot(n=0))
    assert link.welcome is None
    assert link.engine_pid is None
    await link.stop()


async def test_what_waits_fails_when_the_engine_dies(link: Link, scripted: Scripted) -> None:
    watched = Watched(link)
    asks = [asyncio.create_task(link.ask(m.TakeSnapshot(n=0))) for _ in range(3)]
    for _ in asks:
        await scripted.next(m.TakeSnapshot)
    await scripted.close()
    for ask in asks:
        with pytest.raises(EngineUnavailable):
            await ask
    await watched.wait(watched.lost)
    assert link.welcome is None
    with pytest.raises(EngineUnavailable):
        await link.ask(m.TakeSnapshot(n=0))


async def test_it_comes_back_by_itself_and_says_with_whom(link: Link, scripted: Scripted) -> None:
    watched = Watched(link)
    await scripted.close()
    await watched.wait(watched.lost)
    link.post(m.StopSource(n=0, source="dropped"))
    scripted.welcome = m.Welcome(
        n=0, protocol=m.VERSION, engine="next", instance="2", listeners=[], rtp_first=2, rtp_last=3
    )
    scripted.socket.unlink(missing_ok=True)
    await scripted.open()
    await watched.wait(watched.back)
    assert watched.instances == ["2"]
    assert link.welcome.instance == "2"
    await scripted.next(m.Hello)
    link.post(m.StopSource(n=0, source="said"))
    assert (await scripted.next(m.StopSource)).source == "said"


async def test_that_it_is_back_is_told_before_any_fact(link: Link, scripted: Scripted) -> None:
    order, heard = [], asyncio.Event()
    link.on_back(lambda _: order.append("back"))
    link.on_fact(lambda _: (order.append("fact"), heard.set()))
    scripted.hang_up()
    await scripted.next(m.Hello)
    scripted.say(m.FactsDropped(count=1))
    async with asyncio.timeout(30):
        await heard.wait()
    assert order == ["back", "fact"]


async def test_an_engine_of_another_version_is_not_taken_back(link: Link, scripted: Scripted) -> None:
    watched = Watched(link)
    scripted.greets = False
    scripted.hang_up()
    await watched.wait(watched.lost)
    for _ in range(2):
        number = (await scripted.next(m.Hello)).n
        scripted.say(m.Refused(n=number, code="version", text="too old"))
    scripted.greets = True
    await watched.wait(watched.back)


async def test_no_reply_in_time_is_no_engine(scripted: Scripted) -> None:
    link = Link(scripted.socket, Settings(hello_within_s=30, reply_within_s=1))
    await link.start()
    await scripted.next(m.Hello)
    with pytest.raises(EngineUnavailable, match="no reply to TakeSnapshot"):
        await link.ask(m.TakeSnapshot(n=0))
    number = (await scripted.next(m.TakeSnapshot)).n
    scripted.say(m.Done(n=number))  # too late: nobody waits
    ask = asyncio.create_task(link.ask(m.CloseStream(n=0, call="a")))
    scripted.say(m.Done(n=(await scripted.next(m.CloseStream)).n))
    await ask
    await link.stop()


async def test_an_order_too_large_is_refused_here_and_the_connection_stays(
    link: Link, scripted: Scripted
) -> None:
    clip = m.LoadClip(n=0, clip="long", rate_hz=8_000, pcm=bytes(LIMIT_BYTES))
    with pytest.raises(FrameTooLarge):
        await link.ask(clip)
    with pytest.raises(FrameTooLarge):
        link.post(clip)
    link.post(m.StopSource(n=0, source="after"))
    assert (await scripted.next(m.StopSource)).n == 2


async def test_an_engine_that_stops_reading_counts_as_lost(scripted: Scripted) -> None:
    link = Link(scripted.socket, Settings(retry_first_s=5.0, unsent_limit_bytes=100_000))
    await link.start()
    watched = Watched(link)
    scripted.writer.transport.pause_reading()
    clip = m.LoadClip(n=0, clip="big", rate_hz=8_000, pcm=bytes(400_000))
    for _ in range(10):
        link.post(clip)
    await watched.wait(watched.lost)
    await link.stop()


async def test_a_stopped_link_tells_nobody(link: Link, scripted: Scripted) -> None:
    watched = Watched(link)
    await link.stop()
    await scripted.close()
    assert not watched.lost.is_set()
    with pytest.raises(EngineUnavailable):
        await link.ask(m.TakeSnapshot(n=0))
