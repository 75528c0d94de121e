"""Each press is told once."""

from __future__ import annotations

from roomtone.core.call.keypad import Keypad, press
from roomtone.core.call.messages import DigitPressed, DigitWay
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment

NOW = Moment(1_000, 0)
RTP, INFO, TONE = DigitWay.RTP, DigitWay.INFO, DigitWay.TONE


def told(*presses: tuple[float, str, DigitWay]) -> str:
    """The digits that count, of presses at these seconds."""
    keypad: Keypad = ()
    digits = ""
    for at_s, digit, way in presses:
        keypad, is_news = press(keypad, DigitPressed(CallId(1), digit, 100, way), NOW.after(at_s))
        digits += digit if is_news else ""
    return digits


def test_one_press_by_three_ways_is_one() -> None:
    assert told((0, "5", RTP), (0.1, "5", INFO), (0.2, "5", TONE)) == "5"
    assert told((0, "5", INFO), (0.1, "5", RTP)) == "5"


def test_the_same_key_again_is_another_press_also_where_each_comes_twice() -> None:
    assert told((0, "5", RTP), (0.3, "5", RTP)) == "55"
    assert told((0, "5", RTP), (0.1, "5", INFO), (0.4, "5", RTP), (0.5, "5", INFO)) == "55"
    assert told((0, "5", RTP), (0.1, "5", INFO), (0.39, "5", INFO), (0.4, "5", RTP)) == "55"


def test_other_keys_and_later_ones_are_others() -> None:
    assert told((0, "1", RTP), (0.1, "2", INFO)) == "12"
    assert told((0, "1", RTP), (1.5, "1", INFO)) == "11"


def test_nothing_is_kept_longer_than_it_matters() -> None:
    keypad: Keypad = ()
    for at_s in range(0, 100, 2):
        keypad, _ = press(keypad, DigitPressed(CallId(1), "1", 100), NOW.after(at_s))
    assert len(keypad) == 1
