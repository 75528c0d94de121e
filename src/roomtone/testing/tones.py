"""Tones: make them, and measure which are in a piece of audio.

Audio claims are tested by ear: everybody gets a pitch, and the question is who hears which. Choose pitches at least
40 Hz apart and no multiples of each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from roomtone.testing.g711 import Pcm

RATE_HZ = 8_000
"""Samples per second of telephone audio."""

FULL_SCALE = 32_767.0
"""Amplitude of a sine of 0 dB."""

SILENT_DB = -100.0
"""Level told for exact silence."""

LEVEL_DB = -13.0
"""Level at which our phones speak: four of them sum up to less than full scale."""

HEARD_DB = -30.0
"""Level from which a pitch counts as heard: 17 dB below the phones' own, 10 dB above what G.711 adds."""

PITCHES_HZ = (397.0, 541.0, 683.0, 829.0, 977.0, 1123.0, 1277.0, 1427.0, 1543.0, 1733.0)
"""Ten pitches that cannot be mistaken for one another, nor for their multiples."""


class Tone:
    """An endless sine, handed out in pieces that fit together."""

    def __init__(self, hz: float, level_db: float = LEVEL_DB, rate_hz: int = RATE_HZ) -> None:
        self._step = 2 * np.pi * hz / rate_hz
        self._amplitude = FULL_SCALE * 10 ** (level_db / 20)
        self._at = 0

    def take(self, samples: int) -> Pcm:
        """Give the next `samples` samples."""
        phases = (np.arange(self._at, self._at + samples) * self._step) % (2 * np.pi)
        self._at += samples
        pcm: Pcm = np.round(self._amplitude * np.sin(phases)).astype(np.int16)
        return pcm


def tone(hz: float, duration_s: float, level_db: float = LEVEL_DB, rate_hz: int = RATE_HZ) -> Pcm:
    """Make a sine that starts at phase 0.

    Args:
        hz: Pitch.
        duration_s: Length in seconds.
        level_db: 0 is a sine of full scale.
        rate_hz: Samples per second.
    """
    return Tone(hz, level_db, rate_hz).take(round(duration_s * rate_hz))


def level_db(pcm: Pcm, hz: float, rate_hz: int = RATE_HZ) -> float:
    """Measure how loud one pitch is: 0 is a sine of full scale, −100 nothing at all.

    One bin of a Fourier transform at exactly this pitch, under a Hann window; in 200 ms it tells pitches 10 Hz apart.
    """
    if len(pcm) == 0:
        return SILENT_DB
    amplitude = abs(np.sum(pcm * _analysis(len(pcm), hz / rate_hz)))
    return max(SILENT_DB, float(20 * np.log10(max(amplitude, 1e-9) / FULL_SCALE)))


@lru_cache(maxsize=256)
def _analysis(samples: int, turns_per_sample: float) -> npt.NDArray[np.complex128]:
    """Make what a piece of audio is multiplied with; kept, for the same lengths and pitches come again and again."""
    window = np.hanning(samples)
    turning = np.exp(-2j * np.pi * turns_per_sample * np.arange(samples))
    kept: npt.NDArray[np.complex128] = 2 * window * turning / max(np.sum(window), 1.0)
    return kept


def pitches_in(pcm: Pcm, candidates: Iterable[float], threshold_db: float = HEARD_DB) -> set[float]:
    """Say which of these pitches are in a piece of 8 kHz audio (best 200 ms or longer)."""
    return {hz for hz in candidates if level_db(pcm, hz) >= threshold_db}


def loudness_db(pcm: Pcm) -> float:
    """Measure the whole, whatever is in it: 0 is a sine of full scale, −100 silence."""
    if len(pcm) == 0:
        return SILENT_DB
    power = float(np.mean(pcm.astype(np.float64) ** 2))
    return max(SILENT_DB, float(10 * np.log10(max(power, 1e-9) / (FULL_SCALE**2 / 2))))
