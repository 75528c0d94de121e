"""What the reference engine tells of its ticks."""

from __future__ import annotations

from roomtone.testing.reference_pace import Pace


def test_lateness_is_told_every_five_seconds_and_begins_anew() -> None:
    pace = Pace(told_s=100.0)
    for late_s in [0.001] * 98 + [0.020, 0.250]:
        pace.note(late_s)
    pace.skipped = 3
    assert pace.take(104.9, 1, 1) is None
    told = pace.take(105.0, 2, 1)
    assert told is not None
    assert (told.ticks, told.skipped, told.streams, told.conferences) == (100, 3, 2, 1)
    assert (told.late_p50_us, told.late_p99_us, told.late_max_us) == (1_000, 250_000, 250_000)
    assert pace.take(111.0, 2, 1) is None, "nothing was counted since"
    pace.note(-0.001)
    again = pace.take(111.0, 2, 1)
    assert again is not None
    assert (again.ticks, again.skipped, again.late_max_us) == (1, 0, 0)
