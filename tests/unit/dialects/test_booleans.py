from __future__ import annotations

import pytest

from roomtone.dialects import booleans


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", " true "])
def test_yes(text: str) -> None:
    assert booleans.read(text) is True


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "0"])
def test_no(text: str) -> None:
    assert booleans.read(text) is False


@pytest.mark.parametrize("text", ["", "yes", "2", "t", "null", "truefalse", "¹"])
def test_neither(text: str) -> None:
    assert booleans.read(text) is None


def test_written_as_callbacks_do() -> None:
    assert (booleans.write(True), booleans.write(False)) == ("true", "false")
