"""Write `docs/reference/metrics.md`: every figure that `/metrics` tells, read from its table.

Usage: ``python scripts/generate_metrics.py`` writes; ``python scripts/generate_metrics.py --check`` exits 1 if the page
has drifted from the table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from drift import write_or_check

from roomtone.metrics import DEFINITIONS, Definition
from roomtone.metrics.definitions import PROCESS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "metrics.md"

HEAD = """\
# Metrics

What `GET /metrics` tells on the address of the setting [`metrics`](settings.md), in the text format of Prometheus (OpenMetrics,
if it is asked for). [How to watch a server with it](../howto/watch-with-prometheus.md). A histogram *x* is told as `x_bucket`,
`x_sum` and `x_count`. Counters begin at 0 with the server; figures of the engine's threads come every 5 seconds. Times are in
seconds. Generated from the table in `src/roomtone/metrics/definitions.py` by `scripts/generate_metrics.py`; do not edit.
"""

OF_PROCESSES = """\
## Processes

Of the server's process, and with `roomtone_engine_` before the name of the engine's: """


def page() -> str:
    """Write the whole page."""
    parts = [HEAD]
    for group, some in groupby(DEFINITIONS, lambda one: one.group):
        parts.append(f"## {group}\n\n| metric | kind | labels | meaning |\n|---|---|---|---|")
        parts[-1] += "".join(f"\n{row}" for row in _rows(some)) + "\n"
    return "\n".join([*parts, OF_PROCESSES + ", ".join(f"`{name}`" for name in PROCESS)]) + ".\n"


def _rows(some: Iterator[Definition]) -> Iterator[str]:
    for one in some:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        yield f"| `{one.name}` | {one.kind} | {labels} | {one.text} |"


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "its table"))
