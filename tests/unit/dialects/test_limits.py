from __future__ import annotations

from dataclasses import fields, replace

import pytest

from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.dialects.limits import Patience, Trouble


def test_the_vendors_numbers() -> None:
    assert SIGNALWIRE.limits.documents == Patience(2, 5, 15, 3)
    assert TWILIO.limits.documents == Patience(5, 15, 15, 10, attempts=2)
    assert SIGNALWIRE.limits.callbacks.attempts == 3
    assert TWILIO.limits.callbacks.attempts == 2


def test_a_fragment_changes_the_numbers_of_its_url_alone() -> None:
    heeded = TWILIO.limits.documents_at("https://h/p#ct=2000&rt=500&tt=9000&rc=0")
    assert heeded == Patience(2, 0.5, 9, 10, attempts=1, chosen=True)
    assert SIGNALWIRE.limits.callbacks_at("https://h/p#ot=1500").connect_s == 1.5
    assert TWILIO.limits.documents_at("https://h/p") == TWILIO.limits.documents


def test_a_number_out_of_range_is_taken_to_the_nearest_end() -> None:
    assert TWILIO.limits.documents_at("https://h/#ct=1").connect_s == 0.1
    assert TWILIO.limits.documents_at("https://h/#tt=999999").total_s == 15


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("4xx", {Trouble.CLIENT_ERROR}),
        ("5xx,ct", {Trouble.SERVER_ERROR, Trouble.CONNECTION}),
        ("rt%2C4XX", {Trouble.READING, Trouble.CLIENT_ERROR}),
        ("all", set(Trouble)),
    ],
)
def test_a_fragment_says_after_what_to_try_again(text: str, after: set[Trouble]) -> None:
    heeded = TWILIO.limits.callbacks_at(f"https://h/p#rp={text}")
    assert heeded == replace(TWILIO.limits.callbacks, retry_after=frozenset(after), chosen=True)
    assert SIGNALWIRE.limits.callbacks_at(f"https://h/p#rc=5&rp={text}") == SIGNALWIRE.limits.callbacks


@pytest.mark.parametrize(
    "fragment", ["rp=", "rp=never", "x=5", "ct=", "ct=-1", "ct=abc", "ct=" + "9" * 40, "ct=²", "ct", "=&=&"]
)
def test_nonsense_in_a_fragment_is_ignored(fragment: str) -> None:
    assert TWILIO.limits.documents_at(f"https://h/#{fragment}") == TWILIO.limits.documents


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_override_changes_something_there_is(dialect) -> None:
    names = {field.name for field in fields(Patience)} | {"retries"}
    for key, override in dialect.limits.overrides.items():
        assert override.field in names
        text = "all" if override.field == "retry_after" else str(override.least + 1)
        assert dialect.limits.documents_at(f"https://h/#{key}={text}") != dialect.limits.documents
        assert override.field == "retry_after" or override.least < override.most
