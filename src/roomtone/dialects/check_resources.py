"""What is to be said of a document before anybody is led to it, as a resource of our own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roomtone.dialects.dialect import Json, Resource

NAMES = frozenset({"Contents"})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is wrong."""

    code: int
    """The vendors' number."""

    message: str
    meaning: str | None = None
    """The number in words."""

    remedy: str | None = None
    """What to do."""


def checked(
    does: Sequence[tuple[str, str]], warnings: Sequence[Remark], problem: Remark | None = None
) -> Resource:
    """Write what a document does, in order, and what is wrong with it.

    Args:
        does: The name of each verb, and what it is about.
        warnings: What does not stop it.
        problem: Why it cannot be used at all; None: it can be.
    """
    return {
        "valid": problem is None,
        "problem": None if problem is None else _remark(problem),
        "warnings": [_remark(one) for one in warnings],
        "does": [{"verb": verb, "what": what} for verb, what in does],
    }


def _remark(one: Remark) -> Json:
    return {"code": one.code, "message": one.message, "meaning": one.meaning, "remedy": one.remedy}
