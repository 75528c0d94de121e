"""The page of compatibility says what the tables do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_compatibility_is_what_its_tables_make() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate_compat.py", "--check"],
        capture_output=True, text=True, timeout=25, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr
