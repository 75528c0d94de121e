"""SIP over TLS: calls in and out, whose certificates are believed, and what strangers may do to a handshake."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.brain import Brain
from engine.callee import answer
from engine.calls import answered, ended_once
from engine.certified import Authority, Signed, serving
from engine.hostile import datagrams
from engine.phone import SDP, Phone
from engine.running import Running, running
from engine.test_outgoing import invited
from roomtone.link import messages as m

LONG_S = 20.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA that nobody believes."""
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def ours(authority: Authority) -> Signed:
    return authority.sign("ours")


@pytest.fixture
def engine(
    tmp_path: Path, authority: Authority, ours: Signed, request: pytest.FixtureRequest
) -> Iterator[Running]:
    """Run an engine that listens for TLS."""
    files = ("--tls-certificate", str(ours.certificate), "--tls-key", str(ours.key))
    believed = ("--tls-trust", str(authority.file))
    more = ("--tls-clients", str(authority.file)) if getattr(request, "param", "") == "mutual" else ()
    with running(tmp_path, "--sips", "127.0.0.1:0", *files, *believed, *more) as one:
        yield one


@asynccontextmanager
async def calling_by_tls(
    engine: Running, authority: Authority, shown: Signed | None = None
) -> AsyncIterator[Phone]:
    phone = await Phone(engine.sips, "TLS", tls=authority.trusting(shown)).open()
    try:
        yield phone
    finally:
        await phone.close()


@asynccontextmanager
async def connected(
    engine: Running, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that is closed in the end, whatever the other side did to it."""
    reader, writer = await asyncio.open_connection(*engine.sips, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Called(Phone):
    """A phone that is called by TLS; the engine's connection is its only one."""

    connections = 0
    agreed: ssl.SSLObject | None = None

    @classmethod
    @asynccontextmanager
    async def listening(cls, context: ssl.SSLContext) -> AsyncIterator[Called]:
        phone = cls(("127.0.0.1", 0), "TLS")
        phone.inbox = asyncio.Queue()
        server = await asyncio.start_server(phone._taken, "127.0.0.1", 0, ssl=context)
        phone.address = server.sockets[0].getsockname()
        try:
            yield phone
        finally:
            server.close()
            if phone.connections:
                phone._tcp.close()
                with contextlib.suppress(OSError):
                    await phone._tcp.wait_closed()

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tcp = writer
        self.agreed = writer.get_extra_info("ssl_object")
        self._listening = asyncio.current_task()  # type: ignore[assignment]
        await self._listen(reader)

    def uri(self, host: str = "127.0.0.1", scheme: str = "sips") -> str:
        return f"{scheme}:callee@{host}:{self.address[1]}"


async def test_a_call_comes_by_tls_and_ends_by_our_bye(
    engine: Running, brain: Brain, authority: Authority
) -> None:
    async with calling_by_tls(engine, authority) as phone:
        call = await answered(brain, phone)
        assert brain.told(m.IncomingCall)[0].transport == "tls"
        brain.post(m.HangUp, call=call, reason="")
        bye = await phone.asked("BYE", LONG_S)
        assert bye.header("via").startswith("SIP/2.0/TLS ")
        phone.respond(bye)
        await ended_once(brain, call)


async def test_the_contact_names_the_port_of_tls_and_keeps_to_sips(
    engine: Running, brain: Brain, authority: Authority
) -> None:
    for scheme, contact in (("sip", "<sip:127.0.0.1:{};transport=tls>"), ("sips", "<sips:127.0.0.1:{}>")):
        async with calling_by_tls(engine, authority) as phone:
            phone.send(phone.compose("INVITE", SDP).replace("INVITE sip:", f"INVITE {scheme}:", 1))
            fact = await brain.fact(m.IncomingCall, sip_call_id=phone.call_id)
            brain.post(m.Answer, call=fact.call, sdp=SDP)
            ok = await phone.hears(200, "INVITE", LONG_S)
            assert ok.header("contact") == contact.format(engine.sips[1])
            phone.say("ACK")
            phone.say("BYE")
            await phone.hears(200, "BYE", LONG_S)


async def test_keepalives_are_answered_by_tls_too(engine: Running, authority: Authority) -> None:
    async with connected(engine, authority.trusting()) as (reader, writer):
        writer.write(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.readexactly(2), LONG_S) == b"\r\n"


async def test_a_renewed_certificate_is_shown_without_a_restart(
    engine: Running, authority: Authority, ours: Signed
) -> None:
    before = ours.certificate.read_bytes()
    authority.sign("ours", "127.0.0.1", "renewed.test")
    assert ours.certificate.read_bytes() != before
    async with connected(engine, authority.trusting()) as (_, writer):
        shown = writer.get_extra_info("peercert")
        assert ("DNS", "renewed.test") in shown["subjectAltName"]


@pytest.mark.parametrize("engine", ["mutual"], indirect=True)
async def test_who_must_show_a_certificate_and_has_none_is_not_heard(
    engine: Running, brain: Brain, authority: Authority, stranger: Authority
) -> None:
    for shown in (None, stranger.sign("theirs")):
        with contextlib.suppress(OSError):
            async with connected(engine, authority.trusting(shown)) as (reader, writer):
                writer.write(b"\r\n\r\n")
                assert await asyncio.wait_for(reader.read(2), LONG_S) == b""
    async with calling_by_tls(engine, authority, authority.sign("trunk")) as phone:
        call = await answered(brain, phone)
        phone.say("BYE")
        await ended_once(brain, call)


async def test_a_call_of_ours_goes_by_tls_and_a_second_by_the_same_connection(
    engine: Running, brain: Brain, authority: Authority
) -> None:
    async with Called.listening(serving(authority.sign("callee"), authority)) as phone:
        for scheme, contact in (
            ("sips", f"<sips:127.0.0.1:{engine.sips[1]}>"),
            ("sip", f"<sip:127.0.0.1:{engine.sips[1]};transport=tls>"),
        ):
            uri = phone.uri(scheme=scheme) + (";transport=tls" if scheme == "sip" else "")
            call = await invited(brain, target_uri=uri, to_uri=uri)
            invite = await phone.asked("INVITE", LONG_S)
            assert invite.header("contact") == contact
            assert invite.header("via").startswith("SIP/2.0/TLS ")
            answer(phone, invite, "200 OK", tag=uuid.uuid4().hex, body=SDP, headers=f"Contact: <{uri}>\r\n")
            await brain.fact(m.Answered, call=call)
            await phone.asked("ACK", LONG_S)
            brain.post(m.HangUp, call=call, reason="")
            phone.respond(await phone.asked("BYE", LONG_S))
            await ended_once(brain, call)
        assert phone.connections == 1
        assert phone.agreed is not None
        assert phone.agreed.getpeercert(), "we show who we are when we are asked"


async def test_who_is_not_who_was_called_gets_no_invite(
    engine: Running, brain: Brain, authority: Authority, stranger: Authority
) -> None:
    wrong = (stranger.sign("unknown"), authority.sign("another", "another.test"))
    for shown in wrong:
        async with Called.listening(serving(shown)) as phone:
            call = await invited(brain, target_uri=phone.uri(), to_uri=phone.uri())
            ended = await brain.fact(m.Ended, call=call)
            assert (ended.by, ended.status) == (m.EndedBy.TRANSPORT, 503)
            assert "certificate" in ended.reason
            assert not phone.heard()


async def test_strangers_at_the_door_leave_it_open_for_others(
    engine: Running, brain: Brain, authority: Authority
) -> None:
    """Bytes that are no TLS, handshakes that stop, and malformed messages within TLS."""
    idle = [await asyncio.open_connection(*engine.sips) for _ in range(60)]
    for n, (_, writer) in enumerate(idle):
        # The first bytes of a handshake of some length, of which no more comes.
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00"[: n % 8])
    for datagram in datagrams(5, 60):
        with contextlib.suppress(OSError):
            async with connected(engine) as (reader, writer):
                writer.write(datagram)
                writer.write_eof()
                await asyncio.wait_for(reader.read(), LONG_S)
    for datagram in datagrams(6, 60):
        with contextlib.suppress(OSError):
            async with connected(engine, authority.trusting()) as (_, writer):
                writer.write(datagram)
                writer.write(b"\r\n\r\nOPTIONS")
                await writer.drain()
    async with calling_by_tls(engine, authority) as phone:
        call = await answered(brain, phone)
        phone.say("BYE")
        await phone.hears(200, "BYE", LONG_S)
        await ended_once(brain, call)
    for _, writer in idle:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    assert engine.process.poll() is None
