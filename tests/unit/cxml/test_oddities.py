from __future__ import annotations

import pytest

from roomtone.cxml.oddities import Oddity, Warned


@pytest.mark.parametrize(
    ("detail", "logged"),
    [
        (
            "status 404 (https://a.example/b.wav?token=x&y=2#z); skipped",
            "status 404 (https://a.example/b.wav); skipped",
        ),
        ("<Play url='http://me:secret@a.example/b'> is odd", "<Play url='http://a.example/b'> is odd"),
        ("wss://a.example?key=1", "wss://a.example"),
        ("who? nobody # at all", "who? nobody # at all"),
    ],
)
def test_what_is_logged_has_no_secret_of_a_url(detail: str, logged: str) -> None:
    assert Warned(Oddity.AUDIO_UNPLAYABLE, detail).logged == logged
