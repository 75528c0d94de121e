"""What sources play, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest

from roomtone.link.messages import Content
from roomtone.testing.reference_sources import Playback, resampled
from roomtone.testing.tones import level_db, tone

CLIP = np.arange(1, 201).astype(np.int16)


def content(**given) -> Content:
    return Content(**{"clip": None, "loops": 1, "tone_hz": None, "level_db": -10.0, "duration_ms": 0} | given)


def test_a_clip_plays_once_and_is_silent_then() -> None:
    playback = Playback(content(clip="c"), CLIP)
    first, second = playback.take(160), playback.take(160)
    assert first.tolist() == list(range(1, 161))
    assert second.tolist() == [*range(161, 201)] + [0] * 120
    assert playback.ended
    assert not playback.endless
    assert playback.take(160).tolist() == [0] * 160


def test_loops_follow_without_a_gap() -> None:
    playback = Playback(content(clip="c", loops=2), CLIP)
    played = np.concatenate([playback.take(160) for _ in range(3)])
    assert played.tolist() == [*range(1, 201), *range(1, 201)] + [0] * 80


@pytest.mark.parametrize(
    ("given", "clip"), [({"clip": "c", "loops": 0}, CLIP), ({"tone_hz": 440.0}, None), ({}, None)]
)
def test_some_never_end(given: dict, clip: np.ndarray | None) -> None:
    playback = Playback(content(**given), clip)
    for _ in range(50):
        playback.take(160)
    assert playback.endless
    assert not playback.ended


def test_an_empty_clip_has_ended_before_it_began() -> None:
    assert Playback(content(clip="c", loops=0), CLIP[:0]).ended


def test_tones_and_silence_have_their_duration() -> None:
    sounding = Playback(content(tone_hz=440.0, duration_ms=30), None)
    assert level_db(sounding.take(240), 440.0) == pytest.approx(-10, abs=0.5)
    assert sounding.ended
    silent = Playback(content(duration_ms=10), None)
    assert silent.take(160).tolist() == [0] * 160
    assert silent.ended


@pytest.mark.parametrize("rate_hz", [6_000, 8_000, 11_025, 16_000, 44_100, 48_000])
def test_any_rate_becomes_ours_at_the_same_pitch_and_level(rate_hz: int) -> None:
    brought = resampled(tone(977.0, 0.5, rate_hz=rate_hz), rate_hz)
    assert len(brought) == pytest.approx(4_000, abs=2)
    assert level_db(brought, 977.0) == pytest.approx(-13, abs=0.3)


def test_what_cannot_be_heard_at_our_rate_is_gone() -> None:
    brought = resampled(tone(6_000.0, 0.5, rate_hz=16_000), 16_000)
    assert level_db(brought, 2_000.0) < -60


def test_nothing_stays_nothing() -> None:
    assert len(resampled(CLIP[:0], 44_100)) == 0
