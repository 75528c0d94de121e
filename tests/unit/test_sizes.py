"""Files and functions stay small enough to be read in one go; what is generated may be long."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GENERATED = {"src/roomtone/link/messages.py", "engine/wire/src/messages.rs"}
LONGEST_MODULE = 600
LONGEST_FUNCTION = 60
"""Lines, the docstring apart."""

SOURCES = sorted(
    path
    for path in chain(ROOT.glob("src/**/*.py"), ROOT.glob("engine/*/src/**/*.rs"))
    if str(path.relative_to(ROOT)) not in GENERATED
)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    told = 0 if ast.get_docstring(function) is None else _lines(function.body[0])
    return _lines(function) - told


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_modules_can_be_read_in_one_go() -> None:
    assert SOURCES
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in long.items() if lines > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": length(node)
        for path in SOURCES
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    too_long = {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION}
    assert too_long == {}


@pytest.mark.parametrize("path", sorted(GENERATED))
def test_what_may_be_long_is_generated(path: str) -> None:
    assert "generated" in (ROOT / path).read_text()[:500].lower()
