"""The simplest jitter buffer that works."""

from __future__ import annotations

import numpy as np

from roomtone.testing.reference_jitter import DEEPEST_TS, DEPTH_TS, JitterBuffer


def frame(value: int, samples: int = 160) -> np.ndarray:
    return np.full(samples, value, dtype=np.int16)


def levels(buffer: JitterBuffer, count: int) -> list[int | None]:
    taken = (buffer.take() for _ in range(count))
    return [None if one is None else int(one[0]) for one in taken]


def filled(*numbers: int, start_ts: int = 0) -> JitterBuffer:
    buffer = JitterBuffer()
    for number in numbers:
        assert buffer.put((start_ts + 160 * number) % 2**32, frame(number))
    return buffer


def test_it_gathers_before_it_plays() -> None:
    buffer = filled(1)
    assert levels(buffer, 2) == [None, None]
    buffer.put(320, frame(2))
    assert levels(buffer, 3) == [1, 2, None]


def test_order_is_put_right_and_a_hole_is_silence() -> None:
    assert levels(filled(1, 3, 2, 5), 5) == [1, 2, 3, 0, 5]


def test_across_the_wrap_of_timestamps() -> None:
    assert levels(filled(1, 2, 3, start_ts=2**32 - 320), 3) == [1, 2, 3]


def test_too_late_is_of_no_use() -> None:
    buffer = filled(1, 2, 3)
    levels(buffer, 2)
    assert not buffer.put(160, frame(1))
    assert buffer.put(640, frame(4))
    assert levels(buffer, 2) == [3, 4]


def test_packets_of_any_length_are_cut_into_frames() -> None:
    buffer = JitterBuffer()
    buffer.put(0, frame(1, 240))
    buffer.put(240, frame(2, 240))
    first, second, third = buffer.take(), buffer.take(), buffer.take()
    assert set(first.tolist()) == {1}
    assert second.tolist() == [1] * 80 + [2] * 80
    assert set(third.tolist()) == {2}


def test_when_too_much_piles_up_the_oldest_is_skipped() -> None:
    buffer = filled(*range(1, 30))
    assert buffer.depth_ts() > DEEPEST_TS
    assert levels(buffer, 1) == [28]
    assert buffer.depth_ts() <= DEPTH_TS


def test_a_jump_is_another_piece_of_audio() -> None:
    buffer = filled(1, 2, 3)
    levels(buffer, 1)
    assert buffer.put(1_000_000, frame(9))
    assert levels(buffer, 1) == [None]
    buffer.put(1_000_160, frame(10))
    assert levels(buffer, 2) == [9, 10]
