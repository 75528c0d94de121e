"""Write `docs/reference/errors.md`: every number that the API can tell, read from the dialects' tables.

Usage: ``python scripts/generate_errors.py`` writes; ``python scripts/generate_errors.py --check`` exits 1 if the page
has drifted from the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path

from drift import write_or_check

from roomtone.cxml.advice import ADVICE
from roomtone.dialects import DIALECTS
from roomtone.dialects.error_pages import meanings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "errors.md"

HEAD = """\
# Error codes

Every refusal is `{code, message, more_info, status}`, in JSON, or `<RestException>` under `.xml`. `more_info` leads to the
code's page on your own server (`/errors/20404`), and the header `Hint` says what to do. Words in brackets stand for what
the message names. Generated from the dialects' tables by `scripts/generate_errors.py`; do not edit.
"""

OF_DOCUMENTS = """\
## In documents

What `GET …/Notifications` tells of a document, and what a fallback URL is told as `ErrorCode`.

| number | meaning | what to do |
|---|---|---|"""


def page() -> str:
    """Write the whole page."""
    parts = [HEAD]
    for code, known in meanings(tuple(DIALECTS.values())).items():
        lines = [f"## {code}\n"]
        lines += [
            f"- **{one.dialect}, HTTP {one.status}** ({one.reason}): {one.message}. *{one.hint}.*"
            for one in known
        ]
        parts.append("\n".join(lines) + "\n")
    rows = [f"| {number} | {one.meaning} | {one.remedy} |" for number, one in sorted(ADVICE.items())]
    return "\n".join([*parts, OF_DOCUMENTS, *rows]) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page()))
