"""What every `scripts/generate_….py` does with the page it makes: writes it, or says whether it has drifted."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(page: Path, text: str, source: str = "its tables") -> int:
    """Write a generated page; with ``--check`` only look whether it is what it would be.

    Args:
        page: Where it stands.
        text: What it says.
        source: What it is made of, as the complaint names it.

    Returns:
        What the process exits with: 1 if it was only looked at and has drifted.
    """
    if "--check" not in sys.argv[1:]:
        page.write_text(text, encoding="utf-8")
        return 0
    if page.exists() and page.read_text(encoding="utf-8") == text:
        return 0
    print(f"{page.name} has drifted from {source}: run make compat", file=sys.stderr)
    return 1
