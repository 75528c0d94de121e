"""The tones of keys, as sound: for `Play digits`.

Two sines at once for each key, 100 ms long and 100 ms apart, loud enough for any detector.

Source: ITU-T Q.23 (pairs of frequencies), Q.24 (lengths that are recognised).
"""

from __future__ import annotations

import hashlib

import numpy as np

from roomtone.core.exchange import Clip

RATE_HZ = 8_000
TONE_S = 0.1
GAP_S = 0.1
PAUSES_S = {"w": 0.5, "W": 1.0}
LEVEL_DB = -9.0
"""Of each of the two sines, dB of full scale."""

_ROWS_HZ = (697.0, 770.0, 852.0, 941.0)
_COLUMNS_HZ = (1209.0, 1336.0, 1477.0, 1633.0)
PAIRS_HZ = {
    key: (_ROWS_HZ[row], _COLUMNS_HZ[column])
    for row, keys in enumerate(("123A", "456B", "789C", "*0#D"))
    for column, key in enumerate(keys)
}
"""The two frequencies of each key."""


def key_tones(keys: str) -> Clip:
    """Make the sound of keys; ``w`` and ``W`` are pauses of half a second and of a second.

    Raises:
        KeyError: One is no key.
    """
    pcm = b"".join(_pause(PAUSES_S[key]) if key in PAUSES_S else _tone(key) + _pause(GAP_S) for key in keys)
    return Clip(hashlib.sha256(b"keys" + keys.encode()).hexdigest(), RATE_HZ, pcm)


def _tone(key: str) -> bytes:
    times_s = np.arange(round(TONE_S * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * hz * times_s) for hz in PAIRS_HZ[key])
    return bytes(np.asarray(wave * 32_767 * 10 ** (LEVEL_DB / 20), dtype="<i2").tobytes())


def _pause(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE_HZ))
