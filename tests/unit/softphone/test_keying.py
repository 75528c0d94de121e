"""Keys as packets."""

from __future__ import annotations

import pytest

from roomtone.softphone import keying
from roomtone.softphone.account import PhoneProblem
from roomtone.testing.rtp import parse_digit


def test_a_key_goes_down_grows_and_goes_up_three_times() -> None:
    down = [one for one in keying.frames("5") if one is not None]
    events = [parse_digit(one.payload) for one in down]
    assert [one.first for one in down] == [True] + [False] * (len(down) - 1)
    assert [event.digit for event in events if event] == ["5"] * 9
    assert [event.duration_ts for event in events if event] == [160, 320, 480, 640, 800, 960, 960, 960, 960]
    assert [event.end for event in events if event] == [False] * 6 + [True] * 3


def test_sound_comes_between_keys_and_w_waits_half_a_second() -> None:
    assert keying.frames("11")[9:13] == [None] * 4
    assert keying.frames("w") == [None] * 25
    assert keying.frames("W") == [None] * 50


def test_what_is_no_key_is_said() -> None:
    with pytest.raises(PhoneProblem, match="'x' is no key"):
        keying.frames("12x")
