"""What was received is played in order and at a steady pace."""

from __future__ import annotations

import numpy as np

from roomtone.softphone.playout import Playout


def sound(value: int, samples: int = 160) -> np.ndarray:
    return np.full(samples, value, np.int16)


def values(playout: Playout, frames: int) -> list[int]:
    return [int(playout.take(160)[0]) for _ in range(frames)]


def test_nothing_plays_until_three_packets_are_there() -> None:
    playout = Playout()
    for turn in range(2):
        playout.put(160 * turn, sound(turn + 1))
        assert values(playout, 1) == [0]
    playout.put(320, sound(3))
    assert values(playout, 3) == [1, 2, 3]


def test_packets_may_come_in_any_order() -> None:
    playout = Playout()
    for turn in (0, 2, 1, 3):
        playout.put(1000 + 160 * turn, sound(turn + 1))
    assert values(playout, 4) == [1, 2, 3, 4]


def test_what_is_lost_is_silence_of_its_length() -> None:
    playout = Playout()
    for turn in (0, 1, 3, 4):
        playout.put(0xFFFFFFFF - 159 + 160 * turn & 0xFFFFFFFF, sound(turn + 1))
    assert values(playout, 5) == [1, 2, 0, 4, 5]


def test_it_starts_over_when_it_has_run_dry() -> None:
    playout = Playout()
    for turn in range(3):
        playout.put(160 * turn, sound(1))
    assert values(playout, 5) == [1, 1, 1, 0, 0]
    playout.put(8_000, sound(2))
    assert values(playout, 1) == [0]
    for turn in (1, 2):
        playout.put(8_000 + 160 * turn, sound(2))
    assert values(playout, 3) == [2, 2, 2]


def test_what_piles_up_is_left_out_oldest_first() -> None:
    playout = Playout()
    for turn in range(13):
        playout.put(160 * turn, sound(turn))
    assert values(playout, 4) == [10, 11, 12, 0]


def test_a_sender_that_jumps_is_followed() -> None:
    playout = Playout()
    for turn in range(3):
        playout.put(160 * turn, sound(1))
    playout.put(1_000_000, sound(2))
    assert values(playout, 4) == [1, 1, 1, 2]


def test_what_comes_too_late_is_dropped() -> None:
    playout = Playout()
    for turn in range(4):
        playout.put(160 * turn, sound(turn + 1))
    assert values(playout, 2) == [1, 2]
    playout.put(0, sound(9))
    assert values(playout, 2) == [3, 4]
