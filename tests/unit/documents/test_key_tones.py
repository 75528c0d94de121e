"""The tones of keys."""

from __future__ import annotations

import numpy as np
import pytest

from roomtone.documents.key_tones import PAIRS_HZ, RATE_HZ, key_tones


@pytest.mark.parametrize("key", PAIRS_HZ)
def test_a_key_is_its_two_frequencies(key: str) -> None:
    sound = np.frombuffer(key_tones(key).pcm, "<i2")[: RATE_HZ // 10].astype(float)
    spectrum = np.abs(np.fft.rfft(sound))
    bin_hz = RATE_HZ / len(sound)
    loudest = {float(hz) for hz in np.argsort(spectrum)[-4:] * bin_hz}
    for hz in PAIRS_HZ[key]:
        assert min(abs(hz - one) for one in loudest) <= bin_hz
    assert abs(sound).max() < 32_767


def test_lengths_add_up() -> None:
    assert key_tones("1w2W").duration_s == pytest.approx(0.2 + 0.5 + 0.2 + 1.0)
    assert key_tones("12").name != key_tones("21").name


def test_what_is_no_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        key_tones("x")
