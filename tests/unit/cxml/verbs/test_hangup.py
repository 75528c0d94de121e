"""The Hangup verb."""

from __future__ import annotations

from cxml.documents import only_verb, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Hangup


def test_it_says_nothing_more() -> None:
    assert only_verb("<Hangup/>") == Hangup()
    assert reasons('<Hangup now="true"/>') == [Oddity.ATTRIBUTE_UNKNOWN]
