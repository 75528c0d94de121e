"""The needle rises at once, falls slowly, and leaves a mark."""

from __future__ import annotations

import pytest

from roomtone.softphone.meter import FALL_DB_PER_S, FLOOR_DB, Meter, bar, history, scale, share


def test_it_rises_at_once_and_falls_as_a_needle_does() -> None:
    meter = Meter()
    meter.show(-10, 1.0)
    assert meter.level_db == -10
    meter.show(-100, 1.3)
    assert meter.level_db == pytest.approx(-10 - 0.3 * FALL_DB_PER_S)
    meter.show(-100, 100.0)
    assert meter.level_db == FLOOR_DB


def test_the_mark_stays_at_the_loudest_for_a_while() -> None:
    meter = Meter()
    meter.show(-6, 10.0)
    meter.show(-40, 11.0)
    assert meter.peak_db == -6
    meter.show(-40, 11.5)
    assert meter.peak_db < -6


def test_history_keeps_the_loudest_of_each_quarter_second() -> None:
    meter = Meter(columns=3)
    for step in range(1, 16):
        meter.show(-20 if step == 3 else -50, step * 0.05)
    assert max(meter.history) == -20
    assert list(meter.history).count(-20) == 1
    assert len(meter.history) == 3


@pytest.mark.parametrize(("level_db", "cells"), [(-60, 0), (-30, 20), (0, 40), (12, 40)])
def test_a_bar_is_as_long_as_it_is_loud(level_db: float, cells: int) -> None:
    meter = Meter()
    meter.show(level_db, 1.0)
    drawn = bar(meter, 40).plain
    assert drawn.count("█") == cells
    assert drawn.endswith(" dB")
    assert len(drawn) == len(bar(Meter(), 40).plain)


def test_loud_is_red_and_faint_is_green() -> None:
    meter = Meter()
    meter.show(0, 1.0)
    styles = [str(span.style) for span in bar(meter, 40).spans]
    assert styles[0] == "rgb(46,160,110)"
    assert styles[38].startswith("rgb(22")


def test_the_scale_stands_where_the_bar_ends() -> None:
    line = scale(60).plain
    for level_db in (-48, -36, -24, -12, -6):
        middle = line.index(str(level_db)) + len(str(level_db)) // 2
        assert abs(middle - share(level_db) * 59) <= 1


def test_history_is_a_column_for_each_moment() -> None:
    meter = Meter(columns=4)
    meter.history.extend([-60, -30, 0])
    assert history(meter, 3).plain == "▁▅█"
