"""Those who wait in queues, and those who take them out.

A queue is the customer's and stands in the store; who waits in it is known here alone, and is there again after a
restart because each call's script remembers since when it has waited. First come, first taken.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field

from roomtone.core.ids import CallId, ProjectId, QueueId
from roomtone.core.project import Project
from roomtone.core.queueing import Member, Queue, members_of
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document
from roomtone.dialects import by_name
from roomtone.switchboard.bridge import Bridge
from roomtone.switchboard.ports import Clock, Dice, Store

log = logging.getLogger(__name__)

Taken = Callable[[Bridge, Document | None], None]
"""Tells a waiting call that somebody takes it, and what it hears first."""


@dataclass(slots=True, order=True)
class Ticket:
    """A call's place in a queue."""

    since_ms: int
    call: CallId = field(compare=False)
    queue: Queue = field(compare=False)
    taken: Taken = field(compare=False)
    redirect: Callable[[Document], None] = field(compare=False)
    """Sends the call to another document."""


@dataclass(slots=True)
class _Line:
    """One queue as it is now."""

    queue: Queue
    waiting: list[Ticket] = field(default_factory=list)
    takers: list[asyncio.Future[Ticket]] = field(default_factory=list)


class Queues:
    """All queues of this brain in which somebody waits or is waited for."""

    def __init__(self, store: Store, dice: Dice, clock: Clock) -> None:
        self._store = store
        self._dice = dice
        self._clock = clock
        self._lines: dict[QueueId, _Line] = {}

    # Calls that wait -------------------------------------------------------------------------------------------------

    async def enter(self, project: Project, name: str, ticket: Callable[[Queue], Ticket]) -> Ticket:
        """Let a call wait.

        Args:
            project: Whose queue.
            name: The queue's; it is made if there is none.
            ticket: Makes the ticket, once the queue is known.

        Raises:
            Refused: QUEUE_FULL.
            OSError: The store does not answer.
        """
        queue = await self._open(project, name)
        line = self._line(queue)
        if queue.max_size is not None and len(line.waiting) >= queue.max_size:
            raise Refused(Reason.QUEUE_FULL, limit=queue.max_size)
        made = ticket(queue)
        insort(line.waiting, made)
        self._match(line)
        return made

    def leave(self, ticket: Ticket) -> None:
        """Let a call wait no more. Idempotent."""
        line = self._lines.get(ticket.queue.id)
        if line is not None:
            line.waiting = [one for one in line.waiting if one is not ticket]
            self._tidy(line)

    # Those who take them ---------------------------------------------------------------------------------------------

    async def find(self, project: ProjectId, name: str) -> Queue | None:
        """Find a queue by its name."""
        return await self._store.queue_named(project, name)

    async def take(self, queue: Queue) -> Ticket:
        """Take out the call that has waited longest; wait for one if there is none."""
        line = self._line(queue)
        taker: asyncio.Future[Ticket] = asyncio.get_running_loop().create_future()
        line.takers.append(taker)
        self._match(line)
        try:
            return await taker
        except asyncio.CancelledError:
            if taker.done() and not taker.cancelled():  # given up in the very moment that somebody came
                insort(line.waiting, taker.result())
                self._lines[queue.id] = line
                self._match(line)
            raise
        finally:
            if taker in line.takers:
                line.takers.remove(taker)
            self._tidy(line)

    def _match(self, line: _Line) -> None:
        line.takers = [one for one in line.takers if not one.done()]
        while line.waiting and line.takers:
            line.takers.pop(0).set_result(line.waiting.pop(0))

    # What is told of them --------------------------------------------------------------------------------------------

    def members(self, queue: Queue) -> tuple[Member, ...]:
        """List those who wait, the front first."""
        line = self._lines.get(queue.id)
        waiting = [] if line is None else [(one.call, one.since_ms) for one in line.waiting]
        return members_of(queue, waiting, self._clock.now().wall_ms)

    def redirect(self, queue: Queue, call: CallId, document: Document) -> bool:
        """Take a call out and send it to a document; False: it does not wait there."""
        line = self._lines.get(queue.id)
        found = next((one for one in line.waiting if one.call == call), None) if line else None
        if found is None:
            return False
        self.leave(found)
        found.redirect(document)
        return True

    # Queues ----------------------------------------------------------------------------------------------------------

    async def _open(self, project: Project, name: str) -> Queue:
        found = await self._store.queue_named(project.id, name)
        if found is not None:
            return found
        now_ms = self._clock.now().wall_ms
        size = by_name(project.dialect).forms.rules.queue_size
        made = Queue(QueueId(self._dice.bits128()), project.id, name, now_ms, now_ms, size)
        try:
            await self._store.add_queue(made)
        except Refused:  # somebody else has just made it
            return await self._store.queue_named(project.id, name) or made
        log.info("queue=%s name=%r made", made.id, name)
        return made

    def _line(self, queue: Queue) -> _Line:
        line = self._lines.setdefault(queue.id, _Line(queue))
        line.queue = queue
        return line

    def _tidy(self, line: _Line) -> None:
        if not line.waiting and not line.takers:
            self._lines.pop(line.queue.id, None)
