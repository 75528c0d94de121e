"""Applications: create, list, fetch, update, delete."""

from __future__ import annotations

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.application import Application
from roomtone.core.ids import ApplicationId
from roomtone.dialects.application_forms import FILTER_NAMES


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Keep a new application."""
    wanted = visit.dialect.forms.create_application(visit.fields)
    made = wanted.create(ApplicationId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    await desk.store.add_application(made)
    return json_answer(201, visit.dialect.resources.application(made))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's applications."""
    wanted = visit.dialect.forms.list_applications(visit.fields)
    listing: Listing[Application, ApplicationId] = Listing(
        key="applications",
        path=("Applications",),
        filter_names=FILTER_NAMES,
        kind=ApplicationId,
        place=lambda id_: desk.store.application_place(visit.project.id, id_),
        fetch=lambda window: desk.store.applications(visit.project.id, wanted, window),
        write=visit.dialect.resources.application,
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one application."""
    found = await desk.store.application(visit.project.id, _id(visit))
    if found is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.application(found))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change an application."""
    id_ = _id(visit)
    if await desk.store.application(visit.project.id, id_) is None:
        raise visit.nothing_here()
    wanted = visit.dialect.forms.update_application(visit.fields)
    now_ms = desk.clock.now().wall_ms
    changed = await desk.store.change_application(
        visit.project.id, id_, lambda stored: wanted.apply(stored, now_ms)
    )
    if changed is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.application(changed))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete an application; numbers that point to it follow their own URLs from then on."""
    if not await desk.store.remove_application(visit.project.id, _id(visit)):
        raise visit.nothing_here()
    return NO_CONTENT


def _id(visit: Visit) -> ApplicationId:
    id_ = visit.dialect.sids.parse(ApplicationId, visit.names[0])
    if id_ is None:
        raise visit.nothing_here()
    return id_
