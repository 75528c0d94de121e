"""Notifications: what was odd about a project's documents, or a call's; listed and fetched."""

from __future__ import annotations

from dataclasses import replace

from roomtone.api import lists
from roomtone.api.calls import own_call
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import NotificationId
from roomtone.core.listing import NotificationFilter
from roomtone.core.notification import Notification
from roomtone.dialects.notification_forms import FILTER_NAMES
from roomtone.dialects.notification_resources import notification


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's notifications."""
    return await _page(visit, desk, ("Notifications",), visit.dialect.forms.list_notifications(visit.fields))


async def list_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """List a call's notifications."""
    call = await own_call(visit, desk)
    wanted = replace(visit.dialect.forms.list_notifications(visit.fields), call=call.id)
    return await _page(visit, desk, ("Calls", visit.dialect.sids.show(call.id), "Notifications"), wanted)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one notification."""
    return _written(visit, desk, await _one(visit, desk))


async def fetch_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one of a call's notifications."""
    call, found = await own_call(visit, desk), await _one(visit, desk)
    if found.call != call.id:
        raise visit.nothing_here()
    return _written(visit, desk, found)


def _written(visit: Visit, desk: FrontDesk, found: Notification) -> Answer:
    return json_answer(200, notification(found, visit.dialect, desk.public_url, full=True))


async def _one(visit: Visit, desk: FrontDesk) -> Notification:
    id_ = visit.dialect.sids.parse(NotificationId, visit.names[-1])
    found = None if id_ is None else await desk.store.notification(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found


async def _page(visit: Visit, desk: FrontDesk, path: tuple[str, ...], wanted: NotificationFilter) -> Answer:
    listing: Listing[Notification, NotificationId] = Listing(
        key="notifications",
        path=path,
        filter_names=FILTER_NAMES,
        kind=NotificationId,
        place=lambda id_: desk.store.notification_place(visit.project.id, id_),
        fetch=lambda window: desk.store.notifications(visit.project.id, wanted, window),
        write=lambda one: notification(one, visit.dialect, desk.public_url, full=False),
    )
    return await lists.page(visit, listing)
