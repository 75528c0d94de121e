"""Two clocks, read together."""

from __future__ import annotations

from roomtone.core.moment import Moment


def test_later_is_later_on_both_clocks():
    assert Moment(1_000, 5).after(1.25) == Moment(2_250, 1_250_000_005)
