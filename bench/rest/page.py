"""The page of results, of which each bench owns a section."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "bench" / "RESULTS.md"


def put(title: str, command: str, about: str, lines: list[str]) -> None:
    """Replace a section, or add it.

    Args:
        title: Its heading, hashes included.
        command: What prints it again.
        about: How it was measured, for people.
        lines: The table.
    """
    text = PAGE.read_text() if PAGE.exists() else "# Results\n"
    before, _, rest = text.partition(f"{title}\n")
    after = rest.partition("\n## ")[2]
    load = Path("/proc/loadavg").read_text().split()[0]
    note = f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load average at the end {load}. {about}"
    section = "\n".join([title, "", note, "", *lines, ""])
    PAGE.write_text(f"{before.rstrip()}\n\n{section}" + (f"\n## {after}" if after else ""))
