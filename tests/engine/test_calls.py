"""What a phone notices: each behaviour of the SIP side, message by message."""

from __future__ import annotations

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once, incoming
from engine.conftest import NewPhone
from engine.phone import SDP
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


async def test_keys_come_by_info(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    relay = "Content-Type: application/dtmf-relay\r\n"
    phone.say("INFO", "Signal=5\r\nDuration=250\r\n", headers=relay)
    await phone.hears(200, "INFO")
    assert (await brain.fact(m.Digit, call=call)) == m.Digit(
        call=call, digit="5", duration_ms=250, source=m.DigitSource.INFO
    )
    phone.say("INFO", "whatever", headers="Content-Type: text/plain\r\n")
    assert (await phone.hears(415, "INFO")).header("accept")
