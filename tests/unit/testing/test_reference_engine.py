"""What the reference engine does beyond the contract: its in-process face, and its command line."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roomtone.link import Link
from roomtone.link import messages as m
from roomtone.testing.reference_engine import FACTS_KEPT, ReferenceEngine, Settings, read_arguments


@pytest.fixture
async def engine() -> AsyncIterator[ReferenceEngine]:
    folder = Path(tempfile.mkdtemp(prefix="rt"))
    async with ReferenceEngine(Settings(folder / "s")) as one:
        yield one
    shutil.rmtree(folder)


@pytest.fixture
async def link(engine: ReferenceEngine) -> AsyncIterator[Link]:
    one = Link(engine.settings.socket)
    await one.start()
    yield one
    await one.stop()


def test_the_command_line_is_the_native_ones() -> None:
    line = "--socket /x/engine.sock --sip 127.0.0.1:5060 --rtp-host 127.0.0.2 --rtp-ports 4000-4010"
    settings = read_arguments(
        [
            *line.split(),
            "--media-threads",
            "3",
            "--noise-floor",
            "60",
            "--automatic-gain",
            "true",
            "--orphan-seconds",
            "9",
            "--log",
            "debug",
        ]
    )
    assert settings == Settings(Path("/x/engine.sock"), "127.0.0.2", 4_000, 4_010, 9.0)


async def test_orders_are_remembered_and_waited_for(engine: ReferenceEngine, link: Link) -> None:
    call = engine.ring("+15551230000", "v=0")
    waiting = asyncio.create_task(engine.wait_for(m.Answer, call=call))
    await link.ask(m.Ring(n=0, call=call, sdp=None))
    await link.ask(m.Answer(n=0, call=call, sdp="v=0"))
    assert (await waiting).sdp == "v=0"
    assert [type(order) for order in engine.told] == [m.Ring, m.Answer]
    with pytest.raises(TimeoutError):
        await engine.wait_for(m.HangUp, within_s=0.01)


async def test_a_call_is_in_the_snapshot_until_it_is_over(engine: ReferenceEngine, link: Link) -> None:
    call = engine.ring("+15551230000", "v=0")
    snapshot = await link.ask(m.TakeSnapshot(n=0), m.Snapshot)
    assert [(leg.call, leg.answered) for leg in snapshot.legs] == [(call, False)]
    engine.hang_up_remotely(call)
    assert (await link.ask(m.TakeSnapshot(n=0), m.Snapshot)).legs == []
    assert call in engine.signalling.past


async def test_when_too_many_facts_wait_statistics_go_first(engine: ReferenceEngine, link: Link) -> None:
    statistics = {name: 0 for name in m.StreamStatistics.__struct_fields__ if name.startswith("packets")}
    for number in range(100):
        told = m.StreamStatistics(
            call=f"{number}", last=False, jitter_ms=0.0, depth_ms=0.0, round_trip_ms=None, **statistics
        )
        engine._tell(told)
    for number in range(FACTS_KEPT):
        engine._tell(m.SourceEnded(source="s", turn=number))
    facts: list[m.Fact] = []
    done = asyncio.Event()
    link.on_fact(lambda fact: (facts.append(fact), done.set() if len(facts) > FACTS_KEPT else None))
    await link.ask(m.TakeSnapshot(n=0), m.Snapshot)
    async with asyncio.timeout(10):
        await done.wait()
    assert facts[0] == m.FactsDropped(count=100)
    assert [fact.turn for fact in facts[1:]] == list(range(FACTS_KEPT))


async def test_it_is_shut_down_by_order_and_says_goodbye(engine: ReferenceEngine, link: Link) -> None:
    call = engine.ring("1", "v=0")
    ended = asyncio.Event()
    link.on_fact(lambda fact: ended.set() if isinstance(fact, m.Ended) and fact.call == call else None)
    await link.ask(m.TakeSnapshot(n=0), m.Snapshot)
    await link.ask(m.Shutdown(n=0, within_ms=100))
    async with asyncio.timeout(5):
        await engine.over.wait()
        await ended.wait()
