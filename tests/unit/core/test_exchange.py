"""The little behaviour there is in the words between the floors."""

from __future__ import annotations

from roomtone.core.exchange import Clip


def test_a_clip_lasts_as_long_as_its_samples():
    assert Clip("x", 8_000, bytes(2 * 12_000)).duration_s == 1.5
