"""What a phone notices: each behaviour of the SIP side, message by message."""

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

over = pytest.mark.parametrize("transport", ["UDP", "TCP"])


@over
async def test_a_call_rings_is_answered_and_ends_by_the_callers_bye(
    brain: Brain, new_phone: NewPhone, transport: str
) -> None:
    phone = await new_phone(transport)
    fact = await incoming(brain, phone, headers="X-Ticket: 7\r\nUser-Agent: Test/1\r\nSubject: not told\r\n")
    assert (await phone.hears(100)).header("to").endswith(">")
    assert (fact.from_uri, fact.from_display) == ("sip:phone@roomtone.test", "A Phone")
    assert fact.request_uri.startswith("sip:1234@127.0.0.1")
    assert fact.to_uri == "sip:1234@roomtone.test"
    assert (fact.sdp, fact.transport) == (SDP, transport.lower())
    assert (fact.source_host, fact.source_port) == phone.address
    assert {(header.name, header.value) for header in fact.headers} == {
        ("X-Ticket", "7"),
        ("User-Agent", "Test/1"),
    }
    assert len(fact.call) == 32
    assert int(fact.call, 16)

    assert await brain.ask(m.Ring, call=fact.call, sdp=None)
    ringing = await phone.hears(180)
    await brain.ask(m.Ring, call=fact.call, sdp=SDP)
    assert (await phone.hears(183)).body == SDP
    await brain.ask(m.Answer, call=fact.call, sdp=SDP)
    ok = await phone.hears(200)
    assert ok.body == SDP
    assert ok.header("content-type") == "application/sdp"
    assert ok.header("to") == ringing.header("to")
    assert f":{phone.engine[1]}" in ok.header("contact")
    assert "BYE" in ok.header("allow")
    assert ok.header("server").startswith("Roomtone/")
    phone.say("ACK")
    assert (await brain.fact(m.Confirmed, call=fact.call)).sdp is None
    phone.say("BYE", headers='Reason: Q.850;cause=16;text="bye"\r\n')
    assert (await phone.hears(200, "BYE")).status == 200
    ended = await ended_once(brain, fact.call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.REMOTE, 0, True)


@over
async def test_hanging_up_an_answered_call_says_bye(
    brain: Brain, new_phone: NewPhone, transport: str
) -> None:
    phone = await new_phone(transport)
    call = await answered(brain, phone)
    for _ in range(2):
        assert isinstance(await brain.ask(m.HangUp, call=call, reason='enough "now"'), m.Done)
    bye = await phone.asked("BYE")
    assert bye.header("reason") == 'Q.850;cause=16;text="enough \\"now\\""'
    assert phone.tag in bye.header("to")
    assert phone.to_tag in bye.header("from")
    phone.respond(bye)
    assert (await ended_once(brain, call)).by is m.EndedBy.LOCAL


async def test_hanging_up_before_the_answer_refuses_the_call(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    await brain.ask(m.HangUp, call=call, reason="")
    await phone.hears(480)
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.LOCAL, 480, False)


async def test_hanging_up_before_the_ack_waits_for_it_with_the_bye(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    await brain.ask(m.HangUp, call=call, reason="")
    assert (await ended_once(brain, call)).answered
    ok = await phone.hears(200)
    # RFC 3261 15: a BYE may come only after the ACK. Another request's answer proves that none was on its way.
    phone.say("OPTIONS")
    await phone.hears(200, "OPTIONS")
    assert [message for message in phone.heard() if message.start.startswith("BYE")] == []
    phone.say("ACK", cseq=int(ok.header("cseq").split()[0]))
    phone.respond(await phone.asked("BYE"))


async def test_a_refusal_carries_status_phrase_and_headers(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    headers = [m.Header(name="Retry-After", value="9"), m.Header(name="X-Evil", value="a\r\nVia: b")]
    await brain.ask(m.Refuse, call=call, status=486, reason="Busy\r\nX: y", headers=headers)
    busy = await phone.hears(486)
    assert busy.start == "SIP/2.0 486 Busy  X: y"
    assert busy.header("retry-after") == "9"
    assert len(busy.all("via")) == 1
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.LOCAL, 486, False)
    phone.say("ACK")


@over
async def test_cancel_ends_an_unanswered_call(brain: Brain, new_phone: NewPhone, transport: str) -> None:
    phone = await new_phone(transport)
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Ring, call=call, sdp=None)
    phone.say("CANCEL")
    assert (await phone.hears(200, "CANCEL")).header("to").count(";tag=") == 1
    await phone.hears(487, "INVITE")
    phone.say("ACK")
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.REMOTE, 487, False)
    refused = await brain.ask(m.Answer, call=call, sdp=SDP)
    assert isinstance(refused, m.Refused)
    assert refused.code == "unknown-call"


async def test_cancel_after_the_answer_changes_nothing(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    await phone.hears(200, "INVITE")
    phone.say("CANCEL")
    await phone.hears(200, "CANCEL")
    phone.say("ACK")
    await brain.fact(m.Confirmed, call=call)
    assert brain.told(m.Ended) == []


async def test_bye_before_the_answer_ends_the_call_too(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Ring, call=call, sdp=None)
    await phone.hears(180)
    phone.to_tag = ""
    phone.say("BYE")
    await phone.hears(481, "BYE")  # without our tag there is no dialog to end
    phone.say("CANCEL", cseq=1)
    await phone.hears(481, "CANCEL")  # nor an INVITE with that branch to cancel
    assert brain.told(m.Ended, call=call) == []


async def test_an_invite_sent_again_is_one_call(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    invite = phone.say("INVITE", SDP)
    call = (await brain.fact(m.IncomingCall)).call
    for _ in range(5):
        phone.send(invite)
    await brain.ask(m.Ring, call=call, sdp=None)
    await phone.hears(180)
    phone.send(invite)
    await phone.hears(180)
    snapshot = await brain.ask(m.TakeSnapshot)
    assert [leg.call for leg in snapshot.legs] == [call]
    assert len(brain.told(m.IncomingCall)) == 1


async def test_the_same_invite_by_another_way_is_a_loop(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    await incoming(brain, phone)
    phone.say("INVITE", SDP, cseq=1)
    await phone.hears(482)


@pytest.mark.parametrize("engine", [QUICK], indirect=True)
async def test_the_200_is_sent_again_until_its_ack(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    first = await phone.hears(200)
    for _ in range(3):
        assert await phone.hears(200) == first
    phone.say("ACK")
    await brain.fact(m.Confirmed, call=call)


@pytest.mark.parametrize("engine", [QUICK], indirect=True)
@over
async def test_without_an_ack_the_call_is_ended_with_a_bye(
    brain: Brain, new_phone: NewPhone, transport: str
) -> None:
    phone = await new_phone(transport)
    call = (await incoming(brain, phone)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.TIMEOUT, 408, True)
    phone.respond(await phone.asked("BYE"))


@pytest.mark.parametrize("engine", [QUICK], indirect=True)
async def test_a_bye_nobody_answers_is_sent_again_and_given_up(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    await brain.ask(m.HangUp, call=call, reason="")
    first = await phone.asked("BYE")
    assert await phone.asked("BYE") == first
    await ended_once(brain, call)
    assert engine.stop() == 0


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


async def test_keys_come_by_info(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    relay = "Content-Type: application/dtmf-relay\r\n"
    phone.say("INFO", "Signal=5\r\nDuration=250\r\n", headers=relay)
    await phone.hears(200, "INFO")
    assert (await brain.fact(m.Digit, call=call)) == m.Digit(call=call, digit="5", duration_ms=250)
    phone.say("INFO", "whatever", headers="Content-Type: text/plain\r\n")
    assert (await phone.hears(415, "INFO")).header("accept")


async def test_options_tell_what_we_can(brain: Brain, new_phone: NewPhone) -> None:
    assert brain.facts == []
    phone = await new_phone()
    phone.say("OPTIONS")
    answer = await phone.hears(200)
    assert answer.header("allow") == "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"
    assert answer.header("accept") == "application/sdp"


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("REGISTER", {}, 405),
        ("SUBSCRIBE", {}, 405),
        ("DANCE", {}, 501),
        ("INVITE", {"headers": "Require: 100rel, timer\r\n"}, 420),
        ("INVITE", {"body": "hello", "headers": "Content-Type: text/plain\r\n"}, 415),
        ("BYE", {}, 481),
        ("UPDATE", {}, 481),
        ("INFO", {}, 481),
    ],
)
async def test_what_we_do_not_do_is_said(
    brain: Brain, new_phone: NewPhone, method: str, more: dict[str, str], status: int
) -> None:
    phone = await new_phone()
    phone.say(method, **more)
    refusal = await phone.hears(status)
    assert refusal.header("to").count(";tag=") == 1
    assert refusal.header("allow")
    if status == 420:
        assert refusal.header("unsupported") == "100rel, timer"
    assert brain.facts == []


async def test_requests_of_unknown_dialogs_are_481_and_refer_in_a_call_is_405(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    stranger = await new_phone(to_tag="nobody", cseq=5)
    for method in ("BYE", "INVITE", "UPDATE"):
        stranger.say(method)
        await stranger.hears(481, method)
    phone.say("REFER", headers="Refer-To: <sip:x@y>\r\n")
    await phone.hears(405, "REFER")
    phone.say("BYE", cseq=1)  # older than what we have heard, but an end is an end
    await phone.hears(200, "BYE")
    await ended_once(brain, call)


async def test_an_old_number_is_refused(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone(cseq=100)
    await answered(brain, phone)
    phone.say("UPDATE", cseq=50)
    await phone.hears(500, "UPDATE")


@pytest.mark.parametrize("engine", [("--sip-calls", "2")], indirect=True)
async def test_more_calls_than_may_be_are_refused(brain: Brain, new_phone: NewPhone) -> None:
    phones = [await new_phone() for _ in range(3)]
    calls = [(await incoming(brain, phone)).call for phone in phones[:2]]
    phones[2].say("INVITE", SDP)
    assert (await phones[2].hears(503)).header("retry-after")
    await brain.ask(m.HangUp, call=calls[0], reason="")
    await brain.fact(m.Ended, call=calls[0])
    again = await new_phone()
    await incoming(brain, again)


async def test_answers_go_where_the_request_came_from(brain: Brain, new_phone: NewPhone) -> None:
    assert brain.facts == []
    phone = await new_phone()
    phone.say("OPTIONS", via="SIP/2.0/UDP 192.0.2.7:5070;rport;branch=z9hG4bKnat")
    via = (await phone.hears(200)).header("via")
    assert f"rport={phone.address[1]}" in via
    assert "received=127.0.0.1" in via


async def test_old_phones_are_understood(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    invite = phone.compose("INVITE", SDP).replace("A Phone", "Müller").replace("Content-Length", "X-Was")
    phone.send(invite.encode("latin-1"))
    fact = await brain.fact(m.IncomingCall)
    assert fact.from_display == "Müller"
    assert fact.sdp == SDP
