"""The signalling adapter with the reference engine behind it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roomtone.core.call.messages import CallConfirmed, CallEnded, CallReoffered, EndedBy, IncomingCall
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.link import Link, OrderRefused
from roomtone.link import messages as m
from roomtone.signalling import EngineSignalling
from roomtone.signalling.adapter import signal_of
from roomtone.testing.reference_engine import ReferenceEngine, Settings


@pytest.fixture
async def engine() -> AsyncIterator[ReferenceEngine]:
    folder = Path(tempfile.mkdtemp(prefix="rt"))
    async with ReferenceEngine(Settings(folder / "s")) as one:
        yield one
    shutil.rmtree(folder)


@pytest.fixture
def signals() -> asyncio.Queue:
    return asyncio.Queue()


@pytest.fixture
async def signalling(engine: ReferenceEngine, signals: asyncio.Queue) -> AsyncIterator[EngineSignalling]:
    link = Link(engine.settings.socket)
    one = EngineSignalling(link, signals.put_nowait)
    await link.start()
    await link.ask(m.TakeSnapshot(n=0), m.Snapshot)
    yield one
    await link.stop()


async def test_a_call_from_ring_to_bye(
    engine: ReferenceEngine, signalling: EngineSignalling, signals: asyncio.Queue
) -> None:
    call = CallId.from_hex(engine.ring("+15551230000", "v=0", caller="+15559990000"))
    incoming = await signals.get()
    assert isinstance(incoming, IncomingCall)
    assert (incoming.call, incoming.sdp, incoming.headers) == (call, "v=0", ())
    assert incoming.from_uri == "sip:+15559990000@127.0.0.1"
    assert incoming.request_uri == "sip:+15551230000@127.0.0.1"
    await signalling.ring(call)
    await signalling.answer(call, "v=0 ours")
    assert await signals.get() == CallConfirmed(call)
    engine.signalling.reoffer(call.hex, "v=0 hold")
    assert await signals.get() == CallReoffered(call, "v=0 hold")
    await signalling.refuse(call, 488, "Not Acceptable Here")
    engine.signalling.reoffer(call.hex, None)
    assert await signals.get() == CallReoffered(call, None)
    await signalling.answer(call, "v=0 again")
    assert await signals.get() == CallConfirmed(call)
    engine.hang_up_remotely(call.hex)
    assert await signals.get() == CallEnded(call, EndedBy.REMOTE, 0, "", answered=True)
    leg = engine.signalling.past[call.hex]
    assert leg.rings
    assert leg.answers == ["v=0 ours", "v=0 again"]
    assert leg.refused == (488, "Not Acceptable Here")


async def test_a_call_is_refused(
    engine: ReferenceEngine, signalling: EngineSignalling, signals: asyncio.Queue
) -> None:
    call = CallId.from_hex(engine.ring("1", None))
    await signals.get()
    await signalling.refuse(call, 404, "Not Found")
    assert await signals.get() == CallEnded(call, EndedBy.LOCAL, 404, "Not Found", answered=False)


async def test_hanging_up_twice_ends_once(
    engine: ReferenceEngine, signalling: EngineSignalling, signals: asyncio.Queue
) -> None:
    call = CallId.from_hex(engine.ring("1", "v=0"))
    await signals.get()
    await signalling.answer(call, "v=0")
    await signals.get()
    for _ in range(2):
        await signalling.hang_up(call)
    assert (await signals.get()).by is EndedBy.LOCAL
    assert signals.empty()


async def test_orders_for_a_call_that_is_gone_do_nothing(
    signalling: EngineSignalling, signals: asyncio.Queue
) -> None:
    gone = CallId(77)
    await signalling.ring(gone)
    await signalling.answer(gone, "v=0")
    await signalling.refuse(gone, 486, "Busy Here")
    await signalling.hang_up(gone)
    assert signals.empty()


async def test_without_an_engine_orders_fail(engine: ReferenceEngine, signals: asyncio.Queue) -> None:
    signalling = EngineSignalling(Link(engine.settings.socket), signals.put_nowait)
    with pytest.raises(EngineUnavailable):
        await signalling.hang_up(CallId(1))


def test_every_way_to_end_has_a_word_in_the_house() -> None:
    for by in m.EndedBy:
        ended = m.Ended(call=f"{1:032x}", by=by, status=0, reason="", answered=True)
        assert signal_of(ended) == CallEnded(CallId(1), EndedBy(by.value), 0, "", answered=True)


def test_headers_and_a_late_answer_come_up() -> None:
    call = f"{1:032x}"
    header = m.Header(name="X-Tag", value="7")
    incoming = m.IncomingCall(
        call=call,
        from_uri="f",
        from_display="F",
        to_uri="t",
        request_uri="r",
        sip_call_id="id",
        sdp=None,
        headers=[header],
        transport="tcp",
        source_host="192.0.2.1",
        source_port=5_061,
    )
    assert signal_of(incoming) == IncomingCall(
        CallId(1), "f", "F", "t", "r", "id", None, (("X-Tag", "7"),), "tcp", "192.0.2.1", 5_061
    )
    assert signal_of(m.Confirmed(call=call, sdp="v=0")) == CallConfirmed(CallId(1), "v=0")


def test_facts_about_sound_are_none_of_its_business() -> None:
    assert signal_of(m.Digit(call=f"{1:032x}", digit="1", duration_ms=1)) is None


async def test_what_another_engine_can_go_on_with_is_forgotten_in_time(
    signalling: EngineSignalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (CallId(number) for number in (1, 2, 3))
    signalling.remember({one: b"1", two: b"2", three: b"3"})
    assert signalling.restorable == {one, two, three}
    signalling.forget(frozenset({one, two}))
    assert signalling.restorable == {one, two}
    assert not await signalling.restore(three)

    async def refuse(_order: m.Order) -> None:
        raise OrderRefused("bad-dialog", "this was kept by another kind of engine")

    with monkeypatch.context() as patched:
        patched.setattr(signalling._link, "ask", refuse)
        assert not await signalling.restore(two)
    assert signalling.restorable == {one}
    signalling._take(
        m.Ended(call=one.hex, by=m.EndedBy.LOCAL, status=0, reason="", answered=True),
    )
    assert not signalling.restorable
