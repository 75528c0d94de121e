"""The Play verb."""

from __future__ import annotations

import pytest

from cxml.documents import only_verb, parsed, reasons
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Play, PlayDigits


@pytest.mark.parametrize(
    ("inner", "play"),
    [
        ("<Play>https://x.example.com/a.mp3</Play>", Play("https://x.example.com/a.mp3")),
        ("<Play>\n  a.mp3 </Play>", Play("https://app.example.com/a.mp3")),
        ('<Play loop="0">/a</Play>', Play("https://app.example.com/a", loops=0)),
        ('<Play digits="ww12#W*" loop="2"/>', PlayDigits("ww12#W*", 2)),
        ('<Play loop="1000">/a</Play>', Play("https://app.example.com/a", loops=1_000)),
    ],
)
def test_a_file_and_how_often(inner: str, play: Play | PlayDigits) -> None:
    assert only_verb(inner) == play


@pytest.mark.parametrize(
    ("inner", "reason", "verbs"),
    [
        ("<Play/>", Oddity.PLAY_URL_INVALID, 0),
        ("<Play>rtmp://x/y</Play>", Oddity.PLAY_URL_INVALID, 0),
        ('<Play loop="-1">a</Play>', Oddity.PLAY_LOOP_INVALID, 1),
        ('<Play digits="x1"/>', Oddity.PLAY_DIGITS_INVALID, 0),
        ('<Play digits="1">a</Play>', Oddity.PLAY_DIGITS_INVALID, 1),
    ],
)
def test_what_cannot_be_played_is_told(inner: str, reason: Oddity, verbs: int) -> None:
    assert reasons(inner) == [reason]
    assert len(parsed(inner).verbs) == verbs
