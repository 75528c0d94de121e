"""One life of the socket."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from roomtone.core.exchange import EngineUnavailable
from roomtone.link import Link, OrderRefused, Settings, VersionRefused
from roomtone.link import messages as m
from roomtone.link.connection import versions_agree

from .conftest import EAGER, Scripted


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        ("1.0", "1.0", True),
        ("1.3", "1.2", True),
        ("1.3", "1.1", False),
        ("1.0", "1.9", True),
        ("1.0", "2.0", False),
        ("2.0", "1.0", False),
        ("1.0", "1", False),
        ("1.0", "one.two", False),
    ],
)
def test_an_engine_may_be_newer_or_one_minor_version_older(ours: str, theirs: str, agree: bool) -> None:
    assert versions_agree(ours, theirs) is agree


async def test_orders_are_numbered_and_replies_find_them_in_any_order(link: Link, scripted: Scripted) -> None:
    asks = [asyncio.create_task(link.ask(m.CloseStream(n=0, call=call))) for call in "ab"]
    first, second = [await scripted.next(m.CloseStream) for _ in asks]
    assert (first.n, second.n) == (2, 3)
    scripted.say(m.Done(n=3), m.Refused(n=2, code="why", text="because"))
    with pytest.raises(OrderRefused, match="why: because"):
        await asks[0]
    assert await asks[1] == m.Done(n=3)


async def test_posts_and_asks_keep_their_order(link: Link, scripted: Scripted) -> None:
    link.post(m.StopSource(n=0, source="1"))
    ask = asyncio.create_task(link.ask(m.TakeSnapshot(n=0), m.Snapshot))
    await asyncio.sleep(0)
    link.post(m.StopSource(n=0, source="2"))
    assert (await scripted.next(m.StopSource)).source == "1"
    number = (await scripted.next(m.TakeSnapshot)).n
    assert (await scripted.next(m.StopSource)).source == "2"
    snapshot = m.Snapshot(n=number, legs=[], streams=[], plans=[], sources=[], clips=[])
    scripted.say(snapshot)
    assert await ask == snapshot


async def test_facts_are_told_in_order_even_if_a_listener_breaks(link: Link, scripted: Scripted) -> None:
    told, done = [], asyncio.Event()
    broken = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context["exception"]))

    def listen(fact: m.Fact) -> None:
        told.append(fact.count)
        if fact.count == 300:
            done.set()
        if fact.count == 7:
            raise RuntimeError("a bug")

    link.on_fact(listen)
    scripted.say(*(m.FactsDropped(count=count) for count in range(301)))
    async with asyncio.timeout(30):
        await done.wait()
    assert told == list(range(301))
    assert [str(problem) for problem in broken] == ["a bug"]


class Levitated(msgspec.Struct, tag_field="t", tag="Levitated"):
    call: str


async def test_a_fact_of_a_later_version_is_passed_over(
    link: Link, scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    told = asyncio.Event()
    link.on_fact(lambda _: told.set())
    scripted.say(Levitated(call="a"), m.FactsDropped(count=1))
    async with asyncio.timeout(30):
        await told.wait()
    assert "something unknown" in caplog.text


async def test_a_refused_post_is_logged(
    link: Link, scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    link.post(m.StopSource(n=0, source="1"))
    scripted.say(m.Refused(n=(await scripted.next(m.StopSource)).n, code="no-way", text="none"))
    ask = asyncio.create_task(link.ask(m.TakeSnapshot(n=0), m.Done))
    scripted.say(m.Done(n=(await scripted.next(m.TakeSnapshot)).n))
    await ask
    assert "no-way" in caplog.text


async def test_an_engine_of_another_version_is_refused(scripted: Scripted) -> None:
    scripted.welcome = m.Welcome(
        n=0, protocol="7.0", engine="old", instance="1", listeners=[], rtp_first=2, rtp_last=3
    )
    with pytest.raises(VersionRefused, match=r"old speaks protocol 7\.0"):
        await Link(scripted.socket, EAGER).start()


async def test_a_brain_of_another_version_is_refused(scripted: Scripted) -> None:
    scripted.greets = False
    starting = asyncio.create_task(Link(scripted.socket, EAGER).start())
    number = (await scripted.next(m.Hello)).n
    scripted.say(m.Refused(n=number, code="version", text="too old"))
    with pytest.raises(VersionRefused, match="too old"):
        await starting


async def test_something_else_behind_the_socket_is_refused(scripted: Scripted) -> None:
    scripted.greets = False
    starting = asyncio.create_task(Link(scripted.socket, EAGER).start())
    number = (await scripted.next(m.Hello)).n
    scripted.say(m.Done(n=number))
    with pytest.raises(VersionRefused, match="Done"):
        await starting


async def test_an_engine_that_does_not_greet_is_no_engine(scripted: Scripted) -> None:
    scripted.greets = False
    with pytest.raises(EngineUnavailable, match="no reply to Hello"):
        await Link(scripted.socket, Settings(hello_within_s=0.3)).start()


async def test_nobody_at_the_socket_is_no_engine(folder: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no engine answers"):
        await Link(folder / "engine.sock", EAGER).start()


async def test_a_frame_that_cannot_be_ends_the_connection(
    link: Link, scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    lost = asyncio.Event()
    link.on_lost(lost.set)
    with caplog.at_level(logging.ERROR):
        scripted.writer.write(b"\xff\xff\xff\xff")
        async with asyncio.timeout(30):
            await lost.wait()
    assert "impossible frame" in caplog.text
