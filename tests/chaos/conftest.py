"""Faults made on purpose. What was measured is printed as a table at the end, each figure beside what is aimed at.

`make chaos` runs these tests alone and in their long form (``ROOMTONE_CHAOS=long``); in `make test` they are short. What a
test insists on is what must hold on the slowest machine; the aims are read by people, on a machine that has time.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

LONG = os.environ.get("ROOMTONE_CHAOS") == "long"

Figure = Callable[[str, str, str], None]
"""Notes a figure: what it is, what was measured, what is aimed at."""


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Have a figure printed at the end of the run."""
    return lambda what, found, aim: record_property("figure", (what, found, aim))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    rows = [
        value
        for one in reports
        if getattr(one, "when", "") == "call"
        for name, value in one.user_properties
        if name == "figure"
    ]
    if not rows:
        return
    terminalreporter.section("figures of the faults")
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for what, found, aim in rows:
        terminalreporter.line(f"{what:<{widths[0]}}  {found:>{widths[1]}}  (aim: {aim})")
