"""Calls of ours, as the phone that is called sees them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import socket
import uuid
from pathlib import Path
from typing import Any

import pytest

from engine.brain import Brain
from engine.callee import answer, uri
from engine.calls import ended_once
from engine.conftest import NewPhone
from engine.phone import SDP, Message, Phone
from roomtone.link import messages as m
from stage.sipp import free_port

QUICK = ("--sip-t1", "20")
"""Timers 25 times as fast: 64 T1 is 1.28 s."""

OFFER = SDP.replace("40000", "41000")


async def invited(brain: Brain, **more: Any) -> str:
    """Order a call; give its name."""
    call = uuid.uuid4().hex
    order = {
        "call": call,
        "hop_uri": None,
        "from_uri": "sip:+15550199@roomtone.test",
        "from_display": "Ours",
        "username": None,
        "password": None,
        "sdp": OFFER,
        "headers": [m.Header(name="X-Ticket", value="7")],
        "ring_ms": 60_000,
        **more,
    }
    assert isinstance(await brain.ask(m.Invite, **order), m.Done)
    return call


async def calling(brain: Brain, phone: Phone, **more: Any) -> tuple[str, Message]:
    """Let the engine call the phone; give the call and the INVITE."""
    call = await invited(brain, **{"target_uri": uri(phone), "to_uri": uri(phone), **more})
    return call, await phone.asked("INVITE")


async def talking(brain: Brain, phone: Phone, **more: Any) -> tuple[str, Message]:
    """Let the engine call the phone, and the phone answer."""
    call, invite = await calling(brain, phone, **more)
    answer(phone, invite, "200 OK", body=SDP)
    await brain.fact(m.Answered, call=call)
    await phone.asked("ACK")
    return call, invite


async def test_a_call_rings_is_answered_and_ends_by_the_bye_of_the_called(
    brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    assert invite.start == f"INVITE {uri(phone)} SIP/2.0"
    assert invite.body == OFFER
    assert re.fullmatch(r'"Ours" <sip:\+15550199@roomtone\.test>;tag=\w+', invite.header("from"))
    assert invite.header("to") == f"<{uri(phone)}>"
    assert invite.header("x-ticket") == "7"
    assert f":{phone.engine[1]}" in invite.header("contact")
    answer(phone, invite, "100 Trying", tag="")
    answer(phone, invite, "180 Ringing")
    assert (await brain.fact(m.Progressed, call=call)).status == 180
    answer(phone, invite, "183 Session Progress", body=SDP)
    assert (await brain.fact(m.Progressed, call=call, status=183)).sdp == SDP
    answer(phone, invite, "200 OK", body=SDP)
    told = await brain.fact(m.Answered, call=call)
    assert (told.sdp, told.sip_call_id) == (SDP, invite.header("call-id"))
    ack = await phone.asked("ACK")
    assert ack.header("to").endswith(";tag=theirs")
    assert ack.header("cseq") == invite.header("cseq").replace("INVITE", "ACK")
    phone.send(
        f"BYE {re.findall('<(.*)>', invite.header('contact'))[0]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {phone.address[0]}:{phone.address[1]};branch=z9hG4bKbye\r\n"
        f"From: {invite.header('to')};tag=theirs\r\nTo: {invite.header('from')}\r\n"
        f"Call-ID: {invite.header('call-id')}\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    assert (await phone.hears(200, "BYE")).status == 200
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.REMOTE, 0, True)


async def test_hanging_up_says_bye_along_the_recorded_route(brain: Brain, new_phone: NewPhone) -> None:
    phone, proxy = await new_phone(), await new_phone()
    call, invite = await calling(brain, phone)
    route = "sip:{}:{};lr".format(*proxy.address[:2])
    answer(phone, invite, "200 OK", body=SDP, headers=f"Record-Route: <sip:far.invalid;lr>, <{route}>\r\n")
    await brain.fact(m.Answered, call=call)
    ack = await proxy.asked("ACK")
    await brain.ask(m.HangUp, call=call, reason="done")
    bye = await proxy.asked("BYE")
    for request in (ack, bye):
        assert [one.split(";lr")[0] for one in request.all("route")] == [
            f"<{route.removesuffix(';lr')}",
            "<sip:far.invalid",
        ]
        assert uri(phone) in request.start
    assert int(bye.header("cseq").split()[0]) == int(invite.header("cseq").split()[0]) + 1
    answer(proxy, bye, "200 OK")
    ended = await ended_once(brain, call)
    assert (ended.by, ended.answered) == (m.EndedBy.LOCAL, True)


@pytest.mark.parametrize(
    ("status", "by"),
    [("486 Busy Here", "remote"), ("404 Not Found", "remote"), ("603 Decline", "remote")],
)
async def test_a_refusal_is_told_with_its_status_and_acknowledged(
    brain: Brain, new_phone: NewPhone, status: str, by: str
) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, status)
    ended = await ended_once(brain, call)
    assert (ended.by.value, ended.status, ended.answered) == (by, int(status[:3]), False)
    ack = await phone.asked("ACK")
    assert ack.header("via") == invite.header("via")


async def test_a_redirection_is_told_and_not_followed(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    contacts = "Contact: <sip:one@192.0.2.1>;q=0.9, sip:two@192.0.2.2\r\nContact: <tel:+1>\r\n"
    answer(phone, invite, "302 Moved Temporarily", headers=contacts)
    ended = await ended_once(brain, call)
    assert (ended.status, ended.contacts) == (302, ["sip:one@192.0.2.1", "sip:two@192.0.2.2"])


async def test_giving_up_sends_cancel_once_the_phone_was_heard(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    await brain.ask(m.HangUp, call=call, reason="changed our mind")
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.LOCAL, 487, False)
    assert not [one for one in phone.heard() if one.start.startswith("CANCEL")]  # RFC 3261 9.1: not yet
    answer(phone, invite, "180 Ringing")
    cancel = await phone.asked("CANCEL")
    assert cancel.header("via") == invite.header("via")
    assert cancel.header("cseq") == invite.header("cseq").replace("INVITE", "CANCEL")
    answer(phone, cancel, "200 OK")
    answer(phone, invite, "487 Request Terminated")
    await phone.asked("ACK")
    await ended_once(brain, call)


async def test_an_answer_that_crosses_the_cancel_is_hung_up(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, "180 Ringing")
    await brain.fact(m.Progressed, call=call)
    await brain.ask(m.HangUp, call=call, reason="")
    cancel = await phone.asked("CANCEL")
    answer(phone, invite, "200 OK", body=SDP)
    answer(phone, cancel, "200 OK")
    await phone.asked("ACK")
    bye = await phone.asked("BYE")
    answer(phone, bye, "200 OK")
    await ended_once(brain, call)
    assert not brain.told(m.Answered, call=call)


async def test_of_two_phones_that_answer_the_second_is_hung_up(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, "200 OK", tag="one", body=SDP)
    await brain.fact(m.Answered, call=call)
    answer(phone, invite, "200 OK", tag="one", body=SDP)  # again, since the ACK was lost: acknowledged again
    answer(phone, invite, "200 OK", tag="two", body=SDP)
    bye = await phone.asked("BYE")
    assert bye.header("to").endswith(";tag=two")
    answer(phone, bye, "200 OK")
    await brain.ask(m.HangUp, call=call, reason="")
    last = await phone.asked("BYE")
    assert last.header("to").endswith(";tag=one")
    answer(phone, last, "200 OK")
    await ended_once(brain, call)
    assert len(brain.told(m.Answered, call=call)) == 1


@pytest.mark.parametrize("engine", [QUICK], indirect=True)
async def test_nobody_there_is_told_as_a_fault_of_the_way(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, _ = await calling(brain, phone)
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status, ended.answered) == (m.EndedBy.TRANSPORT, 408, False)


async def test_who_rings_for_too_long_is_cancelled(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone, ring_ms=200)
    answer(phone, invite, "180 Ringing")
    ended = await ended_once(brain, call)
    assert (ended.by, ended.status) == (m.EndedBy.TIMEOUT, 408)
    await phone.asked("CANCEL")


def digest(realm: str, nonce: str, method: str, target: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    return md5(f"{md5(f'carrier:{realm}:secret')}:{nonce}:{md5(f'{method}:{target}')}")


@pytest.mark.parametrize(
    ("status", "asks", "says"),
    [
        ("401 Unauthorized", "WWW-Authenticate", "authorization"),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", "proxy-authorization"),
    ],
)
async def test_a_challenge_is_answered_once(
    brain: Brain, new_phone: NewPhone, status: str, asks: str, says: str
) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone, username="carrier", password="secret")
    challenge = f'{asks}: Digest realm="r", nonce="n", algorithm=MD5\r\n'
    answer(phone, invite, status, headers=challenge)
    await phone.asked("ACK")
    again = await phone.asked("INVITE")
    assert again.header("call-id") == invite.header("call-id")
    assert again.header("cseq") == "2 INVITE"
    assert again.header("via") != invite.header("via")
    assert again.body == OFFER
    assert f'response="{digest("r", "n", "INVITE", uri(phone))}"' in again.header(says)
    answer(phone, again, status, headers=challenge)
    assert (await ended_once(brain, call)).status == int(status[:3])


async def test_a_challenge_without_credentials_ends_the_call(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    answer(phone, invite, "401 Unauthorized", headers='WWW-Authenticate: Digest realm="r", nonce="n"\r\n')
    assert (await ended_once(brain, call)).status == 401


async def test_another_way_than_the_targets_own(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    _, invite = await calling(brain, phone, target_uri="sip:+15550100@carrier.invalid", hop_uri=uri(phone))
    assert invite.start == "INVITE sip:+15550100@carrier.invalid SIP/2.0"


@pytest.mark.parametrize("target", ["nonsense", "", "sip:", "tel:+1555"])
async def test_what_cannot_be_called_is_refused_at_once(brain: Brain, target: str) -> None:
    reply = await brain.ask(
        m.Invite, call=uuid.uuid4().hex, target_uri=target, hop_uri=None, from_uri="sip:a@b", from_display="",
        to_uri="sip:c@d", username=None, password=None, sdp=OFFER, headers=[], ring_ms=1_000,
    )  # fmt: skip
    assert (reply.code, isinstance(reply, m.Refused)) == ("bad-target", True)


async def test_a_brain_that_comes_back_sees_its_calls(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await calling(brain, phone)
    snapshot = await brain.ask(m.TakeSnapshot)
    assert [(leg.call, leg.answered) for leg in snapshot.legs] == [(call, False)]
    answer(phone, invite, "200 OK", body=SDP)
    await brain.fact(m.Answered, call=call)
    snapshot = await brain.ask(m.TakeSnapshot)
    assert [(leg.call, leg.answered) for leg in snapshot.legs] == [(call, True)]


async def test_the_called_may_change_the_media(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call, invite = await talking(brain, phone)
    held = SDP + "a=sendonly\r\n"
    phone.send(
        f"INVITE {re.findall('<(.*)>', invite.header('contact'))[0]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {phone.address[0]}:{phone.address[1]};branch=z9hG4bKhold\r\n"
        f"From: {invite.header('to')};tag=theirs\r\nTo: {invite.header('from')}\r\n"
        f"Contact: <{uri(phone)}>\r\nCall-ID: {invite.header('call-id')}\r\nCSeq: 0 INVITE\r\n"
        f"Max-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: {len(held)}\r\n\r\n{held}"
    )
    assert (await brain.fact(m.Reoffered, call=call)).sdp == held
    await brain.ask(m.Answer, call=call, sdp=OFFER)
    assert (await phone.hears(200, "INVITE")).body == OFFER


@pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed (Debian package sip-tester)")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sipp_is_called_and_hung_up(brain: Brain, tmp_path: Path, transport: str) -> None:
    port = free_port(socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM)
    options = (
        "-sn",
        "uas",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-t",
        f"{transport[0]}1",
        "-m",
        "5",
        "-nostdin",
    )
    called = await asyncio.create_subprocess_exec(
        "sipp", *options, cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        if transport == "tcp":
            await listening(port)
        target = f"sip:service@127.0.0.1:{port};transport={transport}"
        calls = [await invited(brain, target_uri=target, to_uri=target) for _ in range(5)]
        for call in calls:
            await brain.fact(m.Progressed, call=call, status=180)
            assert "m=audio" in ((await brain.fact(m.Answered, call=call)).sdp or "")
            await brain.ask(m.HangUp, call=call, reason="")
        assert await asyncio.wait_for(called.wait(), 20) == 0
    finally:
        if called.returncode is None:
            called.kill()


async def listening(port: int) -> None:
    """Wait until somebody takes TCP connections there."""
    async with asyncio.timeout(10):
        while True:
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                return
