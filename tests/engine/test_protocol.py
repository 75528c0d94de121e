"""The engine protocol, the engine's side: greeting, replies, frames that are none, and who may speak."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest

from engine.brain import Brain, Gone
from engine.calls import answered
from engine.conftest import NewPhone
from engine.running import Running
from roomtone.link import messages as m
from roomtone.link.frames import frame

NOBODY = "0" * 32
FORMAT = m.Format(codec=m.Codec.PCMU, payload_type=0, digit_payload_type=None, ptime_ms=20)
STREAM: dict[str, Any] = {
    "call": NOBODY, "format": FORMAT, "remote_host": "127.0.0.1", "remote_port": 4000, "flow": m.Flow.SENDRECV,
}  # fmt: skip
SILENCE = m.Content(clip=None, loops=0, tone_hz=None, level_db=0.0, duration_ms=0)
ORDERS: list[tuple[type[msgspec.Struct], dict[str, Any]]] = [
    (m.Hello, {"protocol": m.VERSION, "brain": "again"}),
    (m.TakeSnapshot, {}),
    (m.Ring, {"call": NOBODY, "sdp": None}),
    (m.Answer, {"call": NOBODY, "sdp": "v=0"}),
    (m.Refuse, {"call": NOBODY, "status": 486, "reason": "", "headers": []}),
    (m.Refuse, {"call": NOBODY, "status": 200, "reason": "", "headers": []}),
    (m.HangUp, {"call": NOBODY, "reason": ""}),
    (m.OpenStream, STREAM),
    (m.ChangeStream, STREAM),
    (m.CloseStream, {"call": NOBODY}),
    (m.ApplyPlan, {"conference": NOBODY, "revision": 1, "seats": [], "speech": False}),
    (m.DropConference, {"conference": NOBODY}),
    (m.LoadClip, {"clip": "c", "rate_hz": 8000, "pcm": b"\0\0" * 80}),
    (m.DropClip, {"clip": "c"}),
    (m.StartSource, {"source": "s", "turn": 1, "content": SILENCE}),
    (m.StopSource, {"source": "s"}),
    (m.PlayOnce, {"conference": NOBODY, "content": SILENCE, "calls": []}),
    (m.PressKeys, {"call": NOBODY, "keys": "1"}),
]


async def test_welcome_tells_what_the_readiness_line_told(engine: Running) -> None:
    brain = await Brain.connect(engine.socket)
    welcome = await brain.hello()
    assert isinstance(welcome, m.Welcome)
    ready = engine.ready
    assert (welcome.protocol, welcome.instance, welcome.engine) == (
        m.VERSION,
        ready["instance"],
        ready["engine"],
    )
    assert [msgspec.to_builtins(one) for one in welcome.listeners] == ready["listeners"]
    assert (welcome.rtp_first, welcome.rtp_last) == (ready["rtp_first"], ready["rtp_last"])
    assert {one.transport for one in welcome.listeners} == {"udp", "tcp"}
    assert len({one.port for one in welcome.listeners}) == 1
    await brain.close()


@pytest.mark.parametrize("version", ["0.9", "2.0", "", "x"])
async def test_another_major_version_is_refused(engine: Running, version: str) -> None:
    brain = await Brain.connect(engine.socket)
    refused = await brain.hello(version)
    assert isinstance(refused, m.Refused)
    assert refused.code == "version"
    assert m.VERSION in refused.text
    await asyncio.wait_for(brain.gone.wait(), 5)
    await brain.close()


async def test_a_later_minor_version_is_welcome_and_its_new_orders_are_refused(engine: Running) -> None:
    class Juggle(msgspec.Struct, kw_only=True, tag_field="t", tag="Juggle"):
        n: int
        balls: int

    brain = await Brain.connect(engine.socket)
    assert isinstance(await brain.hello(m.VERSION.split(".")[0] + ".99"), m.Welcome)
    refused = await brain.ask(Juggle, balls=3)
    assert isinstance(refused, m.Refused)
    assert refused.code == "unknown-order"
    assert isinstance(await brain.ask(m.TakeSnapshot), m.Snapshot)
    await brain.close()


async def test_the_first_order_must_be_hello(engine: Running) -> None:
    brain = await Brain.connect(engine.socket)
    refused = await brain.ask(m.TakeSnapshot)
    assert isinstance(refused, m.Refused)
    assert refused.code == "hello-first"
    await asyncio.wait_for(brain.gone.wait(), 5)
    await brain.close()


async def test_each_order_gets_exactly_one_reply_in_order(engine: Running, brain: Brain) -> None:
    before = len(brain.replies)
    orders = ORDERS * 20
    futures = [brain.post(kind, **fields) for kind, fields in orders]
    replies = await asyncio.wait_for(asyncio.gather(*futures), 20)
    assert [reply.n for reply in replies] == [reply.n for reply in brain.replies[before:]]
    for (kind, fields), reply in zip(orders, replies, strict=True):
        expected = {m.TakeSnapshot: m.Snapshot, m.OpenStream: m.Opened}.get(kind)
        if expected:
            assert isinstance(reply, expected), reply
        if kind in {m.Ring, m.Answer, m.Refuse}:
            code = "bad-status" if fields.get("status") == 200 else "unknown-call"
            assert isinstance(reply, m.Refused)
            assert reply.code == code
        if kind is m.HangUp:
            assert isinstance(reply, m.Done)
    assert engine.process.poll() is None


BAD = {
    "no MessagePack": b"\0\0\0\x04\xc1\xc1\xc1\xc1",
    "not a map": b"\0\0\0\x01\x2a",
    "no name": b"\0\0\0\x01\x80",
    "an order without its fields": frame(msgspec.defstruct("X", ["t", "n"])(t="Answer", n=1)),
    "a frame beyond the limit": b"\xff\xff\xff\xff",
    "a frame of nothing": b"\0\0\0\0",
}


@pytest.mark.parametrize("greeted", [False, True])
@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
async def test_a_bad_frame_ends_the_connection_and_nothing_else(
    engine: Running, data: bytes, greeted: bool
) -> None:
    brain = await (Brain.attach if greeted else Brain.connect)(engine.socket)
    brain.write(data)
    await asyncio.wait_for(brain.gone.wait(), 5)
    await brain.close()
    again = await Brain.attach(engine.socket)
    await again.close()
    assert "connection closed" in engine.log.read_text()


async def test_noise_on_the_socket_never_ends_the_engine(engine: Running) -> None:
    dice = random.Random(7)
    hello = frame(m.Hello(n=1, protocol=m.VERSION, brain="noise"))
    sound = [frame(kind(n=2, **fields)) for kind, fields in ORDERS]
    for _ in range(150):
        data = bytearray(dice.choice(sound))
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(4, len(data))] = dice.randrange(256)
        brain = await Brain.connect(engine.socket)
        brain.write(hello + bytes(data))
        await brain.hang_up()
    again = await Brain.attach(engine.socket)
    assert isinstance(await again.ask(m.TakeSnapshot), m.Snapshot)
    await again.close()


async def test_a_second_brain_takes_the_place_of_the_first(engine: Running, brain: Brain) -> None:
    second = await Brain.attach(engine.socket)
    await asyncio.wait_for(brain.gone.wait(), 5)
    with pytest.raises(Gone):
        await brain.ask(m.TakeSnapshot)
    assert isinstance(await second.ask(m.TakeSnapshot), m.Snapshot)
    await second.close()


async def test_half_a_frame_hurts_nobody(engine: Running, brain: Brain) -> None:
    brain.write(frame(m.TakeSnapshot(n=99))[:7])
    await brain.close()
    again = await Brain.attach(engine.socket)
    await again.close()
    assert engine.process.poll() is None


async def test_a_long_order_delays_no_fact(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    long = bytes(2 << 20)
    loads = [brain.post(m.LoadClip, clip=f"c{n}", rate_hz=44_100, pcm=long) for n in range(4)]
    phone.say("BYE")
    await brain.fact(m.Ended, call=call)
    assert not loads[-1].done()
    assert [type(reply) for reply in await asyncio.gather(*loads)] == [m.Done] * 4


async def test_a_stream_opened_is_there_for_the_order_behind_it(engine: Running, brain: Brain) -> None:
    seat = m.SeatOrder(
        call=NOBODY, talks=m.Talks.ROOM, target=None, hears=m.Hears.ROOM, source=None, overlays=[]
    )
    opened = brain.post(m.OpenStream, **STREAM)
    applied = brain.post(m.ApplyPlan, conference="f" * 32, revision=1, seats=[seat], speech=False)
    snapshot = brain.post(m.TakeSnapshot)
    assert engine.ready["rtp_first"] <= (await opened).port <= engine.ready["rtp_last"]
    assert isinstance(await applied, m.Done)
    assert [(one.call, one.conference) for one in (await snapshot).streams] == [(NOBODY, "f" * 32)]
