"""A call's dealings with queues: it waits in one, or takes the next out of one. The leg owns it and does as it says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from roomtone.core.exchange import Parameters
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.queueing import Queue, average_wait_s
from roomtone.core.refusals import Refused
from roomtone.core.values import Document
from roomtone.cxml import messages as cxml
from roomtone.cxml.verbs import Enqueue, QueueResult
from roomtone.cxml.verbs.dial import party_parameters
from roomtone.cxml.verbs.enqueue import greeting_parameters, place_parameters, wait_parameters
from roomtone.dialects import by_name
from roomtone.switchboard.bridge import Bridge
from roomtone.switchboard.ports import Clock, Media
from roomtone.switchboard.queues import Queues, Ticket
from roomtone.switchboard.spelling import dial_extras

log = logging.getLogger(__name__)


class QueueSide:
    """What one call has to do with queues."""

    def __init__(  # noqa: PLR0917 - what the leg has
        self,
        call: CallId,
        project: Project,
        queues: Queues,
        media: Media,
        clock: Clock,
        tell: Callable[[cxml.Message], None],
    ) -> None:
        self.bridge: Bridge | None = None
        """Its connection to another call, as one who waited or one who took it out."""

        self._call = call
        self._project = project
        self._queues = queues
        self._media = media
        self._clock = clock
        self._tell = tell
        self._enqueue: Enqueue | None = None
        self._ticket: Ticket | None = None
        self._queue: Queue | None = None
        self._since_ms = 0
        self._waited_s = 0

    # One who waits ---------------------------------------------------------------------------------------------------

    async def enter(self, enqueue: Enqueue, since_ms: int | None) -> cxml.Message:
        """Begin to wait; gives what the script is told."""
        self._queue, self._waited_s = None, 0  # those of another time in a queue
        self._since_ms = self._clock.now().wall_ms if since_ms is None else since_ms
        self._enqueue = enqueue
        try:
            self._ticket = await self._queues.enter(self._project, enqueue.name, self._make_ticket)
        except Refused as no:
            log.info("call=%s queue=%r refused: %s", self._call, enqueue.name, no)
            return cxml.EnqueueEnded(QueueResult.QUEUE_FULL)
        except OSError as fault:
            log.warning("call=%s queue=%r the store does not answer: %s", self._call, enqueue.name, fault)
            return cxml.EnqueueEnded(QueueResult.SYSTEM_ERROR)
        log.info("call=%s queue=%s waits", self._call, self._ticket.queue.id)
        return cxml.Enqueued(self._since_ms)

    def leave(self) -> cxml.Message:
        """Wait no more; gives what the script is told."""
        self._note_wait()
        self._drop_ticket()
        return cxml.EnqueueEnded(QueueResult.LEAVE, self.place)

    async def connected(self) -> cxml.Message:
        """Be connected with whoever took the call, until that is over; if they are gone, wait again at the old place."""
        bridge = self.bridge
        assert bridge is not None, "only one who was taken is connected"
        if not bridge.start():
            self.bridge = None
            assert self._enqueue is not None, "it has waited"
            return await self.enter(self._enqueue, self._since_ms)
        try:
            await bridge.until_ended()
        finally:
            bridge.end()
            self.bridge = None
        return cxml.EnqueueEnded(QueueResult.BRIDGED, self.place)

    def parting(self, *, elsewhere: bool) -> tuple[QueueResult, Parameters]:
        """Give how the time in a queue ends for a call that hangs up there or is sent elsewhere; to be asked before `close`."""
        if self._ticket is not None:
            self._note_wait()
        bridged = self.bridge is not None and self.bridge.started_ms is not None
        if elsewhere:
            result = QueueResult.REDIRECTED_FROM_BRIDGED if bridged else QueueResult.REDIRECTED
        else:
            result = QueueResult.BRIDGED if bridged else QueueResult.HANGUP
        return result, self.place

    def wait_parameters(self) -> Parameters:
        """Give what a request for a document is told while the call waits, or is greeted; else nothing."""
        if self._ticket is None:
            return self._greeting_parameters()
        queue = self._ticket.queue
        members = self._queues.members(queue)
        mine = next((one for one in members if one.call == self._call), None)
        if mine is None:
            return ()
        return wait_parameters(
            self._sid(queue),
            mine.wait_s,
            position=mine.position,
            average_s=average_wait_s(members),
            size=len(members),
            max_size=queue.max_size,
        )

    def _greeting_parameters(self) -> Parameters:
        """Give what a greeting is told: how long the call has waited, and for whom."""
        if self._queue is None or self.bridge is None or self.bridge.started_ms is not None:
            return ()
        taker = by_name(self._project.dialect).sids.show(self.bridge.dialler)
        return greeting_parameters(self._sid(self._queue), self._waited_s, taker)

    def _make_ticket(self, queue: Queue) -> Ticket:
        self._queue = queue
        return Ticket(self._since_ms, self._call, queue, self._taken, self._redirected)

    def _taken(self, bridge: Bridge, greeting: Document | None) -> None:
        self._note_wait()
        self._ticket = None
        self.bridge = bridge
        self._tell(cxml.QueueTaken(greeting))

    def _redirected(self, document: Document) -> None:
        self._note_wait()
        self._drop_ticket()
        self._tell(cxml.Redirected(document))

    def _note_wait(self) -> None:
        self._waited_s = max(0, self._clock.now().wall_ms - self._since_ms) // 1_000

    def _drop_ticket(self) -> None:
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            self._queues.leave(ticket)

    @property
    def place(self) -> Parameters:
        """Say where it has waited, and for how long."""
        return () if self._queue is None else place_parameters(self._sid(self._queue), self._waited_s)

    def _sid(self, queue: Queue) -> str:
        return by_name(self._project.dialect).sids.show(queue.id)

    # One who takes the next ------------------------------------------------------------------------------------------

    async def dial(self, order: cxml.DialQueue, limit: Callable[[float], None]) -> cxml.Message:
        """Take the next one out and be connected until that is over; gives what the script is told.

        Args:
            order: Which queue, and for how long it may be empty.
            limit: Called with the longest time of the connection, in seconds, as soon as there is one.
        """
        noun = order.waiting
        try:
            queue = await self._queues.find(self._project.id, noun.name)
            if queue is None:
                return cxml.DialEnded(cxml.DialStatus.FAILED)
            async with asyncio.timeout(order.dial.timeout_s):
                ticket = await self._queues.take(queue)
        except TimeoutError:
            return cxml.DialEnded(cxml.DialStatus.NO_ANSWER)
        except OSError as fault:
            log.warning("call=%s queue=%r the store does not answer: %s", self._call, noun.name, fault)
            return cxml.DialEnded(cxml.DialStatus.FAILED)
        limit(order.dial.time_limit_s)
        return await self._with(ticket, noun.document)

    async def _with(self, ticket: Ticket, greeting: Document | None) -> cxml.Message:
        bridge = Bridge(self._call, ticket.call, self._media, self._clock)
        self.bridge = bridge
        ticket.taken(bridge, greeting)
        try:
            await bridge.until_ended()
        finally:
            lasted_s = bridge.duration_s
            bridge.end()
            self.bridge = None
        if bridge.started_ms is None:
            return cxml.DialEnded(cxml.DialStatus.NO_ANSWER)
        told = (
            *party_parameters(by_name(self._project.dialect).sids.show(ticket.call), lasted_s),
            *dial_extras(self._project),
        )
        return cxml.DialEnded(cxml.DialStatus.COMPLETED, told)

    def close(self) -> None:
        """Leave nothing behind: no place in a queue, and nobody who waits for this call."""
        self._drop_ticket()
        if self.bridge is not None:
            self.bridge.end()
