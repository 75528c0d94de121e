from __future__ import annotations

from dataclasses import fields

import pytest

from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.dialects.limits import Patience


def test_the_vendors_numbers() -> None:
    assert SIGNALWIRE.limits.documents == Patience(2, 5, 15, 3)
    assert TWILIO.limits.documents == Patience(5, 15, 15, 10, attempts=2)
    assert SIGNALWIRE.limits.callbacks.attempts == 3
    assert TWILIO.limits.callbacks.attempts == 2


def test_a_fragment_changes_the_numbers_of_its_url_alone() -> None:
    heeded = TWILIO.limits.documents_at("https://h/p#ct=2000&rt=500&tt=9000&rc=0")
    assert heeded == Patience(2, 0.5, 9, 10, attempts=1)
    assert SIGNALWIRE.limits.callbacks_at("https://h/p#ot=1500").connect_s == 1.5
    assert TWILIO.limits.documents_at("https://h/p") == TWILIO.limits.documents


def test_a_number_out_of_range_is_taken_to_the_nearest_end() -> None:
    assert TWILIO.limits.documents_at("https://h/#ct=1").connect_s == 0.1
    assert TWILIO.limits.documents_at("https://h/#tt=999999").total_s == 15


@pytest.mark.parametrize(
    "fragment", ["x=5", "ct=", "ct=-1", "ct=abc", "ct=" + "9" * 40, "ct=²", "ct", "=&=&"]
)
def test_nonsense_in_a_fragment_is_ignored(fragment: str) -> None:
    assert TWILIO.limits.documents_at(f"https://h/#{fragment}") == TWILIO.limits.documents


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_override_changes_something_there_is(dialect) -> None:
    names = {field.name for field in fields(Patience)} | {"retries"}
    for key, override in dialect.limits.overrides.items():
        assert override.field in names
        assert dialect.limits.documents_at(f"https://h/#{key}={override.most}") is not None
        assert override.least < override.most
