"""Calls: make, list, fetch, steer, delete those that are over. Reads go to the store, changes to the switchboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Headers, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.call.state import Call, CallCallback
from roomtone.core.call.wishes import Change, Instructions
from roomtone.core.ids import ApplicationId, CallId
from roomtone.core.refusals import Reason, Refused
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Unreadable
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


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Call somebody. What was asked for and has no effect is named in a ``Warning``.

    Raises:
        Refused: What is wrong with the wish; DESTINATION_NOT_ALLOWED: nothing leads there.
    """
    order = visit.dialect.forms.create_call(visit.fields)
    instructions, invitation = order.instructions, order.invitation
    if instructions is None:
        instructions, callback = await _of_application(visit, desk, order.application)
        invitation = replace(invitation, callback=callback or invitation.callback)
    _check(instructions)
    call = await desk.switchboard.call(visit.project, invitation, instructions)
    answer = json_answer(visit.dialect.call_made, visit.dialect.resources.call(call))
    return answer.with_headers(*warning(order.ignored))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Lead a call elsewhere, end it, or say anew who is told of it and how long it may last.

    Raises:
        Refused: CALL_NOT_IN_PROGRESS, CALL_OVER, CALL_STATUS_INVALID, or what is wrong with the wish.
    """
    call = await own_call(visit, desk)
    wish = visit.dialect.forms.update_call(visit.fields)
    then = wish.then if isinstance(wish, Change) else wish
    if isinstance(then, Instructions):
        _check(then)
    if wish is not None:
        call = await desk.switchboard.steer(call.id, wish)
    return json_answer(200, visit.dialect.resources.call(call))


def warning(ignored: Sequence[str]) -> Headers:
    """Name parameters that have no effect (RFC 9111, section 5.5 before it was withdrawn: still the usual place)."""
    told = ", ".join(f'299 - "{name} is not supported and was left out"' for name in ignored)
    return (("Warning", told),) if told else ()


def _check(instructions: Instructions) -> None:
    """Refuse a text that no call could follow, while somebody is there to read why."""
    if not instructions.text:
        return
    try:
        parse(instructions.text, "")
    except Unreadable as why:
        raise Refused(Reason.DOCUMENT_INVALID, name="Twiml", problem=why.detail) from None


async def _of_application(
    visit: Visit, desk: FrontDesk, application: ApplicationId | None
) -> tuple[Instructions, CallCallback | None]:
    """Give what an application's calls do, and where their end is told."""
    found = None if application is None else await desk.store.application(visit.project.id, application)
    if found is None or found.voice.document is None:
        raise Refused(Reason.APPLICATION_INVALID)
    told = found.status.document
    callback = None if told is None else CallCallback(told.url, told.method)
    return Instructions(found.voice.document, found.voice_fallback.document), callback


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
    figures = await desk.switchboard.figures(call.id)
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
