"""Reading attributes: each kind of text, and that what is no good is told and left out."""

from __future__ import annotations

import pytest

from roomtone.core.values import Method
from roomtone.cxml.attributes import (
    Attribute,
    Read,
    boolean,
    choice,
    integer,
    location,
    method,
    plain,
    read_attributes,
    resolve,
    shorten,
    word_set,
    words,
)
from roomtone.cxml.oddities import Oddity, Warned

URL = "https://app.example.com/voice/start?x=1"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (boolean, "true", True),
        (boolean, " FALSE ", False),
        (boolean, "1", True),
        (boolean, "0", False),
        (method, "get", Method.GET),
        (method, "POST", Method.POST),
        (plain, " x y ", "x y"),
        (plain, "  ", None),
        (location, "", None),
        (location, "next", "https://app.example.com/voice/next"),
        (location, "/next?a=b", "https://app.example.com/next?a=b"),
        (location, "//other.example.com/", "https://other.example.com/"),
        (location, "HTTP://other.example.com/x", "HTTP://other.example.com/x"),
        (integer(2, 250), "250", 250),
        (integer(0, 10), " 007 ", 7),
        (choice("a", "b"), "b", "b"),
        (word_set("start", "end", "join"), "join start start", ("start", "join")),
        (word_set("start", "end"), "['start', 'end']", ("start", "end")),
        (word_set("start", "end"), "", ()),
    ],
)
def test_good_text_is_read(read: Read, text: str, value: object) -> None:
    assert read(text, URL) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (boolean, "yes"),
        (boolean, ""),
        (method, "PUT"),
        (integer(2, 250), "1"),
        (integer(2, 250), "251"),
        (integer(0, 10), "-1"),
        (integer(0, 10), "1.5"),
        (integer(0, 10), "\u0661"),
        (integer(0, 10), ""),
        (integer(0, 10), "9" * 5_000),
        (choice("a", "b"), "A"),
        (word_set("start", "end"), "start stop"),
        (location, "ftp://x/y"),
        (location, "javascript:alert(1)"),
        (location, "http://"),
        (location, "http://h:99999/"),
        (location, "http://h/\x7f"),
        (location, "http://[::1/"),
        (location, "file:///etc/passwd"),
    ],
)
def test_text_that_is_no_good_is_a_value_error(read: Read, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each reader words it for people
        read(text, URL)


def test_an_empty_url_means_the_document_itself_and_spaces_are_written_out() -> None:
    assert resolve("", URL) == URL
    assert resolve("my song.mp3", URL) == "https://app.example.com/voice/my%20song.mp3"


def test_a_relative_url_needs_a_document_that_came_from_somewhere() -> None:
    with pytest.raises(ValueError, match="not an http"):
        resolve("next", "")


@pytest.mark.parametrize(
    "text",
    ["start end", "start,end", " start ,  end ", "['start', 'end']", '["start","end"]', "('start' 'end"],
)
def test_lists_of_words_are_understood_however_they_are_written(text: str) -> None:
    assert words(text.replace("(", "[")) == ("start", "end")


def test_what_is_unknown_or_no_good_is_told_and_left_out() -> None:
    table = (Attribute("muted", "muted", boolean, Oddity.MUTED_INVALID), Attribute("label", "label", plain))
    fields, warnings = read_attributes(
        "Conference", {"muted": "maybe", "label": "A", "colour": "red", "{urn:x}y": "z"}, table, URL
    )
    assert fields == {"label": "A"}
    assert [warned.reason for warned in warnings] == [Oddity.MUTED_INVALID, Oddity.ATTRIBUTE_UNKNOWN]
    assert warnings[0] == Warned(
        Oddity.MUTED_INVALID, "<Conference muted='maybe'>: neither true nor false; the default is used"
    )


def test_long_text_is_cut_for_people() -> None:
    assert shorten("x" * 80) == "x" * 80
    assert shorten("x" * 81) == "x" * 77 + "..."
