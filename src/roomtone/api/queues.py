"""Queues: create, list, fetch, update, delete; and those in them.

No document puts a call into a queue yet, so a queue is empty: its list of members is, and a member is 404, the one at
the front included.
"""

from __future__ import annotations

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import QueueId
from roomtone.core.queueing import Member, Queue

NOBODY: tuple[Member, ...] = ()
"""Those in any queue."""


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a queue."""
    wanted = visit.dialect.forms.create_queue(visit.fields)
    made = wanted.create(QueueId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    await desk.store.add_queue(made)
    return json_answer(201, visit.dialect.resources.queue(made, NOBODY))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's queues."""
    listing: Listing[Queue, QueueId] = Listing(
        key="queues",
        path=("Queues",),
        filter_names=frozenset(),
        kind=QueueId,
        place=lambda id_: desk.store.queue_place(visit.project.id, id_),
        fetch=lambda window: desk.store.queues(visit.project.id, window),
        write=lambda one: visit.dialect.resources.queue(one, NOBODY),
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one queue."""
    return json_answer(200, visit.dialect.resources.queue(await _own(visit, desk), NOBODY))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a queue's name or size."""
    queue = await _own(visit, desk)
    wanted = visit.dialect.forms.update_queue(visit.fields)
    now_ms = desk.clock.now().wall_ms
    changed = await desk.store.change_queue(
        visit.project.id, queue.id, lambda stored: wanted.apply(stored, now_ms)
    )
    if changed is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.queue(changed, NOBODY))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a queue."""
    queue = await _own(visit, desk)
    if not await desk.store.remove_queue(visit.project.id, queue.id):
        raise visit.nothing_here()
    return NO_CONTENT


async def list_members(visit: Visit, desk: FrontDesk) -> Answer:
    """List those in a queue: nobody."""
    queue = await _own(visit, desk)
    return lists.empty_page(visit, "queue_members", ("Queues", visit.dialect.sids.show(queue.id), "Members"))


async def fetch_member(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one who is in a queue: there is nobody."""
    await _own(visit, desk)
    raise visit.nothing_here()


async def update_member(visit: Visit, desk: FrontDesk) -> Answer:
    """Take one out of a queue, and send the call to a document: there is nobody."""
    await _own(visit, desk)
    visit.dialect.forms.dequeue(visit.fields)
    raise visit.nothing_here()


async def _own(visit: Visit, desk: FrontDesk) -> Queue:
    id_ = visit.dialect.sids.parse(QueueId, visit.names[0])
    found = None if id_ is None else await desk.store.queue(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found
