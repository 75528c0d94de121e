"""Offers within a call, and where our own requests go: re-INVITE, UPDATE, late offers, routes and contacts."""

from __future__ import annotations

import asyncio

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once, incoming
from engine.conftest import NewPhone
from engine.phone import SDP, Phone
from engine.running import Running
from roomtone.link import messages as m

QUICK = ("--sip-t1", "20")
"""Timers 25 times as fast: 64 T1 is 1.28 s."""


async def test_a_reinvite_is_the_brains_to_answer(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    hold = SDP + "a=sendonly\r\n"
    phone.say("INVITE", hold)
    assert (await brain.fact(m.Reoffered, call=call)).sdp == hold
    await brain.ask(m.Answer, call=call, sdp=SDP + "a=recvonly\r\n")
    assert (await phone.hears(200, "INVITE")).body.endswith("a=recvonly\r\n")
    phone.say("ACK")
    after = len(brain.facts)
    phone.say("INVITE", SDP)
    await brain.fact(m.Reoffered, after=after, call=call)
    await brain.ask(m.Refuse, call=call, status=488, reason="", headers=[])
    await phone.hears(488, "INVITE")
    phone.say("ACK")
    assert brain.told(m.Ended) == []
    assert len(brain.told(m.Confirmed)) == 1
    assert (await brain.ask(m.TakeSnapshot)).legs[0].answered


async def test_an_update_with_sdp_is_the_brains_and_without_is_ours(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("UPDATE")
    assert (await phone.hears(200, "UPDATE")).header("contact")
    assert brain.told(m.Reoffered) == []
    phone.say("UPDATE", SDP)
    await brain.fact(m.Reoffered, call=call)
    await brain.ask(m.Answer, call=call, sdp=SDP)
    assert (await phone.hears(200, "UPDATE")).body == SDP


async def test_two_offers_at_once_are_one_too_many(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("INVITE", SDP)
    await brain.fact(m.Reoffered, call=call)
    phone.say("UPDATE", SDP)
    assert (await phone.hears(500, "UPDATE")).header("retry-after")
    phone.say("BYE")
    await phone.hears(487, "INVITE")
    await ended_once(brain, call)


async def test_a_reinvite_can_be_cancelled(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("INVITE", SDP)
    await brain.fact(m.Reoffered, call=call)
    phone.say("CANCEL")
    await phone.hears(487, "INVITE")
    refused = await brain.ask(m.Answer, call=call, sdp=SDP)
    assert isinstance(refused, m.Refused)
    assert refused.code == "nothing-to-answer"
    assert brain.told(m.Ended) == []


async def test_a_hang_up_during_a_reinvite_goes_through(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("INVITE", SDP)
    await brain.fact(m.Reoffered, call=call)
    await brain.ask(m.HangUp, call=call, reason="")
    await phone.hears(487, "INVITE")
    phone.respond(await phone.asked("BYE"))
    await ended_once(brain, call)


@pytest.mark.parametrize("engine", [QUICK], indirect=True)
async def test_an_offer_nobody_answers_is_refused_and_the_call_goes_on(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("UPDATE", SDP)
    await brain.fact(m.Reoffered, call=call)
    await phone.hears(488, "UPDATE")
    assert brain.told(m.Ended) == []


async def test_a_late_offer_is_answered_in_the_ack(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    fact = await incoming(brain, phone, body="")
    assert fact.sdp is None
    await brain.ask(m.Answer, call=fact.call, sdp=SDP)
    assert (await phone.hears(200)).body == SDP
    phone.say("ACK", SDP + "a=x\r\n")
    assert (await brain.fact(m.Confirmed, call=fact.call)).sdp == SDP + "a=x\r\n"
    # And again in the middle of the call.
    phone.say("INVITE")
    assert (await brain.fact(m.Reoffered, call=fact.call)).sdp is None
    await brain.ask(m.Answer, call=fact.call, sdp=SDP)
    await phone.hears(200, "INVITE")
    after = len(brain.facts)
    phone.say("ACK", SDP)
    assert (await brain.fact(m.Confirmed, after=after, call=fact.call)).sdp == SDP


async def test_the_bye_follows_the_route_and_the_latest_contact(brain: Brain, new_phone: NewPhone) -> None:
    proxy, phone = await new_phone(), await new_phone()
    host, port = proxy.address
    routes = f"Record-Route: <sip:{host}:{port};lr>, <sip:far.test;lr>\r\n"
    call = (await incoming(brain, phone, headers=routes)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    ok = await phone.hears(200)
    assert ok.header("record-route") == f"<sip:{host}:{port};lr>, <sip:far.test;lr>"
    phone.say("ACK")
    await brain.fact(m.Confirmed, call=call)
    phone.contact = "<sip:moved@127.0.0.1:9>"
    phone.say("UPDATE")
    await phone.hears(200, "UPDATE")
    await brain.ask(m.HangUp, call=call, reason="")
    bye = await proxy.asked("BYE")
    assert bye.start == "BYE sip:moved@127.0.0.1:9 SIP/2.0"
    assert bye.all("route") == [f"<sip:{host}:{port};lr>", "<sip:far.test;lr>"]
    proxy.respond(bye)


async def test_a_new_contact_in_a_reinvite_moves_the_call(brain: Brain, new_phone: NewPhone) -> None:
    phone, other = await new_phone(), await new_phone()
    call = await answered(brain, phone)
    phone.contact = "<sip:other@{}:{}>".format(*other.address)
    phone.say("INVITE", SDP)
    await brain.fact(m.Reoffered, call=call)
    await brain.ask(m.Answer, call=call, sdp=SDP)
    await phone.hears(200, "INVITE")
    phone.say("ACK")
    await brain.ask(m.HangUp, call=call, reason="")
    other.respond(await other.asked("BYE"))


async def test_a_closed_connection_ends_no_call(engine: Running, brain: Brain, new_phone: NewPhone) -> None:
    called_back: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called_back.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    phone = await Phone(engine.sip, "TCP", contact=f"<sip:phone@127.0.0.1:{port};transport=tcp>").open()
    call = await answered(brain, phone)
    await phone.close()
    again = await new_phone("TCP", call_id=phone.call_id, tag=phone.tag, to_tag=phone.to_tag, cseq=phone.cseq)
    again.say("OPTIONS")
    await again.hears(200, "OPTIONS")
    assert brain.told(m.Ended) == []
    await brain.ask(m.HangUp, call=call, reason="")
    bye = await asyncio.wait_for(called_back.get(), 5)
    assert bye.startswith(b"BYE sip:phone@127.0.0.1")
    server.close()
