"""Where the dialects read the same parameters differently: data, and nothing that reads."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.conference.state import Topic


@dataclass(frozen=True, slots=True)
class Rules:
    """A dialect's reading rules."""

    topics: frozenset[Topic]
    """What a customer can ask to be told."""

    odd_muted: bool | None
    """What ``Muted`` means when it is no boolean; None: it is refused."""

    longest_number_name: int
    """Characters of a number's friendly name at most."""
