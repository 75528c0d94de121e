"""The Echo verb."""

from __future__ import annotations

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Echo


@pytest.mark.parametrize(
    ("inner", "timeout_s"), [("<Echo/>", 60), ('<Echo timeout="5"/>', 5), ('<Echo timeout="120"/>', 120)]
)
def test_its_time(inner: str, timeout_s: int) -> None:
    assert only_verb(inner) == Echo(timeout_s)


@pytest.mark.parametrize("timeout", ["4", "121", "long"])
def test_a_time_that_is_no_good_is_told_and_a_minute_taken(timeout: str) -> None:
    inner = f'<Echo timeout="{timeout}"/>'
    assert reasons(inner) == [Oddity.ATTRIBUTE_INVALID]
    assert parsed(inner).verbs == (Echo(60),)
