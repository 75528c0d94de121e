"""Two phones call one another: every way a call begins and ends, and what is heard in between."""

from __future__ import annotations

import asyncio

import pytest

from roomtone.sdp.agreement import Codec
from roomtone.softphone.account import Account, PhoneProblem
from roomtone.softphone.agent import T1_S, Agent
from roomtone.softphone.phone import Phone, Wishes
from roomtone.testing.sip_text import SipMessage
from stage.softphones import WITHIN_S, Desk, Ear, Singer, Told, pair, until


async def test_both_hear_one_another_and_the_keys_and_the_end() -> None:
    async with pair() as (ann, bob):
        call = await ann.phone.dial(bob.uri)
        assert "ann" in (await bob.told.wait("incoming"))["other"]
        await ann.told.wait("ringing")
        bob.phone.answer()
        assert (await ann.told.wait("answered"))["codec"] == "PCMU"
        await asyncio.gather(ann.hears(829.0), bob.hears(541.0))
        call.sound.press("12")
        assert bob.phone.call is not None
        heard = bob.phone.call.sound.keys_heard
        await until(lambda: list(heard) == ["1", "2"])
        await call.hang_up()
        over = await bob.told.wait("ended")
        assert (over["by"], over["status"], ann.told.lines[-1][1]["by"]) == ("them", 0, "us")
        assert over["loudest_heard_db"] > -20


async def test_a_muted_phone_says_nothing() -> None:
    async with pair(answers=True) as (ann, bob):
        call = await ann.phone.dial(bob.uri)
        call.sound.muted = True
        await ann.hears(829.0)
        assert bob.ear.loudest_db(541.0) < -60


async def test_the_called_end_the_call() -> None:
    async with pair(answers=True, codecs=frozenset({Codec.PCMA})) as (ann, bob):
        await ann.phone.dial(bob.uri)
        assert (await ann.told.wait("answered"))["codec"] == "PCMA"
        await bob.hears(541.0)
        assert bob.phone.call is not None
        await bob.phone.call.hang_up()
        assert (await ann.told.wait("ended"))["by"] == "them"


async def test_who_declines_is_not_there() -> None:
    async with pair() as (ann, bob):
        await ann.phone.dial(bob.uri)
        await bob.told.wait("incoming")
        assert bob.phone.call is not None
        await bob.phone.call.hang_up()
        assert (await ann.told.wait("ended"))["status"] == 603
        assert ann.told.kinds == ["calling", "ringing", "ended"]


async def test_who_gives_up_before_the_answer_cancels() -> None:
    async with pair() as (ann, bob):
        call = await ann.phone.dial(bob.uri)
        await bob.told.wait("incoming")
        await call.hang_up()
        assert (await ann.told.wait("ended"))["status"] == 487
        assert (await bob.told.wait("ended"))["reason"] == "they gave up"
        bob.phone.answer()
        assert "answered" not in bob.told.kinds


async def test_a_phone_in_a_call_is_busy() -> None:
    async with pair(answers=True) as (ann, bob):
        await ann.phone.dial(bob.uri)
        await ann.told.wait("answered")
        with pytest.raises(PhoneProblem, match="a call already"):
            await ann.phone.dial(bob.uri)
        cat = Desk("cat", 977.0)
        await cat.phone.open()
        await cat.phone.dial(bob.uri)
        assert (await cat.told.wait("ended"))["status"] == 486
        await cat.phone.close()


async def test_one_call_after_the_other() -> None:
    async with pair(answers=True) as (ann, bob):
        uri = bob.uri
        for _ in range(2):
            call = await ann.phone.dial(uri)
            async with asyncio.timeout(WITHIN_S):
                await call.up.wait()
            await call.hang_up()
            await bob.told.wait("ended")
            bob.told.lines.clear()


async def test_no_codec_in_common_is_refused() -> None:
    async with pair(answers=True, codecs=frozenset({Codec.G722})) as (ann, bob):
        await ann.phone.dial(bob.uri)
        assert (await ann.told.wait("ended"))["status"] == 488


class Net:
    """Takes what is sent to it and answers as the test says."""

    def __init__(self) -> None:
        self.requests: list[SipMessage] = []
        self.news = asyncio.Event()

    def take(self, request: SipMessage, _: tuple[str, int]) -> None:
        self.requests.append(request)
        self.news.set()

    async def wait(self, method: str) -> SipMessage:
        async with asyncio.timeout(WITHIN_S):
            while not any(one.method == method for one in self.requests):
                self.news.clear()
                await self.news.wait()
        return next(one for one in self.requests if one.method == method)


async def test_a_request_is_repeated_until_it_is_answered_and_a_reply_when_it_comes_again() -> None:
    net = Net()
    there = await Agent.open("127.0.0.1", 0, net.take)
    here = await Agent.open("127.0.0.1", 0, lambda *_: None)
    where = (there.host, int(there.host_port.rpartition(":")[2]))
    headers = (
        here.via(),
        ("From", "<sip:a@b>;tag=1"),
        ("To", "<sip:c@d>"),
        ("Call-ID", "x"),
        ("CSeq", "1 OPTIONS"),
    )
    asking = asyncio.create_task(here.ask(SipMessage("OPTIONS sip:c@d SIP/2.0", headers), where))
    request = await net.wait("OPTIONS")
    await asyncio.sleep(3 * T1_S)  # two more have come by now, and are known to be the same
    assert len(net.requests) == 1
    kept = request.headers
    there.reply(
        request, SipMessage("SIP/2.0 200 OK", kept), (here.host, int(here.host_port.rpartition(":")[2]))
    )
    reply = await asking
    assert reply is not None
    assert reply.status == 200
    here.close()
    there.close()


async def test_rubbish_is_dropped() -> None:
    agent = await Agent.open("127.0.0.1", 0, lambda *_: pytest.fail("it is no request"))
    for rubbish in (b"", b"\r\n\r\n", b"SIP/2.0 \r\n\r\n", b"INVITE x SIP/2.0\r\nCSeq: y\r\nCall-ID: \r\n\r\n",
                    b"SIP/2.0 abc\r\nCall-ID: 1\r\nCSeq: z\r\n\r\n", b"\xff\xfe"):  # fmt: skip
        agent.datagram_received(rubbish, ("127.0.0.1", 9))
    agent.close()


async def test_a_server_that_is_not_there_is_said() -> None:
    phone = Phone(Account("a", server="no-such-host.invalid"), Wishes(Singer(541), Ear()), Told())
    with pytest.raises(PhoneProblem, match=r"cannot find no-such-host\.invalid"):
        await phone.open()
    await phone.close()


async def test_a_port_that_is_taken_is_said() -> None:
    one = Desk("ann", 541.0)
    await one.phone.open()
    port = int(one.uri.rpartition(":")[2])
    other = Phone(Account("b", local="127.0.0.1", port=port), Wishes(Singer(541), Ear()), Told())
    with pytest.raises(PhoneProblem, match="cannot listen"):
        await other.open()
    await one.phone.close()
