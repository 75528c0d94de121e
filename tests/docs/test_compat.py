"""The generated pages say what the tables do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["generate_compat.py", "generate_errors.py", "generate_api.py"])
def test_a_generated_page_is_what_its_tables_make(script: str) -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"],
        capture_output=True, text=True, timeout=25, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
