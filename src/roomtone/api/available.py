"""Numbers that may be claimed: those of the house's pool that nobody has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from roomtone.api import lists
from roomtone.api.frontdesk import Answer, Endpoint, FrontDesk, Visit, json_answer
from roomtone.core.pool import NumberKind
from roomtone.dialects.available_forms import FILTER_NAMES, NumberSearch
from roomtone.dialects.countries import country

_BATCH = 500
"""Numbers of which the store is asked at once."""


async def list_countries(visit: Visit, desk: FrontDesk) -> Answer:
    """List the countries that the pool has numbers of."""
    return json_answer(200, visit.dialect.resources.countries(visit.project.id, _countries(desk)))


async def fetch_country(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one country that the pool has numbers of."""
    return json_answer(200, visit.dialect.resources.free_country(visit.project.id, _country(visit, desk)))


def list_numbers(kind: NumberKind, word: str) -> Endpoint:
    """Make the endpoint that lists the free numbers of one kind; `word` is the last of its path."""

    async def list_(visit: Visit, desk: FrontDesk) -> Answer:
        code = _country(visit, desk)
        search = visit.dialect.forms.search_numbers(visit.fields)
        asked = visit.dialect.forms.page(visit.fields)
        found = await free(desk, search, lambda one, its: its is kind and country(one) == code, asked.size)
        return lists.whole_page(
            visit,
            "available_phone_numbers",
            ("AvailablePhoneNumbers", code, word),
            [visit.dialect.resources.free_number(one) for one in found],
            FILTER_NAMES,
        )

    return list_


async def free(
    desk: FrontDesk, search: NumberSearch, fits: Callable[[str, NumberKind], bool], most: int
) -> list[str]:
    """Search the pool, in its order, for numbers that nobody has claimed."""
    candidates = (
        one for run in desk.pool for one in run if search.fits(one) and fits(one, run.kind)
    )  # made one by one: a pool may be large and a page is not
    found: list[str] = []
    for batch in _batches(candidates):
        taken = await desk.store.claimed_among(batch)
        found += (one for one in batch if one not in taken)
        if len(found) >= most:
            break
    return found[:most]


def _batches(numbers: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(numbers, _BATCH)):
        yield batch


def _countries(desk: FrontDesk) -> list[str]:
    return sorted({country(run.first) for run in desk.pool})


def _country(visit: Visit, desk: FrontDesk) -> str:
    code = visit.names[0].upper()
    if code not in _countries(desk):
        raise visit.nothing_here()
    return code
