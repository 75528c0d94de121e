"""The Record verb."""

from __future__ import annotations

import pytest

from cxml.documents import parsed, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Record
from roomtone.cxml.verbs.record import action_parameters


def test_its_defaults_and_the_warning_that_nothing_is_kept() -> None:
    (found,) = parsed("<Record/>").verbs
    assert found == Record()
    assert reasons("<Record/>") == []


def test_its_attributes() -> None:
    inner = '<Record timeout="3" finishOnKey="#" maxLength="0" playBeep="false" method="GET" action="/x"/>'
    (found,) = parsed(inner).verbs
    assert isinstance(found, Record)
    assert (found.timeout_s, found.finish_keys, found.max_length_s, found.beep) == (3, "#", 3_600, False)
    assert found.action is not None
    assert found.action.endswith("/x")


@pytest.mark.parametrize(
    ("attribute", "oddity"),
    [
        ("timeout='0'", Oddity.RECORD_TIMEOUT_INVALID),
        ("maxLength='-1'", Oddity.RECORD_MAX_LENGTH_INVALID),
        ("finishOnKey='x'", Oddity.RECORD_FINISH_ON_KEY_INVALID),
        ("playBeep='yes'", Oddity.RECORD_BEEP_INVALID),
        ("method='PUT'", Oddity.RECORD_METHOD_INVALID),
    ],
)
def test_what_is_no_good_is_told_and_the_default_taken(attribute: str, oddity: Oddity) -> None:
    inner = f"<Record {attribute}/>"
    assert oddity in reasons(inner)
    assert parsed(inner).verbs == (Record(),)


def test_the_action_is_told_of_no_recording() -> None:
    assert action_parameters(7, "#") == (("RecordingDuration", "7"), ("Digits", "#"))
    assert action_parameters(7, "") == (("RecordingDuration", "7"),)
