"""Time and chance that a test decides."""

from __future__ import annotations

from roomtone.testing.virtual_clock import CountingDice, VirtualClock


def test_time_stands_still_until_told() -> None:
    clock = VirtualClock(wall_ms=1_000)
    assert clock.now() == clock.now()
    later = clock.advance(1.5)
    assert (later.wall_ms, later.mono_ns) == (2_500, 1_500_000_000)
    assert clock.now() == later


def test_dice_count() -> None:
    dice = CountingDice(7)
    assert [dice.bits128() for _ in range(3)] == [7, 8, 9]
