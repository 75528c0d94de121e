"""The music that Roomtone makes itself, for those who wait and nobody said what they should hear.

Computed, not recorded: eight bars of soft chords with a plucked line over them, that join end to end without a seam.
Always the same samples. Quiet enough to speak over (peak -12 dBFS).

Source: none; the tune is ours.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

from roomtone.core.exchange import Clip

RATE_HZ = 16_000
BAR_S = 3.5
PEAK_DB = -12.0

_A4_HZ = 440.0
_NOTES_PER_BAR = 8
_CHORDS: tuple[tuple[int, ...], ...] = (
    (48, 55, 60, 64, 67, 71),  # C major 7
    (45, 52, 57, 60, 64, 67),  # A minor 7
    (41, 48, 53, 57, 60, 64),  # F major 7
    (43, 50, 55, 59, 62, 65),  # G 7
    (40, 47, 52, 55, 59, 62),  # E minor 7
    (45, 52, 57, 60, 64, 67),  # A minor 7
    (38, 45, 50, 53, 57, 60),  # D minor 7
    (43, 50, 55, 57, 62, 65),  # G 9, suspended
)
"""MIDI numbers, bass first."""

_FIGURES = ((2, 3, 5, 4, 3, 5, 4, 3), (2, 4, 3, 5, 4, 3, 5, 4))
"""Which note of the chord is plucked, bar about."""

Samples = npt.NDArray[np.float32]


@cache
def house_music() -> Clip:
    """Give the loop: 28 s, mono, 16 kHz. Made at the first call (well under 300 ms of work), kept afterwards."""
    loop = np.zeros(round(len(_CHORDS) * BAR_S * RATE_HZ), np.float32)
    plucks: dict[int, Samples] = {}
    for bar, chord in enumerate(_CHORDS):
        start_s = bar * BAR_S
        _add(loop, start_s - 0.25, _pad(chord[:5]))
        figure = _FIGURES[bar % len(_FIGURES)]
        _add(loop, start_s, 0.5 * _pluck(chord[0]))
        for beat, index in enumerate(figure):
            note = chord[index]
            plucks[note] = plucks[note] if note in plucks else _pluck(note)
            level = 0.42 if beat % 4 == 0 else 0.3
            _add(loop, start_s + beat * BAR_S / _NOTES_PER_BAR, level * plucks[note])
    loop *= 10 ** (PEAK_DB / 20) / np.abs(loop).max()
    pcm = np.round(loop * 32_767).astype("<i2").tobytes()
    return Clip(hashlib.sha256(pcm + RATE_HZ.to_bytes(4, "little")).hexdigest(), RATE_HZ, pcm)


def _add(loop: Samples, start_s: float, sound: Samples) -> None:
    """Add a sound to the loop; what reaches over its end goes on at its beginning, hence no seam."""
    start = round(start_s * RATE_HZ) % len(loop)
    first = min(len(sound), len(loop) - start)
    loop[start : start + first] += sound[:first]
    loop[: len(sound) - first] += sound[first:]


def _hz(note: int) -> float:
    return float(_A4_HZ * 2 ** ((note - 69) / 12))


def _pluck(note: int) -> Samples:
    """Pluck a string: a few partials, the higher the sooner gone, with a soft start and an end at nothing."""
    times = _times(1.8)
    sound = np.zeros_like(times)
    for partial, level in ((1, 1.0), (2, 0.35), (3, 0.12), (4, 0.05)):
        decay = level * np.exp(-(1.6 + 1.1 * partial) * times)
        sound += decay * np.sin(2 * np.pi * _hz(note) * partial * times)
    return sound * _edges(len(times), 0.006, 0.2)


def _pad(chord: tuple[int, ...]) -> Samples:
    """Hold a chord for its bar and a little into the next, swelling slowly as two voices a hair apart would."""
    times = _times(BAR_S + 0.5)
    sound = np.zeros_like(times)
    for note in chord:
        sound += np.sin(2 * np.pi * _hz(note) * times)
    swell: Samples = 0.1 * np.cos(2 * np.pi * 0.12 * (times - times[-1] / 2))
    chord_sound: Samples = sound * swell * _edges(len(times), 0.7, 0.7)
    return chord_sound


def _times(length_s: float) -> Samples:
    times: Samples = np.arange(round(length_s * RATE_HZ), dtype=np.float32) / np.float32(RATE_HZ)
    return times


def _edges(length: int, attack_s: float, release_s: float) -> Samples:
    """Shape a sound: up and down along half a cosine, so that nothing clicks."""
    shape = np.ones(length, np.float32)
    attack, release = round(attack_s * RATE_HZ), round(release_s * RATE_HZ)
    shape[:attack] = 0.5 - 0.5 * np.cos(np.pi * np.arange(attack) / attack)
    shape[length - release :] = 0.5 + 0.5 * np.cos(np.pi * np.arange(release) / release)
    return shape
