"""The Pause verb."""

from __future__ import annotations

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Pause


@pytest.mark.parametrize(
    ("inner", "length_s"), [("<Pause/>", 1), ('<Pause length="10"/>', 10), ('<Pause length="0"/>', 0)]
)
def test_its_length(inner: str, length_s: int) -> None:
    assert only_verb(inner) == Pause(length_s)


@pytest.mark.parametrize("length", ["-1", "0.5", "long", "86401"])
def test_a_length_that_is_no_good_is_told_and_one_second_taken(length: str) -> None:
    inner = f'<Pause length="{length}"/>'
    assert reasons(inner) == [Oddity.PAUSE_LENGTH_INVALID]
    assert parsed(inner).verbs == (Pause(1),)
