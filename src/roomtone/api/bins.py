"""Hosted documents: create, list, fetch, update, delete; and serving them, to anybody who knows the address."""

from __future__ import annotations

from roomtone.api import checking, lists, templates
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import BinId
from roomtone.core.project import Bin
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import sids
from roomtone.dialects.bin_forms import FILTER_NAMES
from roomtone.dialects.fields import Fields, last


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Keep a new document."""
    wanted = visit.dialect.forms.create_bin(visit.fields)
    if wanted.contents:
        templates.check(wanted.contents)
    bin_ = wanted.create(BinId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    await desk.store.add_bin(bin_)
    return json_answer(201, visit.dialect.resources.bin(bin_, desk.public_url))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's documents."""
    wanted = visit.dialect.forms.list_bins(visit.fields)
    listing: Listing[Bin, BinId] = Listing(
        key="laml_bins",
        path=("LamlBins",),
        filter_names=FILTER_NAMES,
        kind=BinId,
        place=lambda id_: desk.store.bin_place(visit.project.id, id_),
        fetch=lambda window: desk.store.bins(visit.project.id, wanted, window),
        write=lambda one: visit.dialect.resources.bin(one, desk.public_url),
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one document."""
    bin_ = await desk.store.bin(visit.project.id, _id(visit))
    if bin_ is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.bin(bin_, desk.public_url))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a document's name or contents."""
    id_ = _id(visit)
    if await desk.store.bin(visit.project.id, id_) is None:
        raise visit.nothing_here()
    wanted = visit.dialect.forms.update_bin(visit.fields)
    if wanted.contents:
        templates.check(wanted.contents)
    now_ms = desk.clock.now().wall_ms
    bin_ = await desk.store.change_bin(visit.project.id, id_, lambda stored: wanted.apply(stored, now_ms))
    if bin_ is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.bin(bin_, desk.public_url))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a document."""
    if not await desk.store.remove_bin(visit.project.id, _id(visit)):
        raise visit.nothing_here()
    return NO_CONTENT


async def check(visit: Visit, desk: FrontDesk) -> Answer:
    """Say what a document would do, and what is wrong with it, without keeping it. Tags are left empty.

    Raises:
        Refused: PARAMETER_MISSING; DOCUMENT_INVALID: it is no template.
    """
    del desk  # nothing is kept
    contents = last(visit.fields, "Contents")
    if not contents:
        raise Refused(Reason.PARAMETER_MISSING, name="Contents")
    return json_answer(200, checking.check(templates.render(contents, {}), visit.dialect))


async def serve(sid: str, parameters: Fields, desk: FrontDesk) -> Answer | None:
    """Render a document for whoever asks, and count the request; None: there is no such document.

    Raises:
        Refused: DOCUMENT_INVALID: it cannot be rendered with these parameters.
    """
    id_ = sids.parse(BinId, sid)
    bin_ = None if id_ is None else await desk.store.open_bin(id_, desk.clock.now().wall_ms)
    if bin_ is None:
        return None
    text = templates.render(bin_.contents, dict(parameters))
    return Answer(200, text.encode(), "text/xml; charset=utf-8")


async def read(sid: str, parameters: Fields, desk: FrontDesk) -> str | int:
    """Render a document for the house itself; the status its address would answer with, if it cannot be."""
    try:
        answer = await serve(sid, parameters, desk)
    except Refused:
        return 400
    except OSError:
        return 503
    return 404 if answer is None else answer.content.decode()


def _id(visit: Visit) -> BinId:
    id_ = visit.dialect.sids.parse(BinId, visit.names[0])
    if id_ is None:
        raise visit.nothing_here()
    return id_
