"""Tones that are made are found again; others are not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import decode, encode
from roomtone.testing.tones import (
    LEVEL_DB,
    PITCHES_HZ,
    SILENT_DB,
    Tone,
    level_db,
    loudness_db,
    pitches_in,
    tone,
)


@pytest.mark.parametrize("level", [-3.0, -13.0, -40.0])
@pytest.mark.parametrize("hz", PITCHES_HZ[::3])
def test_the_level_is_the_one_that_was_made(hz: float, level: float) -> None:
    assert level_db(tone(hz, 0.3, level), hz) == pytest.approx(level, abs=0.2)
    assert loudness_db(tone(hz, 0.3, level)) == pytest.approx(level, abs=0.2)


def test_silence_is_silent() -> None:
    nothing = np.zeros(1_600, np.int16)
    for pcm in (nothing, nothing[:0]):
        assert level_db(pcm, 440.0) == SILENT_DB
        assert loudness_db(pcm) == SILENT_DB
    assert pitches_in(nothing, PITCHES_HZ) == set()


def test_pieces_fit_together() -> None:
    whole, pieces = Tone(440.0).take(480), Tone(440.0)
    assert np.array_equal(np.concatenate([pieces.take(160) for _ in range(3)]), whole)


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_exactly_the_pitches_that_are_there_are_found(codec: Codec, size: int) -> None:
    """In 200 ms, four at a time, after G.711."""
    for group in itertools.islice(itertools.combinations(PITCHES_HZ, size), 60):
        mixed = np.sum([tone(hz, 0.2, LEVEL_DB).astype(int) for hz in group], axis=0)
        heard = decode(codec, encode(codec, np.clip(mixed, -32768, 32767).astype(np.int16)))
        assert pitches_in(heard, PITCHES_HZ) == set(group)


def test_no_pitch_is_a_multiple_of_another() -> None:
    for low, high in itertools.combinations(PITCHES_HZ, 2):
        assert high - low >= 40
        assert all(abs(high - low * factor) > 20 for factor in range(2, 6))
