"""What codecs are called, and how long their packets may be."""

from __future__ import annotations

import pytest

from roomtone.sdp.agreement import Codec
from roomtone.sdp.codecs import ABILITIES, OFFERED, STATIC, codec_of, packet_times_ms, rtpmap_of
from roomtone.sdp.session import RtpMap

SPELLED = [
    (Codec.PCMU, 8_000, "PCMU/8000"),
    (Codec.PCMA, 8_000, "PCMA/8000"),
    (Codec.G722, 8_000, "G722/8000"),
    (Codec.L16, 8_000, "L16/8000"),
    (Codec.L16, 16_000, "L16/16000"),
    (Codec.OPUS, 48_000, "opus/48000/2"),
]


@pytest.mark.parametrize(("codec", "clock_rate_hz", "spelled"), SPELLED)
def test_every_codec_is_understood_as_it_is_written(codec: Codec, clock_rate_hz: int, spelled: str) -> None:
    assert rtpmap_of(codec, clock_rate_hz) == spelled
    name, rate, *channels = spelled.upper().split("/")
    assert codec_of(RtpMap(name, int(rate), *map(int, channels))) is codec


def test_every_codec_is_spelled_and_the_static_ones_are_known() -> None:
    assert {codec for codec, *_ in SPELLED} == set(Codec) >= ABILITIES
    assert [meaning.name for meaning in STATIC.values() if codec_of(meaning) is None] == ["CN"]
    assert len(set(OFFERED)) == len(OFFERED)


@pytest.mark.parametrize(("codec", "clock_rate_hz"), [row[:2] for row in SPELLED])
def test_20_ms_fit_always_and_no_packet_is_too_large_for_a_network(codec: Codec, clock_rate_hz: int) -> None:
    times_ms = packet_times_ms(codec, clock_rate_hz)
    assert 20 in times_ms
    assert list(times_ms) == sorted(times_ms)
    assert codec is not Codec.L16 or times_ms[-1] * clock_rate_hz // 1_000 * 2 <= 1_400
