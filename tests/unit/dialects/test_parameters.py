from __future__ import annotations

import pytest

from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import parameters


def test_nothing_given_is_nothing() -> None:
    for read in (
        parameters.given_text,
        parameters.boolean,
        parameters.method,
        parameters.url,
        parameters.day,
    ):
        assert read((), "a") is None
    assert parameters.text((), "a", 5) is None


def test_an_empty_text_is_nothing_but_to_those_who_ask_for_it() -> None:
    said = (("a", ""),)
    for read in (parameters.boolean, parameters.method, parameters.day):
        assert read(said, "a") is None
    assert parameters.text(said, "a", 5) is None
    assert parameters.given_text(said, "a") == ""
    assert parameters.url(said, "a") == parameters.url((("a", "  "),), "a") == ""


def test_what_is_given_is_read() -> None:
    said = (("t", "abc"), ("b", "True"), ("m", "get"), ("u", " http://h/ "), ("d", "1970-01-02"))
    assert parameters.text(said, "t", 3) == "abc"
    assert parameters.boolean(said, "b") is True
    assert parameters.method(said, "m") is Method.GET
    assert parameters.url(said, "u") == "http://h/"
    assert parameters.day(said, "d") == 86_400_000


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda said: parameters.text(said, "a", 2), Reason.PARAMETER_INVALID),
        (lambda said: parameters.boolean(said, "a"), Reason.PARAMETER_INVALID),
        (lambda said: parameters.method(said, "a"), Reason.METHOD_INVALID),
        (lambda said: parameters.url(said, "a"), Reason.URL_INVALID),
        (lambda said: parameters.day(said, "a"), Reason.PARAMETER_INVALID),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(read, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        read((("a", "xyz"),))
    assert (caught.value.reason, caught.value.facts["name"]) == (reason, "a")


def test_a_boolean_may_mean_something_else_otherwise() -> None:
    assert parameters.boolean((("a", "xyz"),), "a", otherwise=False) is False
    assert parameters.boolean((("a", ""),), "a", otherwise=False) is None


@pytest.mark.parametrize("value", ["two\r\nlines", "a\x00b", "tab\tbed", "\x85"])
def test_a_name_is_one_line(value: str) -> None:
    with pytest.raises(Refused) as no:
        parameters.line((("a", value),), "a", 64)
    assert no.value.reason is Reason.PARAMETER_INVALID
    assert parameters.line((("a", "Zürich é 東京"),), "a", 64) == "Zürich é 東京"
