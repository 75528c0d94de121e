"""Queues of waiting calls, and those in them. Plain values.

A queue is the customer's resource; putting calls into it is the documents' business. Sources: Twilio "Queue resource",
"Member resource"; SignalWire "Queues".
"""

from __future__ import annotations

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
