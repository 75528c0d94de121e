"""Calls: list, fetch, delete those that are over. They are made by those who call; nothing is called from here yet."""

from __future__ import annotations

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId
from roomtone.dialects.call_forms import FILTER_NAMES
from roomtone.dialects.media_resources import call_media


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's calls, over or not."""
    wanted = visit.dialect.forms.list_calls(visit.fields)
    listing: Listing[Call, CallId] = Listing(
        key="calls",
        path=("Calls",),
        filter_names=FILTER_NAMES,
        kind=CallId,
        place=lambda id_: desk.store.call_place(visit.project.id, id_),
        fetch=lambda window: desk.store.own_calls(visit.project.id, wanted, window),
        write=visit.dialect.resources.call,
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one call."""
    return json_answer(200, visit.dialect.resources.call(await own_call(visit, desk)))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete the record of a call that is over."""
    call = await own_call(visit, desk)
    if not await desk.store.remove_call(visit.project.id, call.id):
        raise visit.nothing_here()
    return NO_CONTENT


async def media(visit: Visit, desk: FrontDesk) -> Answer:
    """Give how the audio of a call fares that is up."""
    call = await own_call(visit, desk)
    figures = desk.switchboard.figures(call.id)
    if figures is None:
        raise visit.nothing_here()
    return json_answer(200, call_media(call, figures, visit.dialect.sids))


async def own_call(visit: Visit, desk: FrontDesk) -> Call:
    """Find the call that the path names.

    Raises:
        Refused: NOT_FOUND: there is none, it was deleted, or it is another project's.
    """
    id_ = visit.dialect.sids.parse(CallId, visit.names[0])
    call = None if id_ is None else await desk.store.own_call(visit.project.id, id_)
    if call is None:
        raise visit.nothing_here()
    return call
