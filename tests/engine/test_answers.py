"""What is answered without asking the brain: abilities, and what we do not do."""

from __future__ import annotations

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once, incoming
from engine.conftest import NewPhone
from engine.phone import SDP
from roomtone.link import messages as m


async def test_options_tell_what_we_can(brain: Brain, new_phone: NewPhone) -> None:
    assert brain.facts == []
    phone = await new_phone()
    phone.say("OPTIONS")
    answer = await phone.hears(200)
    assert (
        answer.header("allow")
        == "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, PRACK, REGISTER, REFER, NOTIFY"
    )
    assert answer.header("accept") == "application/sdp"


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("SUBSCRIBE", {}, 405),
        ("DANCE", {}, 501),
        ("INVITE", {"headers": "Require: 100rel, path, timer, x\r\n"}, 420),
        ("INVITE", {"body": "hello", "headers": "Content-Type: text/plain\r\n"}, 415),
        ("BYE", {}, 481),
        ("UPDATE", {}, 481),
        ("INFO", {}, 481),
        ("REFER", {}, 481),
        ("NOTIFY", {}, 481),
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
        assert refusal.header("unsupported") == "path, x"
    assert brain.facts == []


async def test_requests_of_unknown_dialogs_are_481_and_publish_in_a_call_is_405(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    stranger = await new_phone(to_tag="nobody", cseq=5)
    for method in ("BYE", "INVITE", "UPDATE"):
        stranger.say(method)
        await stranger.hears(481, method)
    phone.say("PUBLISH")
    await phone.hears(405, "PUBLISH")
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
