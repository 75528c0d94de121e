"""What is asked and answered."""

from __future__ import annotations

import pytest

from roomtone.net.words import content_type


@pytest.mark.parametrize(
    ("header", "bare"),
    [("", ""), ("Text/XML; charset=utf-8", "text/xml"), (" audio/mpeg ", "audio/mpeg"), (";", "")],
)
def test_a_content_type_without_its_parameters(header: str, bare: str) -> None:
    assert content_type(header) == bare
