"""What is told of each answered request to whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

OTHER = "other"
"""What is not known to us, lest strangers make up as many routes and methods as they like."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Served(NamedTuple):
    """An answered request."""

    route: str
    """The operation, ``participants.update``; `OTHER`: none of the API's."""

    method: str
    status: int
    seconds: float
    """From its head to the answer's."""


Count: TypeAlias = Callable[[Served], None]
"""Counts; neither waits nor raises."""


def served(route: str, method: str, status: int, took_ns: int) -> Served:
    """Say what is told of a request; whatever a stranger can make up is told as `OTHER`."""
    return Served(route or OTHER, method if method in _METHODS else OTHER, status, took_ns / 1e9)
