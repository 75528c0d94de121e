"""What happened, in words and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roomtone.softphone.telling import WORDS, line

TOLD: dict[str, dict[str, Any]] = {
    "listening": {"uri": "sip:a@b"},
    "registered": {"uri": "sip:a@b", "expires_s": 300},
    "unregistered": {"why": "nobody answers"},
    "calling": {"other": "sip:c@d"},
    "ringing": {"other": "sip:c@d", "status": 180},
    "early": {"other": "sip:c@d", "codec": "PCMU"},
    "incoming": {"other": "sip:c@d"},
    "answered": {"other": "sip:c@d", "codec": "PCMU"},
    "pressed": {"keys": "12"},
    "key": {"key": "5"},
    "level": {"spoken_db": -100.0, "heard_db": -12.4},
    "ended": {"other": "sip:c@d", "by": "them", "status": 486, "reason": "Busy Here", "seconds": 0.0},
}


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_all_news_is_told_both_ways(kind: str) -> None:
    said = line(kind, TOLD[kind], as_json=False)
    assert said
    assert "\n" not in said
    assert json.loads(line(kind, TOLD[kind], as_json=True)) == {"event": kind, **TOLD[kind]}


def test_an_end_says_what_was_heard() -> None:
    told = {**TOLD["ended"], "by": "us", "status": 0, "reason": "", "seconds": 6.4, "received": 320, "lost": 1,
            "loudest_heard_db": -13.0}  # fmt: skip
    said = line("ended", told, as_json=False)
    assert said == "ended here after 6.4 s: 320 packets heard, 1 lost, loudest -13 dB"
    assert line("ended", TOLD["ended"], as_json=False) == "ended by them: 486 Busy Here"
    assert line("level", TOLD["level"], as_json=False) == "you silent   them -12 dB"
