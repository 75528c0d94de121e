"""SIP messages and session descriptions, as far as the caller needs them."""

from __future__ import annotations

import pytest

from roomtone.sdp.agreement import Codec
from roomtone.testing.sip_text import (
    Answered,
    SipMessage,
    address_of,
    offer,
    parse,
    read_answer,
    reply_to,
    uri_in,
)

OK = (
    b"SIP/2.0 200 Fine By Me\r\nv: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nt: <sip:b@x>;tag=2\r\nf: <sip:a@x>;tag=1\r\n"
    b"i: id\r\nCSeq: 7 INVITE\r\nm: <sip:b@127.0.0.1:5070>\r\nRecord-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n"
    b"l: 4\r\n\r\nbody"
)


def test_a_response_is_read_in_compact_form() -> None:
    message = parse(OK)
    assert (message.status, message.reason, message.method) == (200, "Fine By Me", "INVITE")
    assert (message.get("call-id"), message.body) == ("id", "body")
    assert message.all("record-route") == ["<sip:p1;lr>", "<sip:p2;lr>"]
    assert message.get("nothing") == ""


def test_what_is_not_sip_is_not_read() -> None:
    assert parse(b"\r\n\r\n") is None


def test_a_message_comes_back_as_it_went() -> None:
    message = SipMessage("OPTIONS sip:a@b SIP/2.0", (("Call-ID", "1"), ("CSeq", "1 OPTIONS")), "Grüße")
    again = parse(message.pack())
    assert (again.start, again.body, again.method, again.status) == (message.start, "Grüße", "OPTIONS", 0)
    assert again.get("content-length") == "7"


def test_a_reply_carries_what_it_must() -> None:
    bye = SipMessage("BYE sip:a@b SIP/2.0", (("Via", "v1"), ("Via", "v2"), ("From", "f"), ("To", "t"), ("Call-ID", "i"), ("CSeq", "2 BYE")))  # fmt: skip
    reply = reply_to(bye, 200, "OK", tag="mine")
    assert reply.all("via") == ["v1", "v2"]
    assert reply.get("to") == "t;tag=mine"


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sip:+1555@127.0.0.1:5080;transport=udp", ("127.0.0.1", 5080)),
        ("sip:host.example", ("host.example", 5060)),
        ("sips:a@[::1]:5061", ("::1", 5061)),
    ],
)
def test_addresses_are_found_in_uris(uri: str, address: tuple[str, int]) -> None:
    assert address_of(uri) == address


def test_what_has_no_address_is_told() -> None:
    with pytest.raises(ValueError, match="no SIP URI"):
        address_of("tel:+1555")


def test_uris_are_found_in_values() -> None:
    assert uri_in('"A" <sip:a@b;lr>;tag=1') == "sip:a@b;lr"
    assert uri_in("sip:a@b;tag=1") == "sip:a@b"


def test_an_offer_read_as_an_answer_says_what_was_offered() -> None:
    sdp = offer("127.0.0.1", 4_000, (Codec.PCMA, Codec.PCMU), digits=96, flow="sendonly")
    assert read_answer(sdp) == Answered("127.0.0.1", 4_000, (8, 0, 96), "sendonly")
    assert "c=IN IP6 ::1" in offer("::1", 4_000, (Codec.PCMU,))


def test_the_address_of_the_media_beats_that_of_the_session() -> None:
    sdp = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\nm=video 5 RTP/AVP 99\r\na=inactive\r\n"
    assert read_answer(sdp) == Answered("192.0.2.2", 9, (0,), "sendrecv")


@pytest.mark.parametrize(
    "sdp", ["", "v=0\r\nm=audio 9 RTP/AVP 0\r\n", "v=0\r\nc=IN IP4 192.0.2.1\r\nm=video 9 RTP/AVP 0\r\n"]
)
def test_an_answer_without_audio_is_told(sdp: str) -> None:
    with pytest.raises(ValueError, match="no audio"):
        read_answer(sdp)
