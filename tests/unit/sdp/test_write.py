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
    text = offer(host="192.0.2.9", port=20000, session=1, version=1, abilities={Codec.PCMU})
    agreed = negotiate(text)
    assert agreed == Agreement(
        Codec.PCMU, 0, 101, 20, "192.0.2.9", 20000, Flow.SENDRECV, noise_payload_type=13
    )


def test_an_answer_with_opus_says_what_we_wish_to_receive() -> None:
    offered = lines(
        "v=0", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 96 97 98 0", "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 usedtx=0", "a=rtpmap:97 telephone-event/8000", "a=rtpmap:98 telephone-event/48000", "a=ptime:40",
    )  # fmt: skip
    agreed = negotiate(offered, {Codec.OPUS})
    text = answer(agreed, host="192.0.2.9", port=20002, session=5, version=2, offer=offered)
    assert text.splitlines()[5:] == [
        "m=audio 20002 RTP/AVP 96 98",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 maxplaybackrate=48000;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=1",
        "a=rtpmap:98 telephone-event/48000",
        "a=fmtp:98 0-15",
        "a=ptime:40",
        "a=maxptime:60",
        "a=sendrecv",
    ]


def test_an_answer_agrees_to_comfort_noise() -> None:
    offered = lines(
        "v=0", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 9 13 101", "a=rtpmap:101 telephone-event/8000"
    )
    agreed = negotiate(offered)
    text = answer(agreed, host="192.0.2.9", port=20002, session=5, version=2, offer=offered)
    assert text.splitlines()[5:9] == [
        "m=audio 20002 RTP/AVP 9 13 101",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:101 telephone-event/8000",
    ]


def test_an_offer_of_everything_to_the_letter() -> None:
    text = offer(host="192.0.2.9", port=20000, session=1, version=1, abilities=frozenset(Codec))
    assert text.splitlines()[5:] == [
        "m=audio 20000 RTP/AVP 96 9 0 8 13 101 102",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 maxplaybackrate=48000;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=1",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=rtpmap:102 telephone-event/48000",
        "a=fmtp:102 0-15",
        "a=ptime:20",
        "a=maxptime:60",
        "a=sendrecv",
    ]


def test_an_offer_names_nothing_that_we_are_not_able_to_do() -> None:
    text = offer(host="192.0.2.9", port=20000, session=1, version=1, abilities={Codec.PCMU, Codec.PCMA})
    assert "m=audio 20000 RTP/AVP 0 8 13 101" in text.splitlines()
    assert "maxptime" not in text


def test_a_host_that_is_no_address_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not an IP address"):
        offer(host="localhost", port=20000, session=1, version=1)
