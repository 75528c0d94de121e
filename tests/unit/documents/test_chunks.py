"""Tidying: what is sound stays as it is, with true sizes; what is not is gone."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.audio import tone_file
from roomtone.documents.chunks import sound_only, without_tags

FMT = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)


def wav(*chunks: bytes, form: bytes = b"RIFF") -> bytes:
    return form + b"\xff\xff\xff\xff" + b"WAVE" + b"".join(chunks)


def riff(*chunks: bytes) -> bytes:
    inner = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(inner)) + b"WAVE" + inner


DATA = b"data\x04\0\0\0abcd"


@pytest.mark.parametrize(
    ("body", "tidied"),
    [
        (wav(FMT, DATA), riff(FMT, DATA)),
        (wav(FMT, b"LIST\x03\0\0\0abc\0", DATA, b"id3 \x01\0\0\0x"), riff(FMT, DATA)),
        (wav(FMT, b"data\x40\0\0\0abcd"), riff(FMT, DATA)),
        (wav(FMT, b"data\0\0\0\0abcd"), riff(FMT, DATA)),
        (wav(b"ds64\x04\0\0\0wxyz", FMT, b"data\xff\xff\xff\xffabcd", form=b"RF64"), riff(FMT, DATA)),
        (wav(FMT, b"data\x03\0\0\0abc"), riff(FMT, b"data\x03\0\0\0abc\0")),
        (wav(FMT, b"LIST\xff\xff\xff\x7f", DATA), riff(FMT)),
        (wav(), riff()),
        (b"RIFF", b"RIFF\x04\0\0\0"),
    ],
)
def test_a_wav_file_is_written_anew(body: bytes, tidied: bytes) -> None:
    assert sound_only(body) == tidied


@pytest.mark.parametrize("kind", ["wav", "wav-float", "aiff"])
def test_a_tidy_file_stays_as_it_is(kind: str) -> None:
    once = sound_only(tone_file(kind))
    assert sound_only(once) == once
    assert once[:4] == (b"FORM" if kind == "aiff" else b"RIFF")


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        (b"", b""),
        (b"ID3", b"ID3"),
        (b"ID3\x04\0\0\0\0\0\x02xxsound", b"sound"),
        (b"ID3\x04\0\x10\0\0\0\x02xx3DI.......sound", b"sound"),
        (b"ID3\x04\0\0\0\0\0\0" * 2 + b"sound", b"sound"),
        (b"ID3\x04\0\0\0\0\x01\0" + bytes(128) + b"sound", b"sound"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7fsound", b""),
        (b"sound", b"sound"),
    ],
)
def test_tags_in_front_are_cut_off(body: bytes, rest: bytes) -> None:
    assert without_tags(body) == rest


@settings(deadline=None)
@given(st.sampled_from([b"RIFF", b"FORM", b"RF64"]), st.binary(max_size=200))
def test_any_file_comes_out_hardly_longer_and_tidy(form: bytes, rest: bytes) -> None:
    tidied = sound_only(form + rest)
    assert len(tidied) <= len(rest) + 13
    assert sound_only(tidied) == tidied
