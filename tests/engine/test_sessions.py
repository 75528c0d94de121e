"""Session timers and confirmed provisional answers, in both roles; and what comes before an answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from engine.brain import Brain
from engine.callee import answer, uri
from engine.calls import answered, incoming
from engine.conftest import NewPhone
from engine.phone import SDP, Message, Phone
from engine.test_outgoing import calling
from roomtone.link import messages as m

RELIABLE = "Require: 100rel\r\nRSeq: {}\r\n"


async def test_a_caller_that_asks_for_a_timer_gets_it_and_refreshes_it(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone, headers="Supported: timer\r\nSession-Expires: 600\r\n")).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    ok = await phone.hears(200, "INVITE")
    assert ok.header("session-expires") == "600;refresher=uac"
    assert (ok.header("require"), ok.header("supported")) == ("timer", "100rel, timer, replaces")
    phone.say("ACK")
    await brain.fact(m.Confirmed, call=call)
    phone.say("UPDATE", headers="Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n")
    assert (await phone.hears(200, "UPDATE")).header("session-expires") == "300;refresher=uac"


async def test_too_short_a_session_is_refused_with_ours(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    phone.say("INVITE", SDP, headers="Supported: timer\r\nSession-Expires: 30\r\n")
    assert (await phone.hears(422, "INVITE")).header("min-se") == "90"
    assert brain.facts == []


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
async def test_too_short_a_session_is_refused_in_later_offers_too(
    brain: Brain, new_phone: NewPhone, method: str
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say(method, SDP, headers="Supported: timer\r\nSession-Expires: 30\r\n")
    assert (await phone.hears(422, method)).header("min-se") == "90"
    assert brain.told(m.Reoffered, call=call) == []


async def test_we_ask_for_a_timer_and_try_again_with_a_longer_one(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    assert (invite.header("session-expires"), invite.header("supported")) == (
        "1800",
        "100rel, timer, replaces",
    )
    answer(phone, invite, "422 Session Interval Too Small", headers="Min-SE: 3600\r\n")
    again = await second_invite(phone, invite)
    assert (again.header("session-expires"), again.header("min-se")) == ("3600", "3600")
    answer(phone, again, "200 OK", body=SDP, headers="Session-Expires: 3600;refresher=uac\r\n")
    await brain.fact(m.Answered, call=call)


async def second_invite(phone: Phone, first: Message) -> Message:
    """Wait for an INVITE with another number, letting repeats of the first pass."""
    while True:
        found = await phone.asked("INVITE")
        if found.header("cseq") != first.header("cseq"):
            return found


async def test_provisional_answers_are_numbered_and_confirmed_where_the_caller_insists(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone, headers="Require: 100rel\r\n")).call
    await brain.ask(m.Ring, call=call, sdp=None)
    ringing = await phone.hears(180)
    assert (ringing.header("require"), ringing.header("rseq")) == ("100rel", "1")
    assert (await phone.hears(180)).header("rseq") == "1", "again until it is confirmed"
    number = phone.cseq
    phone.say("PRACK", headers=f"RAck: 9 {number} INVITE\r\n")
    await phone.hears(481, "PRACK")
    phone.say("PRACK", headers=f"RAck: 1 {number} INVITE\r\n")
    await phone.hears(200, "PRACK")
    await brain.ask(m.Ring, call=call, sdp=SDP)
    progress = await phone.hears(183)
    assert progress.header("rseq") == "2"
    phone.say("PRACK", headers=f"RAck: 2 {number} INVITE\r\n")
    await phone.hears(200, "PRACK")
    await brain.ask(m.Answer, call=call, sdp=SDP)
    await phone.hears(200, "INVITE")


@pytest.mark.parametrize("engine", [("--sip-t1", "20")], indirect=True)
async def test_a_caller_that_insists_and_never_confirms_is_refused(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = (await incoming(brain, phone, headers="Require: 100rel\r\n")).call
    await brain.ask(m.Ring, call=call, sdp=None)
    await phone.hears(504, "INVITE", within_s=30)
    await brain.fact(m.Ended, call=call, status=504)


async def test_a_callee_that_insists_is_confirmed_and_its_description_counts(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, "183 Session Progress", body=SDP, headers=RELIABLE.format(7))
    prack = await phone.asked("PRACK")
    assert prack.header("rack") == f"7 {invite.header('cseq')}"
    phone.respond(prack)
    answer(phone, invite, "183 Session Progress", body=SDP, headers=RELIABLE.format(7))
    answer(phone, invite, "180 Ringing", headers=RELIABLE.format(8))
    second = await phone.asked("PRACK")
    assert second.header("rack") == f"8 {invite.header('cseq')}", "a repeat is confirmed once"
    phone.respond(second)
    answer(phone, invite, "200 OK")
    told: Any = await brain.fact(m.Answered, call=call)
    assert told.sdp == SDP, "what a confirmed answer said need not be said again"
    await phone.asked("ACK")
    await brain.ask(m.HangUp, call=call, reason="")
    bye = await phone.asked("BYE")
    assert int(bye.header("cseq").split()[0]) > int(second.header("cseq").split()[0])
    phone.respond(bye)


async def test_an_update_before_the_answer_is_taken_where_it_changes_nothing(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, "180 Ringing", tag="early")
    await brain.fact(m.Progressed, call=call, status=180)
    for body, status in (("", 200), (SDP, 488)):
        update(phone, invite, "early", number=status, body=body)
        await phone.hears(status, "UPDATE")


def update(phone: Phone, invite: Message, tag: str, *, number: int, body: str = "") -> None:
    """Send an UPDATE in the dialog that a provisional answer with this tag has made."""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    phone.send(
        f"UPDATE {uri(phone)} SIP/2.0\r\nVia: SIP/2.0/UDP {uri(phone).partition('@')[2]};branch=z9hG4bK{number}\r\n"
        f"From: {invite.header('to')};tag={tag}\r\nTo: {invite.header('from')}\r\n"
        f"Call-ID: {invite.header('call-id')}\r\nCSeq: {number} UPDATE\r\nMax-Forwards: 70\r\n"
        f"Contact: <{uri(phone)}>\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    )


async def test_a_peer_that_invents_dialogs_is_not_followed_for_ever(
    brain: Brain, new_phone: NewPhone
) -> None:
    """A proxy may fork to many phones; whoever answers with ever new tags would fill the engine's memory."""
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    for turn in range(40):
        answer(phone, invite, f"{110 + turn} On Its Way", tag=f"early{turn}")
    async with asyncio.timeout(20):
        while len(brain.told(m.Progressed, call=call)) < 40:  # noqa: ASYNC110 - facts come one by one
            await asyncio.sleep(0.02)
    update(phone, invite, "early0", number=1)
    await phone.hears(200, "UPDATE")
    update(phone, invite, "early39", number=2)
    await phone.hears(481, "UPDATE")


async def test_a_call_without_a_timer_has_none(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    await answered(brain, phone)
    phone.say("UPDATE")
    assert not (await phone.hears(200, "UPDATE")).header("session-expires")
