"""Queues: create, list, fetch, update, delete; and those in them.

Who waits in a queue is the switchboard's to know; the member called ``Front`` is whoever has waited longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import CallId, QueueId
from roomtone.core.listing import Place, Window
from roomtone.core.queueing import Member, Queue
from roomtone.core.refusals import Reason, Refused

FRONT = "Front"
"""The name of whoever has waited longest."""


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a queue."""
    wanted = visit.dialect.forms.create_queue(visit.fields)
    made = wanted.create(QueueId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    await desk.store.add_queue(made)
    return json_answer(201, visit.dialect.resources.queue(made, ()))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's queues."""
    listing: Listing[Queue, QueueId] = Listing(
        key="queues",
        path=("Queues",),
        filter_names=frozenset(),
        kind=QueueId,
        place=lambda id_: desk.store.queue_place(visit.project.id, id_),
        fetch=lambda window: desk.store.queues(visit.project.id, window),
        write=lambda one: visit.dialect.resources.queue(one, desk.switchboard.members(one)),
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one queue."""
    queue = await _own(visit, desk)
    return json_answer(200, visit.dialect.resources.queue(queue, desk.switchboard.members(queue)))


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
    return json_answer(200, visit.dialect.resources.queue(changed, desk.switchboard.members(changed)))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a queue; one in which somebody waits stays."""
    queue = await _own(visit, desk)
    if desk.switchboard.members(queue):
        raise Refused(Reason.QUEUE_NOT_EMPTY)
    if not await desk.store.remove_queue(visit.project.id, queue.id):
        raise visit.nothing_here()
    return NO_CONTENT


@dataclass(frozen=True, slots=True)
class _Listed:
    """A member as a list wants it: lists run from high to low, members from the front."""

    id: CallId
    created_ms: int
    member: Member


async def list_members(visit: Visit, desk: FrontDesk) -> Answer:
    """List those in a queue, the front first."""
    queue = await _own(visit, desk)
    members = [_Listed(one.call, -one.position, one) for one in desk.switchboard.members(queue)]

    async def place(call: CallId) -> Place | None:
        return next((Place(one.created_ms, one.id) for one in members if one.id == call), None)

    async def fetch(window: Window) -> Sequence[_Listed]:
        if window.before is not None:
            nearer = [one for one in members if one.created_ms > window.before.created_ms]
            return nearer[-window.limit :]
        after = [one for one in members if window.after is None or one.created_ms < window.after.created_ms]
        return after[: window.limit]

    listing: Listing[_Listed, CallId] = Listing(
        key="queue_members",
        path=("Queues", visit.dialect.sids.show(queue.id), "Members"),
        filter_names=frozenset(),
        kind=CallId,
        place=place,
        fetch=fetch,
        write=lambda one: visit.dialect.resources.member(one.member),
    )
    return await lists.page(visit, listing)


async def fetch_member(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one who is in a queue."""
    return json_answer(200, visit.dialect.resources.member(_member(visit, desk, await _own(visit, desk))))


async def update_member(visit: Visit, desk: FrontDesk) -> Answer:
    """Take one out of a queue, and send the call to a document."""
    queue = await _own(visit, desk)
    document = visit.dialect.forms.dequeue(visit.fields)
    member = _member(visit, desk, queue)
    if not desk.switchboard.dequeue(queue, member.call, document):
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.member(member))


def _member(visit: Visit, desk: FrontDesk, queue: Queue) -> Member:
    """Find the member that the path names: by its call, or the front."""
    members, name = desk.switchboard.members(queue), visit.names[1]
    call = visit.dialect.sids.parse(CallId, name)
    found = members[0] if name == FRONT and members else None
    found = next((one for one in members if one.call == call), found)
    if found is None:
        raise visit.nothing_here()
    return found


async def _own(visit: Visit, desk: FrontDesk) -> Queue:
    id_ = visit.dialect.sids.parse(QueueId, visit.names[0])
    found = None if id_ is None else await desk.store.queue(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found
