"""Claimed phone numbers: create, list, fetch, update, release. Any number that nobody has claimed may be claimed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from roomtone.api import lists
from roomtone.api.available import free
from roomtone.api.frontdesk import NO_CONTENT, Answer, Endpoint, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import NumberId
from roomtone.core.listing import NumberFilter
from roomtone.core.pool import NumberKind, kind_range
from roomtone.core.project import Number
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.available_forms import NumberSearch
from roomtone.dialects.dialect import Resource
from roomtone.dialects.fields import without
from roomtone.dialects.number_forms import FILTER_NAMES, NumberChange


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Claim a number."""
    wanted = visit.dialect.forms.create_number(visit.fields)
    if not wanted.phone_number:
        wanted = replace(wanted, phone_number=await _any_of(wanted.area_code, desk))
    return await _claim(visit, desk, wanted)


def create_of_kind(kind: NumberKind) -> Endpoint:
    """Make the endpoint that claims a number if it is of one kind."""

    async def create_(visit: Visit, desk: FrontDesk) -> Answer:
        wanted = visit.dialect.forms.create_number(without(visit.fields, "AreaCode"))
        if not kind_range(kind, desk.pool).holds(wanted.phone_number):
            expected = f"a {kind.value} number"
            raise Refused(Reason.PARAMETER_INVALID, name="PhoneNumber", expected=expected)
        return await _claim(visit, desk, wanted, visit.dialect.resources.number_of_kind)

    return create_


async def import_(visit: Visit, desk: FrontDesk) -> Answer:
    """Claim a number of one's own, which is like any other here."""
    return await _claim(visit, desk, visit.dialect.forms.import_number(visit.fields))


async def _claim(
    visit: Visit, desk: FrontDesk, wanted: NumberChange, write: Callable[[Number], Resource] | None = None
) -> Answer:
    await _check_application(visit, desk, wanted)
    number = wanted.create(NumberId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    await desk.store.add_number(number)
    return json_answer(201, (write or visit.dialect.resources.number)(number))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's numbers."""
    return await _page(visit, desk, visit.dialect.forms.list_numbers(visit.fields))


def list_of_kind(kind: NumberKind, word: str) -> Endpoint:
    """Make the endpoint that lists a project's numbers of one kind; `word` is the last of its path."""

    async def list_of(visit: Visit, desk: FrontDesk) -> Answer:
        wanted = visit.dialect.forms.list_numbers(visit.fields)
        return await _page(visit, desk, replace(wanted, of=kind_range(kind, desk.pool)), word)

    return list_of


async def _page(visit: Visit, desk: FrontDesk, wanted: NumberFilter, *word: str) -> Answer:
    listing: Listing[Number, NumberId] = Listing(
        key="incoming_phone_numbers",
        path=("IncomingPhoneNumbers", *word),
        filter_names=FILTER_NAMES,
        kind=NumberId,
        place=lambda id_: desk.store.number_place(visit.project.id, id_),
        fetch=lambda window: desk.store.numbers(visit.project.id, wanted, window),
        write=visit.dialect.resources.number_of_kind if word else visit.dialect.resources.number,
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one number."""
    number = await desk.store.number(visit.project.id, _id(visit))
    if number is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.number(number))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change where a number's calls go, or its name. It cannot be given to another account."""
    id_ = _id(visit)
    if await desk.store.number(visit.project.id, id_) is None:
        raise visit.nothing_here()
    wanted = visit.dialect.forms.update_number(visit.fields)
    if wanted.owner is not None and wanted.owner != visit.project.id:
        raise Refused(Reason.PARAMETER_INVALID, name="AccountSid", expected="the number's own account")
    await _check_application(visit, desk, wanted)
    now_ms = desk.clock.now().wall_ms
    number = await desk.store.change_number(
        visit.project.id, id_, lambda stored: wanted.apply(stored, now_ms)
    )
    if number is None:
        raise visit.nothing_here()
    return json_answer(200, visit.dialect.resources.number(number))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Release a number."""
    if not await desk.store.remove_number(visit.project.id, _id(visit)):
        raise visit.nothing_here()
    return NO_CONTENT


async def _check_application(visit: Visit, desk: FrontDesk, wanted: NumberChange) -> None:
    if wanted.application is None:
        return
    if await desk.store.application(visit.project.id, wanted.application) is None:
        raise Refused(Reason.APPLICATION_INVALID)


async def _any_of(area_code: str | None, desk: FrontDesk) -> str:
    """Find a free number of an area in the pool."""
    found = await free(desk, NumberSearch(area_code), lambda _one, _kind: True, 1)
    if not found:
        raise Refused(Reason.NO_NUMBER_AVAILABLE)
    return found[0]


def _id(visit: Visit) -> NumberId:
    id_ = visit.dialect.sids.parse(NumberId, visit.names[0])
    if id_ is None:
        raise visit.nothing_here()
    return id_
