"""The house music: pleasant is for people to say; everything that can be measured is measured here."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pytest

from roomtone.documents.house_music import RATE_HZ, house_music


@pytest.fixture(scope="module")
def samples() -> npt.NDArray[np.float64]:
    return np.frombuffer(house_music().pcm, "<i2").astype(float) / 32_768


def test_it_is_a_loop_of_half_a_minute_made_once() -> None:
    assert 24 <= house_music().duration_s <= 32
    assert house_music().rate_hz == RATE_HZ
    assert house_music() is house_music()


def test_it_is_the_same_each_time_and_quickly_made() -> None:
    once = house_music()
    started_s = time.process_time()
    house_music.cache_clear()
    again = house_music()
    assert time.process_time() - started_s < 0.3
    assert again == once


def test_its_peak_leaves_room_to_speak_over(samples: npt.NDArray[np.float64]) -> None:
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-12, abs=0.1)


def test_it_never_falls_silent_nor_wanders_off_zero(samples: npt.NDArray[np.float64]) -> None:
    seconds = samples.reshape(-1, RATE_HZ)
    levels_db = 20 * np.log10(np.sqrt((seconds**2).mean(axis=1)))
    assert levels_db.min() > -40
    assert abs(samples.mean()) < 0.001


def test_its_end_joins_its_beginning_without_a_click(samples: npt.NDArray[np.float64]) -> None:
    """A click is a sudden bend: around the seam the curve must bend no more than elsewhere in the loop."""
    bends = np.abs(np.diff(samples, n=2, append=samples[:2], prepend=samples[-2:]))
    seam = np.concatenate((bends[:8], bends[-8:]))
    assert seam.max() <= bends[8:-8].max()
