"""Decoding: every kind of file, and everything that only claims to be one."""

from __future__ import annotations

import resource
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.audio import KINDS, loudest_hz, tone_file
from roomtone.documents.decode import DecodeLimits, NotAudio, container_of, decode

LIMITS = DecodeLimits()
TYPES = {"raw-mulaw": "audio/basic", "raw-alaw": "audio/x-alaw"}
RATES = {"ogg-opus": 48_000, "mp3": 44_100, "aac": 44_100, "mp4": 44_100, "ogg-vorbis": 44_100}


@pytest.mark.parametrize("kind", KINDS)
def test_a_tone_comes_out_of_every_kind_of_file(kind: str) -> None:
    rate_hz = RATES.get(kind, 8_000)
    body = tone_file(kind, hz=440, rate_hz=rate_hz, channels=2 if kind == "ogg-vorbis" else 1)
    clip = decode(body, TYPES.get(kind, ""), LIMITS)
    assert clip.rate_hz == (16_000 if rate_hz >= 16_000 else 8_000)
    assert clip.duration_s == pytest.approx(0.5, abs=0.06)  # lossy codecs fill up their last frame
    assert loudest_hz(clip.pcm, clip.rate_hz) == pytest.approx(440, abs=4)
    level = np.abs(np.frombuffer(clip.pcm, "<i2").astype(int)).max() / 32_768
    assert level == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(
    ("rate_hz", "clip_hz"),
    [(8_000, 8_000), (11_025, 8_000), (16_000, 16_000), (22_050, 16_000), (96_000, 16_000)],
)
def test_rates_become_one_of_two(rate_hz: int, clip_hz: int) -> None:
    clip = decode(tone_file(hz=1_000, rate_hz=rate_hz, channels=2), "", LIMITS)
    assert clip.rate_hz == clip_hz
    assert loudest_hz(clip.pcm, clip.rate_hz) == pytest.approx(1_000, abs=4)


def test_a_clip_is_named_by_what_it_holds() -> None:
    one, same, other = (decode(tone_file(hz=hz), "", LIMITS) for hz in (440, 440, 441))
    assert one == same
    assert one.name != other.name
    assert len(one.name) == 64


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        (b"", "audio/mpeg"),
        (b"hello", "audio/mpeg"),
        (b"<Response/>", "audio/wav"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.mp3\n", "audio/mpegurl"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "audio/x-ffconcat"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "audio/png"),
        (b"RIFF\x10\0\0\0AVI " + bytes(100), "audio/x-wav"),
        (bytes(1_000), "audio/mpeg"),
        (b"ID3" + bytes(200), "audio/mpeg"),
        (b"OggS" + b"\xff" * 200, "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"\0\0\0\x18ftypM4A " + bytes(200), "audio/mp4"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (tone_file(seconds=0.5)[:44], "audio/wav"),
    ],
)
def test_what_only_claims_to_be_audio_is_refused_in_clear_words(body: bytes, type_: str) -> None:
    with pytest.raises(NotAudio, match=r"^it is |^it cannot |channels at"):
        decode(body, type_, LIMITS)


@pytest.mark.parametrize(
    ("channels", "rate_hz"), [(0, 8_000), (65_535, 8_000), (9, 8_000), (1, 1), (1, 4_000_000), (1, 0)]
)
def test_a_header_that_promises_too_much_is_refused(channels: int, rate_hz: int) -> None:
    layout = struct.pack("<HHIIHH", 1, channels, rate_hz, rate_hz * 2, 2 * channels & 0xFFFF, 16)
    body = b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0" + layout + b"data\xff\xff\0\0" + bytes(65_535)
    with pytest.raises(NotAudio):
        decode(body, "audio/wav", LIMITS)


@pytest.mark.parametrize("kind", ["mp3", "aac", "flac"])
def test_tags_before_the_sound_do_not_matter(kind: str) -> None:
    rate_hz = 16_000
    tag = (
        b"ID3\x04\0\x10" + bytes((0, 0, 1, 5)) + b"TIT2\x7f\x7f\x7f\x7f\0\0\xff\xfe" + bytes(121) + bytes(10)
    )
    plain, tagged = tone_file(kind, rate_hz=rate_hz), tag * 2 + tone_file(kind, rate_hz=rate_hz)
    assert decode(tagged, "audio/mpeg", LIMITS) == decode(plain, "audio/mpeg", LIMITS)


@pytest.mark.parametrize("kind", ["wav", "aiff"])
def test_a_title_that_claims_gigabytes_costs_nothing(kind: str) -> None:
    body = tone_file(kind)
    lie = b"LIST\x53\0\0\xcfINFOISFT\0\0\0\x7f" if kind == "wav" else b"ANNO\x7f\0\0\0"
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    with suppress(NotAudio):  # the sound lies beyond what the title claims
        decode(body[:36] + lie + body[36:], "", LIMITS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024 - before_mb < 100


def test_a_coding_nobody_knows_is_refused() -> None:
    layout = struct.pack("<HHIIHH", 0x9999, 1, 8_000, 16_000, 2, 16)
    body = b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0" + layout + b"data\xff\xff\0\0" + bytes(6_000)
    with pytest.raises(NotAudio, match="coded in a way"):
        decode(body, "audio/wav", LIMITS)


def test_audio_that_is_too_long_is_refused_without_unpacking_it_all() -> None:
    with pytest.raises(NotAudio, match=r"longer than 0\.2 s"):
        decode(tone_file(seconds=0.5), "", DecodeLimits(max_duration_s=0.2))
    assert decode(tone_file(seconds=0.5), "", DecodeLimits(max_duration_s=0.5)).duration_s == 0.5


def test_a_file_that_breaks_off_is_played_as_far_as_it_goes() -> None:
    whole = tone_file("mp3", rate_hz=16_000, seconds=2)
    clip = decode(whole[: len(whole) // 2], "audio/mpeg", LIMITS)
    assert 0.5 < clip.duration_s < 1.5


def test_a_damaged_packet_is_passed_over() -> None:
    body = bytearray(tone_file("mp3", rate_hz=16_000, seconds=2))
    body[len(body) // 2 : len(body) // 2 + 400] = bytes(400)
    clip = decode(bytes(body), "audio/mpeg", LIMITS)
    assert clip.duration_s > 1


@pytest.mark.parametrize(
    ("head", "type_", "container"),
    [
        (b"\xff\xfb\x90\x64", "", "mp3"),
        (b"\xff\xf3\x90\x64", "", "mp3"),
        (b"\0\0\xff\xfb\x90\x64", "", "mp3"),
        (b"\xff\xf1\x50\x80", "", "aac"),
        (b"\xff\xf9\x50\x80", "", "aac"),
        (b"\xff\xeb\x90\x64", "", None),
        (b"\xff\xfb\xf0\x64", "", None),
        (b"#!AMR\n", "", "amr"),
        (b"RF64\xff\xff\xff\xffWAVE", "", "wav"),
        (b"\x7f\x7f", "audio/ulaw", "mulaw"),
        (b"\x7f\x7f", "audio/gsm", "gsm"),
        (b"\x7f\x7f", "audio/l16", None),
    ],
)
def test_files_are_known_by_their_first_bytes(head: bytes, type_: str, container: str | None) -> None:
    assert container_of(head, type_) == container


GOOD = [tone_file(kind, rate_hz=RATES.get(kind, 8_000), seconds=0.2, channels=2 if kind == "ogg-vorbis" else 1) for kind in KINDS]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 255)), max_size=20),
    st.floats(0.05, 1),
)
def test_any_damage_leads_to_a_clip_or_a_refusal(
    good: bytes, damages: list[tuple[int, int]], kept: float
) -> None:
    body = bytearray(good)
    for place, value in damages:
        body[place % len(body)] = value
    with suppress(NotAudio):
        clip = decode(bytes(body[: int(len(body) * kept)]), "audio/basic", DecodeLimits(max_duration_s=30))
        assert 0 < clip.duration_s <= 30


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([b"", b"ID3\x04\0\0", b"OggS\0", b"fLaC", b".snd", b"caff\0\1", b"\xff\xfb\x90", b"\xff\xf1\x50", b"#!AMR\n", b"FORM\0\0\0\0AIFF", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypisom"]), st.binary(max_size=2_000))  # fmt: skip
def test_any_bytes_lead_to_a_clip_or_a_refusal(magic: bytes, rest: bytes) -> None:
    with suppress(NotAudio):
        decode(magic + rest, "audio/gsm", DecodeLimits(max_duration_s=30))
