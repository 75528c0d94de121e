"""Rubbish on the wire: malformed SIP, unusable SDP, RTP that is none. The engine answers or drops, and goes on.

Sources: RFC 3261, sections 8.2, 16.3; RFC 3264, section 6 (488); RFC 3550, appendix A.1.
"""

from __future__ import annotations

import os
import random
import socket

import pytest

from stage.ears import settle
from stage.scene import Scene
from stage.server import in_thread, is_alive

SEED = 20240917

WHOLE = (
    "INVITE sip:+15550000000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{turn}\r\n"
    "From: <sip:x@127.0.0.1>;tag={turn}\r\nTo: <sip:+15550000000@127.0.0.1>\r\nCall-ID: {turn}@rubbish\r\n"
    "CSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.1:5999>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
    "Content-Length: {length}\r\n\r\n{body}"
)


def mutations(count: int) -> list[bytes]:
    """Make malformed messages: cut, noisy, with lines lost or doubled, with absurd numbers. Repeatable."""
    dice = random.Random(SEED)
    made = []
    for turn in range(count):
        text = WHOLE.format(
            turn=turn, length=dice.choice((0, 5, -1, 99999999999)), body="v=0\r\n" * dice.randrange(9)
        )
        raw = bytearray(text.encode())
        match turn % 5:
            case 0:
                raw = raw[: dice.randrange(len(raw))]
            case 1:
                for _ in range(dice.randrange(1, 30)):
                    raw[dice.randrange(len(raw))] = dice.randrange(256)
            case 2:
                lines = bytes(raw).split(b"\r\n")
                del lines[dice.randrange(len(lines))]
                raw = bytearray(b"\r\n".join(lines))
            case 3:
                raw = bytearray(dice.randbytes(dice.randrange(1400)))
            case _:
                raw = raw.replace(
                    b"CSeq: 1 INVITE", b"CSeq: 99999999999999999999 " + b"X" * dice.randrange(900)
                )
        made.append(bytes(raw))
    return made


async def test_malformed_sip_is_survived_and_calls_go_on(scene: Scene) -> None:
    await scene.gather(2, "rubbish")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for datagram in mutations(3000):
            sock.sendto(datagram, scene.server.sip_address)
    await settle(list(scene.phones.values()), 20)
    assert is_alive(scene.server.ready["engine_pid"])
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})
    await scene.enter("cat", await scene.open_line("rubbish"))


async def test_rubbish_by_tcp_is_survived(scene: Scene) -> None:
    dice = random.Random(SEED)
    for turn in range(40):
        with socket.create_connection(scene.server.sip_address, timeout=5) as sock:
            sock.sendall(dice.randbytes(dice.randrange(1, 3000)) if turn % 2 else mutations(5)[turn % 5])
    assert is_alive(scene.server.ready["engine_pid"])
    await scene.enter("ann", await scene.open_line("after tcp rubbish"))


def sdp(media: str) -> str:
    return f"v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n{media}"


def invite(number: str, server: tuple[str, int], body: str, call_id: str) -> str:
    """Send one INVITE and give the final answer's first line; acknowledge it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(8)
        port = sock.getsockname()[1]
        text = (
            f"INVITE sip:{number}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call_id}\r\n"
            f"From: <sip:x@127.0.0.1>;tag=x\r\nTo: <sip:{number}@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:x@127.0.0.1:{port}>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        sock.sendto(text.encode(), server)
        while True:
            answer = sock.recv(8192).decode()
            if not answer.startswith("SIP/2.0 1"):
                break
        to = next(line for line in answer.split("\r\n") if line.lower().startswith("to:"))
        ack = text.split("\r\n\r\n", 1)[0].replace("INVITE", "ACK").split("\r\n")
        ack = [line for line in ack if not line.startswith(("To:", "Content-"))]
        sock.sendto("\r\n".join([*ack, to, "Content-Length: 0", "", ""]).encode(), server)
        return answer.split("\r\n", 1)[0]


@pytest.mark.parametrize(
    "media",
    [
        pytest.param("m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", id="no audio"),
        pytest.param("", id="no media at all"),
        pytest.param("m=audio 5000 RTP/AVP 18 96\r\na=rtpmap:96 SPEEX/8000\r\n", id="only unknown codecs"),
        pytest.param("m=audio 5000 RTP/AVP 96\r\na=rtpmap:96 L16/44100/2\r\n", id="only L16 in stereo"),
        pytest.param("m=audio 0 RTP/AVP 0\r\n", id="audio refused by port 0"),
        pytest.param("m=audio 5000 RTP/SAVP 0\r\n", id="only encrypted"),
    ],
)
async def test_an_offer_we_cannot_take_is_488(scene: Scene, media: str) -> None:
    number = await scene.open_line("offers")
    first_line = await in_thread(invite, number, scene.server.sip_address, sdp(media), os.urandom(8).hex())
    assert first_line.startswith("SIP/2.0 488"), first_line
    assert scene.customer.visits == [], "no document is asked for a call that cannot be"


@pytest.mark.parametrize("body", ["this is no sdp", "v=0\r\nm=audio", "\x00\xff"])
async def test_a_body_that_is_no_sdp_is_refused(scene: Scene, body: str) -> None:
    number = await scene.open_line("no sdp")
    first_line = await in_thread(invite, number, scene.server.sip_address, body, os.urandom(8).hex())
    assert first_line.startswith("SIP/2.0 4"), first_line


async def test_rtp_rubbish_changes_nothing(scene: Scene) -> None:
    """From the right address: no RTP, other payload types, odd sizes, wild headers. And from a stranger's: ignored."""
    await scene.gather(2, "rtp rubbish")
    dice = random.Random(SEED)
    ann = scene.callers["ann"]
    await settle(list(scene.phones.values()), 60)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for turn in range(600):
            size = dice.choice((0, 1, 11, 12, 13, 172, 1400))
            ann.phone.send_raw(dice.randbytes(size))
            header = bytes((0x80, dice.choice((0, 8, 13, 96, 101)))) + dice.randbytes(10)
            ann.phone.send_raw(header + dice.randbytes(dice.choice((0, 4, 160))) if turn % 3 else header[:6])
            stranger.sendto(header + b"\x00" * 160, ("127.0.0.1", ann.server_port))
    await settle(list(scene.phones.values()), 60)
    assert is_alive(scene.server.ready["engine_pid"])
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})
