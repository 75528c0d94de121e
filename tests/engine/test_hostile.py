"""What strangers may send: none of it ends the engine, keeps a leg, or spoils the next call."""

from __future__ import annotations

import asyncio

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once
from engine.conftest import NewPhone
from engine.hostile import datagrams
from engine.phone import SDP, Message, Phone
from engine.running import Running
from roomtone.link import messages as m

OPEN = ("--sip-requests", "0", "--sip-t1", "5")


async def survives(engine: Running, brain: Brain, new_phone: NewPhone) -> None:
    """Make sure that a call still works, from ring to end, and that no other is left."""
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("BYE")
    await phone.hears(200, "BYE")
    await ended_once(brain, call)
    assert (await brain.ask(m.TakeSnapshot)).legs == []
    assert engine.process.poll() is None


def refuse_all(brain: Brain) -> None:
    """Have the brain refuse each call of a stranger."""

    def refuse(fact: object) -> None:
        if isinstance(fact, m.IncomingCall) and fact.from_uri != "sip:phone@roomtone.test":
            brain.post(m.Refuse, call=fact.call, status=486, reason="", headers=[])

    brain.on_fact = refuse


@pytest.mark.parametrize("engine", [OPEN], indirect=True)
@pytest.mark.parametrize("seed", [1, 2])
async def test_malformed_datagrams_by_the_thousand(
    engine: Running, brain: Brain, new_phone: NewPhone, seed: int
) -> None:
    stranger, ping = await new_phone(), await new_phone()
    refuse_all(brain)
    for n, datagram in enumerate(datagrams(seed, 6_000)):
        stranger.send(datagram)
        if n % 40 == 0:
            # Its answer shows that all before it has been read: nothing is lost for want of room in the socket.
            ping.say("OPTIONS")
            await ping.hears(200)
    incoming = brain.told(m.IncomingCall)
    assert incoming, "some mutations must be harmless enough to be calls, or the noise proves little"
    for fact in incoming:
        await ended_once(brain, fact.call)
    await survives(engine, brain, new_phone)


@pytest.mark.parametrize("engine", [OPEN], indirect=True)
async def test_malformed_streams(engine: Running, brain: Brain, new_phone: NewPhone) -> None:
    refuse_all(brain)
    for datagram in datagrams(3, 300):
        reader, writer = await asyncio.open_connection(*engine.sip)
        writer.write(datagram)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
    for fact in brain.told(m.IncomingCall):
        await brain.fact(m.Ended, call=fact.call)
    await survives(engine, brain, new_phone)


@pytest.mark.parametrize("length", ["18446744073709551615", "9223372036854775807", "99999999", "-5", "x"])
async def test_a_stream_with_an_impossible_length_is_answered_and_closed(
    engine: Running, brain: Brain, new_phone: NewPhone, length: str
) -> None:
    phone = await new_phone("TCP")
    phone.send(phone.compose("OPTIONS").replace("Content-Length: 0", f"Content-Length: {length}"))
    answer = await phone.inbox.get()
    assert answer.status in {400, 513}
    assert await phone.is_cut_off()
    await survives(engine, brain, new_phone)


async def test_what_is_wrong_is_said(brain: Brain, new_phone: NewPhone) -> None:
    assert brain.facts == []
    cases = [
        ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 505),
        ("Max-Forwards: 70", "X: " + "y" * 9_000, 513),
        ("Contact: <", "Contact: <tel:+1>, <", 400),
        ("Contact:", "Cantact:", 400),
        ("1 INVITE", "1 OPTIONS", 400),
        (";tag=", ";gat=", 400),
        ("INVITE sip:1234", "INVITE ftp:1234", 416),
        ("Content-Length: ", "Content-Length: 9", 400),
        ("From: ", "From: <sip:twice@h>;tag=2\r\nFrom: ", 400),
    ]
    for old, new, status in cases:
        phone = await new_phone()
        invite = phone.compose("INVITE", SDP)
        assert old in invite
        phone.send(invite.replace(old, new, 1))
        await phone.hears(status)
    assert brain.facts == []


async def test_an_ack_is_never_answered(brain: Brain, new_phone: NewPhone) -> None:
    assert brain.facts == []
    phone = await new_phone()
    phone.say("ACK")
    phone.send(phone.compose("ACK").replace("SIP/2.0\r\n", "SIP/9.0\r\n", 1))
    phone.say("OPTIONS")
    answer: Message = await phone.inbox.get()
    assert answer.method == "OPTIONS"


@pytest.mark.parametrize("engine", [("--sip-requests", "5")], indirect=True)
async def test_one_address_may_not_ask_without_end(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    """Twice as many at once as in a second, and as many more as the time that passes allows: it is measured here."""
    phone, neighbour = await new_phone(), await new_phone(local="127.0.0.2")
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for _ in range(10):
        for _ in range(40):
            phone.say("OPTIONS")
        neighbour.say("OPTIONS")
        await neighbour.hears(200)
    for _ in range(10):
        await phone.hears(200)
    assert len(phone.heard()) <= 5 * (loop.time() - began_s)
    assert "too many requests" in engine.log.read_text()
    assert brain.facts == []


async def test_many_half_open_streams_leave_room_for_a_call(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    idle = [await Phone(engine.sip, "TCP").open() for _ in range(100)]
    for phone in idle:
        phone.send("INVITE sip:x@y SIP/2.0\r\nVia: ")
    await survives(engine, brain, new_phone)
    for phone in idle:
        await phone.close()


@pytest.mark.parametrize("engine", [("--sip-first-byte", "2000")], indirect=True)
async def test_who_connects_and_says_nothing_is_not_waited_for(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    speaking = await new_phone("TCP")
    speaking.say("OPTIONS")
    await speaking.hears(200)
    silent = [await new_phone("TCP") for _ in range(5)]
    assert all([await phone.is_cut_off(20) for phone in silent])
    # Who has spoken is let be, however long ago it came.
    speaking.say("OPTIONS")
    await speaking.hears(200)
    await survives(engine, brain, new_phone)


@pytest.mark.parametrize("engine", [("--sip-streams", "4")], indirect=True)
async def test_one_address_may_not_have_all_connections(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    greedy = [await new_phone("TCP") for _ in range(4)]
    for phone in greedy:
        phone.say("OPTIONS")
        await phone.hears(200)
    refused = await new_phone("TCP")
    assert await refused.is_cut_off(20)
    neighbour = await new_phone("TCP", local="127.0.0.2")
    neighbour.say("OPTIONS")
    await neighbour.hears(200)
    await survives(engine, brain, new_phone)


async def test_keepalives_are_answered_in_kind(brain: Brain, engine: Running) -> None:
    assert brain.facts == []
    reader, writer = await asyncio.open_connection(*engine.sip)
    writer.write(b"\r\n\r\n")
    assert await asyncio.wait_for(reader.readexactly(2), 5) == b"\r\n"
    writer.close()
