"""The generated pages say what the tables do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["compat", "errors", "api", "metrics", "traces", "cli", "logs", "events"])
def test_a_generated_page_is_what_its_tables_make(script: str) -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / f"generate_{script}.py", "--check"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_no_cell_of_the_compatibility_page_is_blank() -> None:
    rows = [line for line in (ROOT / "docs/compat.md").read_text().splitlines() if line.startswith("|")]
    assert [row for row in rows if any(not cell.strip() for cell in row.strip("|").split(" | "))] == []


def test_each_deliberate_difference_leads_to_its_decision() -> None:
    page = (ROOT / "docs/compat.md").read_text()
    notes = page.split("## Where Roomtone differs on purpose", 1)[1].split("\n## ", 1)[0].split("\n- ")[1:]
    assert len(notes) > 30
    assert [note for note in notes if "](decisions/" not in note] == []
