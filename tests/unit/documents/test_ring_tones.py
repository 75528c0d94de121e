"""What a caller hears while it rings."""

from __future__ import annotations

import numpy as np
import pytest

from roomtone.documents.ring_tones import RATE_HZ, SHARED, TONES, ring_tone
from roomtone.testing.tones import level_db


@pytest.mark.parametrize(
    ("country", "pitches_hz", "round_s"),
    [
        (None, (440, 480), 6.0),
        ("us", (440, 480), 6.0),
        ("UK", (400, 450), 3.0),
        ("de", (425,), 5.0),
        ("xx", (440, 480), 6.0),
    ],
)
def test_a_round_has_its_countrys_pitches_and_length(
    country: str | None, pitches_hz: tuple[float, ...], round_s: float
) -> None:
    clip = ring_tone(country)
    assert clip.duration_s == pytest.approx(round_s)
    sound = np.frombuffer(clip.pcm, "<i2")[: round(0.4 * RATE_HZ)]
    assert all(level_db(sound, hz, RATE_HZ) > -30 for hz in pitches_hz)


@pytest.mark.parametrize("country", sorted(SHARED | TONES.keys()))
def test_every_tone_ends_in_silence_and_never_clips(country: str) -> None:
    sound = np.frombuffer(ring_tone(country).pcm, "<i2")
    assert not sound[-RATE_HZ // 2 :].any()
    assert np.abs(sound).max() < 10_000
