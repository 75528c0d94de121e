"""Offers as devices write them: what is agreed, what is refused, and that the answer answers every stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.opus import OpusWishes
from roomtone.sdp.write import answer

HERE = Path(__file__).parent


def offer_named(name: str) -> str:
    return (HERE / f"{name}.sdp").read_bytes().decode()


AGREED = {
    "plain-pcmu-from-load-generator": Agreement(Codec.PCMU, 0, None, 20, "127.0.0.1", 6000, Flow.SENDRECV),
    "softphone-with-wideband-first": Agreement(Codec.PCMA, 8, 101, 20, "192.0.2.17", 20336, Flow.SENDRECV),
    "mobile-app-with-video-and-avpf": Agreement(Codec.PCMU, 0, 99, 20, "198.51.100.40", 7078, Flow.SENDRECV),
    "carrier-gateway-long-packets": Agreement(Codec.PCMA, 8, 100, 40, "203.0.113.77", 41732, Flow.SENDRECV),
    "media-server-plain-and-secure-audio": Agreement(
        Codec.PCMU, 0, 101, 20, "192.0.2.60", 24578, Flow.SENDRECV, media_index=1, noise_payload_type=13
    ),
    "hold-by-sendonly": Agreement(Codec.PCMA, 8, 101, 20, "192.0.2.31", 11800, Flow.RECVONLY),
    "hold-by-zero-address": Agreement(Codec.PCMU, 0, None, 20, "0.0.0.0", 11800, Flow.RECVONLY),
    "hold-at-session-level": Agreement(Codec.PCMU, 0, None, 20, "192.0.2.31", 11800, Flow.INACTIVE),
    "address-at-media-level-only": Agreement(Codec.PCMU, 0, None, 30, "192.0.2.99", 30000, Flow.SENDRECV),
    "ipv6": Agreement(Codec.PCMA, 8, None, 20, "2001:db8::7", 40000, Flow.SENDRECV),
    "dynamic-numbers-for-static-codecs": Agreement(
        Codec.PCMA, 110, 111, 20, "192.0.2.8", 40000, Flow.SENDRECV
    ),
    "bare-line-feeds-and-missing-lines": Agreement(Codec.PCMU, 0, None, 20, "192.0.2.8", 4000, Flow.SENDRECV),
    "unreadable-wishes-and-trailing-nul": Agreement(
        Codec.PCMA, 8, None, 20, "192.0.2.8", 4000, Flow.SENDRECV
    ),
    "opus-in-packets-shorter-than-ours": Agreement(
        Codec.PCMU, 0, 101, 10, "192.0.2.78", 40102, Flow.SENDRECV
    ),
    "desk-phone-with-g722-first": Agreement(Codec.PCMU, 0, 101, 20, "192.0.2.79", 11780, Flow.SENDRECV),
    "linear-sound-from-a-media-server": Agreement(Codec.PCMA, 8, 101, 60, "192.0.2.80", 16400, Flow.SENDRECV),
}

PLAIN = frozenset({Codec.PCMU, Codec.PCMA})

ALL = frozenset(Codec)
"""As if the engine could do every codec that can be spelled."""

AGREED_BY_ALL = {
    "softphone-with-wideband-first": Agreement(
        Codec.OPUS, 96, 101, 20, "192.0.2.17", 20336, Flow.SENDRECV,
        clock_rate_hz=48_000, digit_clock_rate_hz=8_000, opus=OpusWishes(),
    ),
    "mobile-app-with-video-and-avpf": Agreement(
        Codec.OPUS, 96, 101, 20, "198.51.100.40", 7078, Flow.SENDRECV,
        clock_rate_hz=48_000, opus=OpusWishes(fec=True),
    ),
    "opus-with-every-parameter": Agreement(
        Codec.OPUS, 111, 110, 60, "192.0.2.77", 40100, Flow.SENDRECV,
        clock_rate_hz=48_000,
        opus=OpusWishes(fec=True, dtx=True, bitrate_bps=20_000, max_playback_hz=16_000),
    ),
    "opus-in-packets-shorter-than-ours": Agreement(
        Codec.G722, 9, 101, 10, "192.0.2.78", 40102, Flow.SENDRECV
    ),
    "desk-phone-with-g722-first": Agreement(Codec.G722, 9, 101, 20, "192.0.2.79", 11780, Flow.SENDRECV),
    "linear-sound-from-a-media-server": Agreement(
        Codec.L16, 118, 120, 40, "192.0.2.80", 16400, Flow.SENDRECV, clock_rate_hz=16_000
    ),
}  # fmt: skip

REFUSED = {
    "browser-encrypted-only": (488, "UDP/TLS/RTP/SAVPF"),
    "secure-only": (488, "RTP/SAVP"),
    "audio-switched-off": (488, "no audio"),
    "fax-only": (488, "no audio"),
    "only-codecs-we-lack": (488, "no codec in common"),
    "opus-with-every-parameter": (488, "no codec in common: PCMU or PCMA is needed"),
    "no-address": (400, "no c= line"),
    "a-name-for-an-address": (400, "not an IP address"),
    "multicast": (488, "multicast"),
}


def test_every_file_is_accounted_for() -> None:
    assert {path.stem for path in HERE.glob("*.sdp")} == AGREED.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", AGREED)
def test_an_offer_is_met(name: str) -> None:
    assert negotiate(offer_named(name), PLAIN) == AGREED[name]


@pytest.mark.parametrize("name", AGREED_BY_ALL)
def test_an_offer_is_met_by_who_can_do_everything(name: str) -> None:
    assert negotiate(offer_named(name), ALL) == AGREED_BY_ALL[name]


@pytest.mark.parametrize("name", AGREED_BY_ALL)
def test_the_answer_of_who_can_do_everything_reads_back(name: str) -> None:
    agreed = AGREED_BY_ALL[name]
    text = answer(agreed, host="192.0.2.200", port=20000, session=7, version=1, offer=offer_named(name))
    back = negotiate(text, ALL)
    assert (back.codec, back.payload_type, back.ptime_ms) == (
        agreed.codec,
        agreed.payload_type,
        agreed.ptime_ms,
    )
    assert (back.clock_rate_hz, back.digit_clock_rate_hz) == (
        agreed.clock_rate_hz,
        agreed.digit_clock_rate_hz,
    )


@pytest.mark.parametrize("name", REFUSED)
def test_an_offer_is_refused(name: str) -> None:
    status, why = REFUSED[name]
    with pytest.raises(NotAcceptable, match=why) as refused:
        negotiate(offer_named(name), PLAIN)
    assert refused.value.status == status


@pytest.mark.parametrize("name", AGREED)
def test_the_answer_has_a_line_for_each_stream_and_says_what_was_agreed(name: str) -> None:
    offered = offer_named(name)
    text = answer(AGREED[name], host="192.0.2.200", port=20000, session=7, version=1, offer=offered)
    streams = [line.split()[1] for line in text.split("\r\n") if line.startswith("m=")]
    expected = ["0"] * sum(line.startswith("m=") for line in offered.splitlines())
    expected[AGREED[name].media_index] = "20000"
    assert streams == expected
    agreed = negotiate(text)  # read back, from the other side
    assert (agreed.codec, agreed.payload_type) == (AGREED[name].codec, AGREED[name].payload_type)
    assert agreed.digit_payload_type == AGREED[name].digit_payload_type
    assert (agreed.remote_host, agreed.remote_port, agreed.ptime_ms) == (
        "192.0.2.200", 20000, AGREED[name].ptime_ms,
    )  # fmt: skip
