"""SECURITY.md names a test for each threat, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
_NAMED = re.compile(r"`([a-z0-9]+(?:_[a-z0-9]+){2,})`")


def _existing() -> set[str]:
    """The names of all tests, in Python and in Rust."""
    python = [file.read_text() for file in (ROOT / "tests").rglob("test_*.py")]
    folders = [
        one for one in (ROOT / "engine").iterdir() if one.is_dir() and one.name not in {"target", "fuzz"}
    ]
    rust = [file.read_text() for folder in folders for file in folder.rglob("*.rs")]
    found = re.findall(r"^ *(?:async )?def (test_\w+)", "\n".join(python), re.MULTILINE)
    return {*found, *re.findall(r"#\[(?:tokio::)?test[^]]*\]\s+(?:async )?fn (\w+)", "\n".join(rust))}


def test_every_named_test_exists() -> None:
    named = set(_NAMED.findall(PAGE))
    assert len(named) > 50
    assert sorted(named - _existing()) == []


def test_every_threat_has_its_test() -> None:
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| |", "| Threat"))
    ]
    threats = [row for row in rows[4:] if "**" not in row]
    assert len(threats) > 30
    assert [row for row in threats if not _NAMED.search(row) and "`tests/" not in row] == []
