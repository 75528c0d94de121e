"""What each number means, who says it, and what to do: read from the tables, for the pages that ``more_info`` names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roomtone.core.refusals import Reason
from roomtone.dialects.dialect import Dialect
from roomtone.dialects.errors import Row, placeholders
from roomtone.dialects.hints import HINTS, OF_A_BUG


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that a number says in one dialect."""

    dialect: str
    status: int
    message: str
    """With each placeholder as a word in brackets."""

    hint: str
    reason: str
    """The house's own word for it."""


def meanings(dialects: Sequence[Dialect]) -> Mapping[int, Sequence[Meaning]]:
    """Give every number that can be told, in order, and all it can say."""
    found: defaultdict[int, list[Meaning]] = defaultdict(list)
    for dialect in dialects:
        for reason in Reason:
            row = dialect.errors.rows[reason]
            found[row.code].append(_meaning(dialect, row, HINTS[reason], reason.value))
        bug = dialect.errors.bug
        found[bug.code].append(_meaning(dialect, bug, OF_A_BUG, "bug"))
    return dict(sorted(found.items()))


def _meaning(dialect: Dialect, row: Row, hint: str, reason: str) -> Meaning:
    words = {name: f"[{name.replace('_', ' ')}]" for name in placeholders(row.message)}
    return Meaning(dialect.name, row.status, row.message.format_map(words), hint, reason)
