"""The numbers that the house offers to be claimed: runs of E.164 numbers, without anybody behind them.

Offering is all it does; any other number may be claimed, too, and which are claimed already is the store's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LARGEST = 100_000
"""Numbers in a pool at most, so that a search of it stays short."""

_E164 = re.compile(r"\+\d{5,17}", re.ASCII)
_TOLL_FREE = re.compile(r"\+1(?:800|833|844|855|866|877|888)\d{7}", re.ASCII)


class NumberKind(StrEnum):
    """What a number costs whom, as the vendors sort them."""

    LOCAL = "local"
    TOLL_FREE = "toll-free"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A run of numbers of one length."""

    first: str
    """E.164 with its plus sign; so is `last`, which is not less."""

    last: str
    kind: NumberKind = NumberKind.LOCAL

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.last[1:]) - int(self.first[1:]) + 1

    def holds(self, phone_number: str) -> bool:
        """Whether a number is one of these."""
        return len(phone_number) == len(self.first) and self.first <= phone_number <= self.last

    def __iter__(self) -> Iterator[str]:
        width = len(self.first) - 1
        return (f"+{number:0{width}d}" for number in range(int(self.first[1:]), int(self.last[1:]) + 1))


@dataclass(frozen=True, slots=True)
class KindRange:
    """Where the numbers of one kind lie."""

    among: tuple[NumberRange, ...]
    """Runs of numbers."""

    inside: bool = True
    """False: they are all those that lie in none of the runs."""

    def holds(self, phone_number: str) -> bool:
        """Whether a number is of the kind."""
        return any(one.holds(phone_number) for one in self.among) is self.inside


Pool = tuple[NumberRange, ...]
"""Everything that is offered, in order."""

FICTIONAL: Pool = (
    NumberRange("+12125550100", "+12125550199"),
    NumberRange("+18005550199", "+18005550199", NumberKind.TOLL_FREE),
)
"""What is offered unless told otherwise: numbers set aside for fiction, which no telephone has.

Source: North American Numbering Plan Administrator, "555 line numbers" (555-0100 to 555-0199; 800-555-0199).
"""


_FREE_CODES = ("800", "833", "844", "855", "866", "877", "888")
_FREE_RUNS = tuple(
    NumberRange(f"+1{code}0000000", f"+1{code}9999999", NumberKind.TOLL_FREE) for code in _FREE_CODES
)


def kind_range(kind: NumberKind, pool: Pool) -> KindRange:
    """Say where the numbers of a kind lie: as the pool has them, and North America's toll-free codes; all else is local."""
    marked = tuple(one for one in pool if one.kind is not NumberKind.LOCAL) + _FREE_RUNS
    if kind is NumberKind.LOCAL:
        return KindRange(marked, inside=False)
    return KindRange(tuple(one for one in marked if one.kind is kind))


def read_range(text: str) -> NumberRange:
    """Read ``+12125550100-+12125550199``, one number alone, or either after ``mobile:``.

    North American numbers of 800, 833, 844, 855, 866, 877 and 888 are toll-free; nothing else tells a kind by itself.

    Raises:
        ValueError: It is neither; the text says what it takes.
    """
    word, colon, rest = text.strip().rpartition(":")
    first, _, last = (part.strip() for part in rest.partition("-"))
    last = last or first
    if not (_E164.fullmatch(first) and _E164.fullmatch(last)) or len(first) != len(last) or first > last:
        raise ValueError(
            "takes E.164 numbers and ranges of them, as +12125550100-+12125550199, apart by commas"
        )
    if colon and word not in set(NumberKind):
        raise ValueError(f"{word!r} is no kind of number: use {', '.join(NumberKind)}")
    if colon:
        return NumberRange(first, last, NumberKind(word))
    free = _TOLL_FREE.fullmatch(first) and _TOLL_FREE.fullmatch(last)
    return NumberRange(first, last, NumberKind.TOLL_FREE if free else NumberKind.LOCAL)


def read_pool(text: str) -> Pool:
    """Read ranges apart by commas; an empty text offers nothing.

    Raises:
        ValueError: One is malformed, or there are too many numbers.
    """
    pool = tuple(read_range(part) for part in text.split(",") if part.strip())
    if sum(one.size for one in pool) > LARGEST:
        raise ValueError(f"takes at most {LARGEST} numbers in all")
    return pool
