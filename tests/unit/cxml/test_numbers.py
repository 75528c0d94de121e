from __future__ import annotations

from roomtone.cxml.advice import ADVICE
from roomtone.cxml.numbers import GENERAL, NUMBERS, number_of
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.problems import Problem


def test_every_warning_has_a_number_of_five_digits() -> None:
    assert all(10_000 <= number_of(Warned(one, "x"), 13750) <= 99_999 for one in Oddity)
    assert set(NUMBERS) <= set(Oddity)


def test_a_problem_beneath_brings_its_own() -> None:
    assert number_of(Warned(Oddity.AUDIO_UNPLAYABLE, "x", 13420), 13750) == 13420
    assert number_of(Warned(Oddity.VERB_UNKNOWN, "x"), 13750) == 13750
    assert number_of(Warned(Oddity.TEXT_IGNORED, "x"), 13750) == GENERAL


def test_every_number_that_a_notification_can_have_is_put_in_words() -> None:
    numbers = {number_of(Warned(one, "x"), unknown_verb) for one in Oddity for unknown_verb in (12200, 13750)}
    assert numbers | set(Problem) <= set(ADVICE)
    assert all(one.meaning[0].isupper() and not one.remedy.endswith(".") for one in ADVICE.values())
