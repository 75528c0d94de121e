"""Queues of waiting calls, and those in them. Plain values and sums.

A queue is the customer's resource; putting calls into it is the documents' business. Sources: Twilio "Queue resource",
"Member resource"; SignalWire "Queues".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roomtone.core.ids import CallId, ProjectId, QueueId


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of one project; its name is its own there."""

    id: QueueId
    project: ProjectId
    name: str
    created_ms: int
    updated_ms: int
    max_size: int | None = None
    """Calls at most, 1 or more; None: as many as come."""


@dataclass(frozen=True, slots=True)
class Member:
    """A call that waits in a queue."""

    call: CallId
    queue: Queue
    enqueued_ms: int
    """When it came, ms since 1970 UTC."""

    position: int
    """From 1, the front."""

    wait_s: int
    """How long it has waited."""


def members_of(queue: Queue, waiting: Iterable[tuple[CallId, int]], now_ms: int) -> tuple[Member, ...]:
    """Give those who wait in a queue.

    Args:
        queue: Which.
        waiting: Each call and when it came, ms since 1970 UTC; the front first.
        now_ms: The wall clock; one that was set back makes nobody wait less than nothing.
    """
    return tuple(
        Member(call, queue, since_ms, position, max(0, now_ms - since_ms) // 1_000)
        for position, (call, since_ms) in enumerate(waiting, 1)
    )


def average_wait_s(members: Sequence[Member]) -> int:
    """Give how long those who wait have waited on average, in whole seconds; 0 if nobody does."""
    return sum(one.wait_s for one in members) // max(1, len(members))
