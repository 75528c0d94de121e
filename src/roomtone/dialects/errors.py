"""How a refusal is told: HTTP status, number, sentence, link, and what to do.

A dialect is a table, `Reason` to `Row`; this module only fills it in. A sentence names what the refusal's facts tell,
and speaks in general of what they do not, so it never shows a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

from roomtone.core.ids import CallId, ConferenceId, Id, ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dialect import Resource
from roomtone.dialects.hints import HINTS, OF_A_BUG

UNNAMED: Mapping[str, str] = MappingProxyType(
    {
        "allowed": "another method",
        "call": "of this address",
        "conference": "of this address",
        "expected": "a valid value",
        "from_": "given",
        "label": "given",
        "limit": "the limit",
        "method": "of this request",
        "name": "A parameter",
        "path": "of this address",
        "phone_number": "given",
        "problem": "it is malformed",
        "project": "of these credentials",
        "status": "as it is",
        "target": "given",
        "to": "given",
    }
)
"""What a sentence says where a refusal's facts leave a placeholder open. Every placeholder of every table is here."""

_IDS: Mapping[str, type[Id]] = MappingProxyType(
    {"call": CallId, "target": CallId, "conference": ConferenceId, "project": ProjectId}
)
_ALIASES: Mapping[str, str] = MappingProxyType({"participant": "call", "number": "phone_number"})
"""Other names under which facts come."""

_NEUTRAL = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """How one reason is told."""

    status: int
    """HTTP status, 400 to 503."""

    code: int
    """The vendor's number, five digits."""

    message: str
    """Sentence with ``{placeholders}``, all of them keys of `UNNAMED`."""


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as it leaves the house."""

    status: int
    body: Resource
    hint: str
    """What to do about it, ASCII."""


@dataclass(frozen=True, slots=True)
class Errors:
    """A dialect's errors."""

    rows: Mapping[Reason, Row]
    """Every reason has a row."""

    bug: Row
    """What is told when the house itself failed."""

    show: Callable[[Id], str]
    """How ids are spelled in sentences."""

    of_completed: Reason
    """What is told to those who would change a participant of a completed conference."""

    def tell(self, refused: Refused, house: str) -> Told:
        """Spell a refusal.

        Args:
            refused: What is to be said.
            house: The house's own address, without a slash at its end: the number's page is there.
        """
        return self._told(self.rows[refused.reason], refused.facts, HINTS[refused.reason], house)

    def tell_bug(self, house: str) -> Told:
        """Spell a failure of the house itself; says nothing of what happened."""
        return self._told(self.bug, {}, OF_A_BUG, house)

    def _told(self, row: Row, facts: Mapping[str, str | int], hint: str, house: str) -> Told:
        body: Resource = {
            "code": row.code,
            "message": self._sentence(row.message, facts),
            "more_info": f"{house}/errors/{row.code}",
            "status": row.status,
        }
        return Told(row.status, body, hint)

    def _sentence(self, message: str, facts: Mapping[str, str | int]) -> str:
        named = {_ALIASES.get(key, key): value for key, value in facts.items()}
        words = {
            key: self._spell(key, named[key]) if key in named else UNNAMED[key]
            for key in placeholders(message)
        }
        return message.format_map(words)

    def _spell(self, key: str, value: str | int) -> str:
        """Facts carry ids in the house's neutral digits."""
        text = str(value)
        if key in _IDS and _NEUTRAL.fullmatch(text):
            return self.show(_IDS[key].from_hex(text))
        return text


def placeholders(message: str) -> frozenset[str]:
    """Give the names of a sentence's placeholders."""
    return frozenset(name for _, name, _, _ in Formatter().parse(message) if name)
