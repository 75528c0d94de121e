"""Write `docs/reference/traces.md`: every span that `traces` gives, read from its table.

Usage: ``python scripts/generate_traces.py`` writes; ``python scripts/generate_traces.py --check`` exits 1 if the page
has drifted from the table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from drift import write_or_check

from roomtone.traces import SPANS, Definition
from roomtone.traces.definitions import ATTRIBUTES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "traces.md"

HEAD = """\
# Traces

What is sent to the collector that the setting [`traces`](settings.md) names. [How to trace calls](../howto/trace-calls.md). One trace
tells of a request or a call that came in, and of all that it led to. Generated from the table in
`src/roomtone/traces/definitions.py` by `scripts/generate_traces.py`; do not edit.
"""

FOOT = """\
`fetch` and `callback` carry `traceparent` (and `tracestate`) to the customer's server, so that its own spans stand under ours. What a span
does not know is left out. Phone numbers, names of conferences and queries of URLs are in none.
"""


def page() -> str:
    """Write the whole page."""
    parts = [HEAD, *(_section(one) for one in SPANS)]
    rows = "".join(f"\n| `{name}` | {text} |" for name, text in ATTRIBUTES.items())
    return "\n".join([*parts, f"## Attributes\n\n| attribute | meaning |\n|---|---|{rows}\n", FOOT])


def _section(one: Definition) -> str:
    return "\n".join(_lines(one))


def _lines(one: Definition) -> Iterator[str]:
    yield f"## `{one.name}`\n"
    yield f"{one.text}\n"
    yield f"- Kind: {one.kind}."
    yield f"- Stands under: {one.parent}."
    yield f"- Attributes: {', '.join(f'`{name}`' for name in one.attributes)}."
    if one.events:
        yield f"- Events: {', '.join(f'`{name}`' for name in one.events)}."
    yield ""


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "its table"))
