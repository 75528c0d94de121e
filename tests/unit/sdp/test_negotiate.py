"""Negotiation: directions, packet times, codecs; and that any offer is met or refused, never anything else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.sdp.agreement import Codec, Flow
from roomtone.sdp.codecs import ABILITIES
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.opus import read_wishes
from roomtone.sdp.write import answer


def offer_with(*lines: str, formats: str = "0 8", address: str = "192.0.2.1") -> str:
    head = ("v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", f"c=IN IP4 {address}", "t=0 0")
    return "\r\n".join((*head, f"m=audio 4000 RTP/AVP {formats}", *lines, ""))


@pytest.mark.parametrize(
    ("theirs", "ours", "held"),
    [
        ("sendrecv", Flow.SENDRECV, Flow.RECVONLY),
        ("sendonly", Flow.RECVONLY, Flow.RECVONLY),
        ("recvonly", Flow.SENDONLY, Flow.INACTIVE),
        ("inactive", Flow.INACTIVE, Flow.INACTIVE),
    ],
)
def test_their_direction_is_mirrored_and_a_zero_address_stops_our_sending(
    theirs: str, ours: Flow, held: Flow
) -> None:
    assert negotiate(offer_with(f"a={theirs}")).flow is ours
    assert negotiate(offer_with(f"a={theirs}", address="0.0.0.0")).flow is held


@pytest.mark.parametrize(
    ("formats", "lines", "noise"),
    [
        ("0 101", (), None),
        ("0 13", (), 13),
        ("13 0", ("a=rtpmap:13 CN/8000",), 13),
        ("9 96", ("a=rtpmap:96 CN/8000",), 96),
        ("96 13 97", ("a=rtpmap:96 L16/16000", "a=rtpmap:97 CN/16000"), 97),
        ("96 13", ("a=rtpmap:96 L16/16000",), None),
        ("96 13", ("a=rtpmap:96 opus/48000/2",), None),
    ],
)
def test_comfort_noise_is_agreed_to_at_the_clock_of_the_codec(
    formats: str, lines: tuple[str, ...], noise: int | None
) -> None:
    assert negotiate(offer_with(*lines, formats=formats)).noise_payload_type == noise


@pytest.mark.parametrize(
    ("lines", "ptime_ms"),
    [
        ((), 20),
        (("a=ptime:10",), 10),
        (("a=ptime:30",), 30),
        (("a=ptime:60",), 60),
        (("a=ptime:20.0",), 20),
        (("a=ptime:5",), 10),
        (("a=ptime:35",), 30),
        (("a=ptime:200",), 60),
        (("a=ptime:0",), 20),
        (("a=ptime:soon",), 20),
        (("a=maxptime:10",), 10),
        (("a=ptime:60", "a=maxptime:40"), 40),
    ],
)
def test_the_packet_time_wished_for_is_met_as_far_as_we_can(lines: tuple[str, ...], ptime_ms: int) -> None:
    assert negotiate(offer_with(*lines)).ptime_ms == ptime_ms


@pytest.mark.parametrize(
    ("formats", "lines", "codec", "payload_type"),
    [
        ("0 8", (), Codec.PCMU, 0),
        ("8 0", (), Codec.PCMA, 8),
        ("9 8", (), Codec.PCMA, 8),
        ("96 0", ("a=rtpmap:96 PCMA/16000",), Codec.PCMU, 0),
        ("96 0", ("a=rtpmap:96 PCMA/8000/2",), Codec.PCMU, 0),
        ("96 0", ("a=rtpmap:96 pcma/8000",), Codec.PCMA, 96),
        ("abc 4444 0", (), Codec.PCMU, 0),
    ],
)
def test_the_first_codec_of_the_offer_that_we_speak_is_taken(
    formats: str, lines: tuple[str, ...], codec: Codec, payload_type: int
) -> None:
    agreed = negotiate(offer_with(*lines, formats=formats), {Codec.PCMU, Codec.PCMA})
    assert (agreed.codec, agreed.payload_type) == (codec, payload_type)


def test_digits_are_agreed_only_if_listed_and_at_our_clock() -> None:
    explained = "a=rtpmap:101 telephone-event/8000"
    assert negotiate(offer_with(explained)).digit_payload_type is None
    assert negotiate(offer_with(explained, formats="0 101")).digit_payload_type == 101
    wide = offer_with("a=rtpmap:101 telephone-event/48000", formats="0 101")
    assert negotiate(wide).digit_payload_type is None


OPUS = "a=rtpmap:111 opus/48000/2"


@pytest.mark.parametrize(
    ("formats", "lines", "codec", "clock_rate_hz"),
    [
        ("0 9 111", (OPUS,), Codec.PCMU, 8_000),
        ("111 9 0", (OPUS,), Codec.OPUS, 48_000),
        ("9 111 0", (OPUS,), Codec.G722, 8_000),
        ("96 0", ("a=rtpmap:96 L16/16000",), Codec.L16, 16_000),
        ("96 0", ("a=rtpmap:96 l16/8000/1",), Codec.L16, 8_000),
        ("96 0", ("a=rtpmap:96 L16/44100",), Codec.PCMU, 8_000),
        ("96 0", ("a=rtpmap:96 opus/48000",), Codec.PCMU, 8_000),
        ("96 0", ("a=rtpmap:96 G722/16000",), Codec.PCMU, 8_000),
        ("111 0", (OPUS, "a=maxptime:10"), Codec.PCMU, 8_000),
    ],
)
def test_who_can_do_everything_keeps_to_the_order_of_the_offer(
    formats: str, lines: tuple[str, ...], codec: Codec, clock_rate_hz: int
) -> None:
    agreed = negotiate(offer_with(*lines, formats=formats), frozenset(Codec))
    assert (agreed.codec, agreed.clock_rate_hz) == (codec, clock_rate_hz)
    assert (agreed.opus is not None) is (codec is Codec.OPUS)


def test_what_we_are_not_able_to_do_is_passed_over() -> None:
    offered = offer_with(OPUS, formats="111 9 0")
    assert negotiate(offered, {Codec.PCMU, Codec.G722}).codec is Codec.G722
    with pytest.raises(NotAcceptable, match="no codec in common: G722 or OPUS is needed"):
        negotiate(offer_with(formats="8 0"), {Codec.OPUS, Codec.G722})


def test_nothing_is_agreed_to_by_default_that_the_mixer_cannot_do() -> None:
    assert negotiate(offer_with(OPUS, formats="111 9 0")).codec in ABILITIES


@pytest.mark.parametrize(
    ("numbers", "agreed"),
    [("110 101", (110, None)), ("101 110", (110, None)), ("101", (101, 8_000)), ("102", (None, None))],
)
def test_digits_beside_opus_are_at_its_clock_or_else_at_the_telephones(
    numbers: str, agreed: tuple[int | None, int | None]
) -> None:
    lines = (
        OPUS, "a=rtpmap:110 telephone-event/48000", "a=rtpmap:101 telephone-event/8000",
        "a=rtpmap:102 telephone-event/16000",
    )  # fmt: skip
    met = negotiate(offer_with(*lines, formats=f"111 {numbers}"), {Codec.OPUS})
    assert (met.digit_payload_type, met.digit_clock_rate_hz) == agreed


@pytest.mark.parametrize(
    ("formats", "wished", "ptime_ms"),
    [("111", 10, 20), ("111", 30, 20), ("111", 50, 40), ("111", 120, 60), ("96", 60, 40), ("97", 60, 60)],
)
def test_packets_are_as_long_as_the_codec_allows(formats: str, wished: int, ptime_ms: int) -> None:
    lines = (OPUS, "a=rtpmap:96 L16/16000", "a=rtpmap:97 L16/8000", f"a=ptime:{wished}")
    assert negotiate(offer_with(*lines, formats=formats), frozenset(Codec)).ptime_ms == ptime_ms


def test_a_refusal_says_its_status_and_why() -> None:
    with pytest.raises(NotAcceptable, match="400: it does not begin with v=0") as refused:
        negotiate("not SDP")
    assert (refused.value.status, refused.value.why) == (400, "it does not begin with v=0")


LINES = st.one_of(
    st.sampled_from(
        [
            "m=audio 4000 RTP/AVP 0 8 101", "m=audio 0 RTP/AVP 0", "m=video 5000 RTP/AVP 96", "m=audio 1 RTP/SAVP 0",
            "c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0", "c=IN IP6 ::", "c=IN IP6 ff02::1", "c=IN IP4 x", "t=0 0", "t=",
            "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000", "a=sendonly", "a=inactive", "a=ptime:0.001",
            "a=ptime:9999", "a=maxptime:1", "a=rtcp:5", "", "s=", "m=audio 99999 RTP/AVP 0",
            "m=audio 4000 RTP/AVP 111 9 96 0 110", "a=rtpmap:111 opus/48000/2", "a=rtpmap:96 L16/16000",
            "a=fmtp:111 useinbandfec=1;maxaveragebitrate=x", "a=fmtp:111 =;;=1", "a=rtpmap:110 telephone-event/48000",
        ]
    ),
    st.text(max_size=40),
    st.builds("{}={}".format, st.sampled_from("vosiuepcbtrzkam"), st.text(max_size=40)),
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(LINES, max_size=14),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.frozensets(st.sampled_from(Codec), min_size=1),
)
def test_any_offer_is_met_with_an_answer_that_reads_back_or_refused(
    lines: list[str], end: str, abilities: frozenset[Codec]
) -> None:
    offered = end.join(["v=0", *lines])
    try:
        agreed = negotiate(offered, abilities)
    except NotAcceptable:
        return
    assert agreed.codec in abilities
    assert agreed.ptime_ms in range(10, 61, 10)
    assert 0 <= agreed.payload_type <= 127
    assert 0 < agreed.remote_port < 65_536
    text = answer(agreed, host="192.0.2.9", port=20000, session=1, version=1, offer=offered)
    back = negotiate(text, abilities)
    assert (back.codec, back.clock_rate_hz, back.ptime_ms) == (
        agreed.codec,
        agreed.clock_rate_hz,
        agreed.ptime_ms,
    )


@given(st.text(max_size=120))
def test_wishes_for_opus_are_read_from_any_text_within_their_limits(parameters: str) -> None:
    wishes = read_wishes(parameters)
    assert wishes.bitrate_bps == 0 or 6_000 <= wishes.bitrate_bps <= 510_000
    assert 8_000 <= wishes.max_playback_hz <= 48_000
