from __future__ import annotations

import pytest

from roomtone.core.pressure import FALLING_LOOKS, RISING_LOOKS, Figures, Load, Pressure, looked

LATE_LOOP, DROWNED_LOOP = Figures(loop_late_s=0.6), Figures(loop_late_s=3.0)
SLOW_DISK = Figures(store_late_s=2.5)
NEARLY = Figures(loop_late_s=0.4)
CALM = Figures()


def after(*looks: Figures, begin: Pressure = Pressure()) -> Pressure:  # noqa: B008 - frozen
    for one in looks:
        begin = looked(begin, one)
    return begin


@pytest.mark.parametrize(
    ("figures", "load"), [(LATE_LOOP, Load.BUSY), (DROWNED_LOOP, Load.SWAMPED), (SLOW_DISK, Load.BUSY)]
)
def test_a_load_is_believed_when_it_stays(figures: Figures, load: Load) -> None:
    assert after(*[figures] * (RISING_LOOKS - 1)).load is Load.EASY
    assert after(*[figures] * RISING_LOOKS).load is load


def test_a_moment_in_which_all_stood_still_refuses_nobody() -> None:
    assert after(*[DROWNED_LOOP, CALM] * 20).load is Load.EASY


def test_it_is_over_when_all_is_well_below_for_a_while() -> None:
    busy = after(*[LATE_LOOP] * RISING_LOOKS)
    assert after(*[NEARLY] * 50, begin=busy).load is Load.BUSY, "neither above the limit nor well below it"
    assert after(*[CALM] * (FALLING_LOOKS - 1), begin=busy).load is Load.BUSY
    assert after(*[CALM] * FALLING_LOOKS, begin=busy).load is Load.EASY


def test_who_was_swamped_is_busy_before_all_is_well() -> None:
    swamped = after(*[DROWNED_LOOP] * RISING_LOOKS)
    assert after(*[LATE_LOOP] * FALLING_LOOKS, begin=swamped).load is Load.BUSY


def test_what_the_engine_has_weighed_counts_at_once() -> None:
    strained, late = Figures(media_strained=True), Figures(media_strained=True, media_late=True, own_busy=0.5)
    assert after(strained).load is Load.BUSY
    assert after(late).load is Load.SWAMPED
    assert after(strained, CALM).load is Load.EASY
    assert after(Figures(media_late=True)).load is Load.EASY, "who skips for a moment is not strained"


def test_requests_are_not_refused_for_what_others_do_to_the_mix() -> None:
    starved = Figures(media_strained=True, media_late=True, own_busy=0.05)
    assert after(starved).load is Load.BUSY
