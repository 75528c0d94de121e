"""Requests besides calls: what peers ask and the brain answers, what the brain asks, and who is dropped unread."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from engine.brain import Brain
from engine.callee import answer, uri
from engine.calls import answered
from engine.conftest import NewPhone
from engine.phone import SDP
from roomtone.link import messages as m


async def test_a_register_is_told_and_answered_as_the_brain_says(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    phone.say(
        "REGISTER", headers="Expires: 300\r\nm: <sip:a@127.0.0.1:9>;q=0.5\r\nAuthorization: Digest x\r\n"
    )
    told = await brain.fact(m.Requested, method="REGISTER")
    assert told.call is None
    assert told.source_port == phone.address[1]
    said = {(header.name, header.value) for header in told.headers}
    assert said >= {
        ("Expires", "300"),
        ("Authorization", "Digest x"),
        ("Contact", "<sip:a@127.0.0.1:9>;q=0.5"),
    }
    await brain.ask(
        m.Respond,
        request=told.request,
        status=200,
        reason="OK",
        headers=[m.Header(name="Contact", value="<sip:a@127.0.0.1:9>;expires=300")],
    )
    answer = await phone.hears(200, "REGISTER")
    assert answer.header("contact") == "<sip:a@127.0.0.1:9>;expires=300"
    again = await brain.ask(m.Respond, request=told.request, status=200, reason="OK", headers=[])
    assert again.code == "unknown-request"


@pytest.mark.parametrize("engine", [("--sip-t1", "50")], indirect=True)
async def test_nobody_answering_a_register_is_503(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    phone.say("REGISTER")
    assert (await phone.hears(503, "REGISTER")).header("retry-after")


async def test_refer_and_notify_in_a_call_are_the_brains_to_answer(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    phone.say("REFER", headers="Refer-To: <sip:carol@example.com>\r\n")
    told = await brain.fact(m.Requested, method="REFER")
    assert told.call == call
    assert ("Refer-To", "<sip:carol@example.com>") in {(one.name, one.value) for one in told.headers}
    await brain.ask(m.Respond, request=told.request, status=202, reason="Accepted", headers=[])
    await phone.hears(202, "REFER")
    asked = {
        "request": uuid.uuid4().hex, "call": call, "method": "NOTIFY", "target_uri": "", "hop_uri": None,
        "from_uri": "", "username": None, "password": None, "content_type": "message/sipfrag;version=2.0",
        "headers": [m.Header(name="Event", value="refer")], "body": "SIP/2.0 200 OK\r\n",
    }  # fmt: skip
    await brain.ask(m.Ask, **asked)
    notify = await phone.asked("NOTIFY")
    assert notify.body == "SIP/2.0 200 OK\r\n"
    assert notify.header("event") == "refer"
    phone.respond(notify)
    await brain.fact(m.Replied, request=asked["request"], status=200)


async def test_a_trunk_is_asked_whether_it_is_there(brain: Brain, new_phone: NewPhone) -> None:
    trunk = await new_phone()
    ask = {
        "call": None, "method": "OPTIONS", "hop_uri": None, "from_uri": "sip:roomtone@127.0.0.1", "username": None,
        "password": None, "content_type": None, "headers": [], "body": "",
    }  # fmt: skip
    target = f"sip:127.0.0.1:{trunk.address[1]}"
    await brain.ask(m.Ask, request="1" * 32, target_uri=target, **ask)
    options = await trunk.asked("OPTIONS")
    trunk.respond(options)
    await brain.fact(m.Replied, request="1" * 32, status=200)
    bad = await brain.ask(m.Ask, request="2" * 32, target_uri="not an address", **ask)
    assert bad.code == "bad-target"


async def test_a_shunned_address_begins_nothing_new_and_its_calls_go_on(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    await brain.ask(m.Shun, host="127.0.0.1", for_ms=3_600_000)
    before = len(brain.facts)
    stranger = await new_phone()
    for method in ("REGISTER", "INVITE", "OPTIONS"):
        stranger.say(method, cseq=1)
    phone.say("BYE")
    await phone.hears(200, "BYE")
    await brain.fact(m.Ended, call=call)
    assert not [one for one in brain.facts[before:] if isinstance(one, m.IncomingCall | m.Requested)]
    await brain.ask(m.Shun, host="127.0.0.1", for_ms=0)
    stranger.say("OPTIONS", cseq=5)
    await stranger.hears(200, "OPTIONS")


async def test_the_first_of_several_phones_to_answer_has_the_call(brain: Brain, new_phone: NewPhone) -> None:
    one, other, absent = await new_phone(), await new_phone(), await new_phone()
    places = [uri(phone) for phone in (one, other, absent)]
    call = uuid.uuid4().hex
    await brain.ask(
        m.Invite,
        call=call,
        target_uri=places[0],
        hop_uri=None,
        from_uri="sip:us@127.0.0.1",
        from_display="",
        to_uri=places[0],
        username=None,
        password=None,
        sdp="v=0\r\n",
        headers=[],
        ring_ms=30_000,
        also=[m.Target(uri=place, hop_uri=None) for place in places[1:]],
    )
    invites = await asyncio.gather(*(phone.asked("INVITE") for phone in (one, other, absent)))
    answer(one, invites[0], "180 Ringing", tag="one")
    answer(absent, invites[2], "486 Busy Here", tag="absent")
    await brain.fact(m.Progressed, call=call, status=180)
    answer(other, invites[1], "200 OK", tag="other", body=SDP)
    await brain.fact(m.Answered, call=call)
    await other.asked("ACK")
    cancel = await one.asked("CANCEL")
    one.respond(cancel)
    answer(one, invites[0], "487 Request Terminated", tag="one")
    assert not [fact for fact in brain.facts if isinstance(fact, m.Ended)]
