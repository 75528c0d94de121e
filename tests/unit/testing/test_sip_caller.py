"""The caller against a peer of a few lines, so that each message of it is seen."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roomtone.sdp.agreement import Codec
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.sip_caller import CallFailed, SipCaller
from roomtone.testing.sip_text import SipMessage, offer, parse, read_answer, reply_to, uri_in


class Peer(asyncio.DatagramProtocol):
    """Answers by a script: a function from a request to the replies it gets."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[SipMessage] = asyncio.Queue()
        self.source = ("", 0)

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, addr) -> None:
        self.source = addr
        self.requests.put_nowait(parse(data))

    def send(self, message: SipMessage) -> None:
        self.transport.sendto(message.pack(), self.source)

    async def next(self, method: str) -> SipMessage:
        async with asyncio.timeout(5):
            request = await self.requests.get()
        assert request.method == method
        return request

    def accept(self, invite: SipMessage, rtp_port: int) -> None:
        contact = ("Contact", f"<sip:there@127.0.0.1:{self.port}>")
        body = offer("127.0.0.1", rtp_port, (Codec.PCMU,))
        more = (contact, ("Content-Type", "application/sdp"))
        self.send(reply_to(invite, 200, "OK", tag="peer", more=more, body=body))


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Peer, local_addr=("127.0.0.1", 0))
    yield protocol
    transport.close()


@pytest.fixture
async def far_phone() -> AsyncIterator[RtpPhone]:
    phone = await RtpPhone.open(683.0)
    yield phone
    await phone.close()


async def test_a_call_is_answered_heard_and_hung_up(peer: Peer, far_phone: RtpPhone) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "+15551230000", pitch_hz=397.0) as caller:
        invite = await peer.next("INVITE")
        peer.send(reply_to(invite, 100, "Trying"))
        peer.send(reply_to(invite, 180, "Ringing", tag="peer"))
        await caller.ringing()
        peer.accept(invite, far_phone.port)
        await caller.answered()
        ack = await peer.next("ACK")
        assert ack.start == f"ACK sip:there@127.0.0.1:{peer.port} SIP/2.0"
        assert ack.get("to").endswith(";tag=peer")
        media = read_answer(invite.body)
        far_phone.point(media.host, media.port)
        await far_phone.wait_for_packets(20)
        await caller.phone.wait_for_packets(20)
        assert far_phone.heard((397.0, 683.0)) == {397.0}
        assert caller.phone.heard((397.0, 683.0)) == {683.0}
        hanging_up = asyncio.create_task(caller.hang_up())
        peer.send(reply_to(await peer.next("BYE"), 200, "OK"))
        await hanging_up
        assert (await caller.ended()).by == "local"


async def test_the_invite_is_sent_again_until_something_is_heard(peer: Peer) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "7") as caller:
        first = await peer.next("INVITE")
        assert await peer.next("INVITE") == first
        peer.send(reply_to(first, 486, "Busy Here", tag="peer"))
        await peer.next("ACK")
        assert (await caller.ended()).status == 486


async def test_an_answer_that_comes_again_is_acknowledged_again(peer: Peer, far_phone: RtpPhone) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "7") as caller:
        invite = await peer.next("INVITE")
        peer.accept(invite, far_phone.port)
        ack = await peer.next("ACK")
        peer.accept(invite, far_phone.port)
        assert await peer.next("ACK") == ack
        bye = SipMessage(
            f"BYE {uri_in(invite.get('contact'))} SIP/2.0",
            (
                ("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKbye"),
                ("From", ack.get("to")),
                ("To", ack.get("from")),
                ("Call-ID", ack.get("call-id")),
                ("CSeq", "1 BYE"),
            ),
        )
        peer.send(bye)
        answer = await peer.requests.get()
        assert (answer.status, answer.method) == (200, "BYE")
        assert (await caller.ended()).by == "remote"


async def test_a_refused_call_fails_with_its_status(peer: Peer) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "7") as caller:
        peer.send(reply_to(await peer.next("INVITE"), 404, "Not Found", tag="peer"))
        with pytest.raises(CallFailed, match="404 Not Found"):
            await caller.answered()


async def test_a_call_that_only_rings_is_cancelled(peer: Peer) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "7") as caller:
        invite = await peer.next("INVITE")
        peer.send(reply_to(invite, 180, "Ringing", tag="peer"))
        hanging_up = asyncio.create_task(caller.hang_up())
        cancel = await peer.next("CANCEL")
        assert cancel.get("via") == invite.get("via")
        peer.send(reply_to(cancel, 200, "OK"))
        peer.send(reply_to(invite, 487, "Request Terminated", tag="peer"))
        await hanging_up
        assert (await caller.ended()).status == 487


async def test_it_puts_the_other_side_on_hold(peer: Peer, far_phone: RtpPhone) -> None:
    async with SipCaller(("127.0.0.1", peer.port), "7") as caller:
        peer.accept(await peer.next("INVITE"), far_phone.port)
        await peer.next("ACK")
        await caller.answered()
        holding = asyncio.create_task(caller.offer_again("sendonly"))
        again = await peer.next("INVITE")
        assert "a=sendonly" in again.body
        assert ";tag=peer" in again.get("to")
        peer.accept(again, far_phone.port)
        assert (await peer.next("ACK")).get("cseq") == "2 ACK"
        assert await holding == "sendrecv"
        hanging_up = asyncio.create_task(caller.hang_up())
        peer.send(reply_to(await peer.next("BYE"), 200, "OK"))
        await hanging_up


async def test_as_a_process_it_is_steered_by_lines(peer: Peer, far_phone: RtpPhone) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "roomtone.testing.sip_caller", "--pitch", "440"),
        *("--to", f"sip:+15551230000@127.0.0.1:{peer.port}"),
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )

    async def told() -> dict:
        return json.loads(await program.stdout.readline())

    invite = await peer.next("INVITE")
    peer.accept(invite, far_phone.port)
    await peer.next("ACK")
    assert [(await told())["event"] for _ in range(3)] == ["calling", "ringing", "answered"]
    media = read_answer(invite.body)
    far_phone.point(media.host, media.port)
    await far_phone.wait_for_packets(20)
    assert far_phone.heard((440.0,)) == {440.0}
    program.stdin.write(b'{"do": "measure", "id": 7, "ms": 300, "pitches": [440, 683]}\n')
    answer = await told()
    assert (answer["do"], answer["id"], answer["heard"]) == ("measure", 7, [683.0])
    program.stdin.write(b'{"do": "fly"}\n')
    assert "error" in await told()
    program.stdin.write(b'{"do": "quit"}\n')
    peer.send(reply_to(await peer.next("BYE"), 200, "OK"))
    assert await program.wait() == 0
