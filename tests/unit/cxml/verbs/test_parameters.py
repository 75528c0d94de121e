"""What a fallback is told."""

from __future__ import annotations

from roomtone.cxml.verbs.parameters import fallback_parameters


def test_a_fallback_is_told_what_failed() -> None:
    expected = (("ErrorCode", "11200"), ("ErrorUrl", "https://x/y"))
    assert fallback_parameters(11200, "https://x/y") == expected
