"""Writing answers and offers, to the letter."""

from __future__ import annotations

import pytest

from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.negotiate import negotiate
from roomtone.sdp.write import answer, offer


def lines(*texts: str) -> str:
    return "".join(f"{text}\r\n" for text in texts)


OFFER = lines(
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=3034423619 3042462419",
    "m=video 5000 RTP/AVP 96 97",
    "m=audio 4000 RTP/AVPF 8 101",
    "a=rtpmap:101 telephone-event/8000",
    "a=sendonly",
)


def test_an_answer_to_the_letter() -> None:
    text = answer(negotiate(OFFER), host="2001:db8::1", port=20002, session=5, version=2, offer=OFFER)
    assert text == lines(
        "v=0",
        "o=- 5 2 IN IP6 2001:db8::1",
        "s=-",
        "c=IN IP6 2001:db8::1",
        "t=3034423619 3042462419",
        "m=video 0 RTP/AVP 96 97",
        "m=audio 20002 RTP/AVPF 8 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=recvonly",
    )


def test_an_offer_of_ours_can_be_met_by_ourselves() -> None:
    agreed = negotiate(offer(host="192.0.2.9", port=20000, session=1, version=1))
    assert agreed == Agreement(Codec.PCMU, 0, 101, 20, "192.0.2.9", 20000, Flow.SENDRECV)


def test_a_host_that_is_no_address_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not an IP address"):
        offer(host="localhost", port=20000, session=1, version=1)
