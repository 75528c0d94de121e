"""One page of any list: tokens in, a window on the store, records and addresses out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from roomtone.api.frontdesk import Answer, Visit, json_answer
from roomtone.core.ids import Id
from roomtone.core.listing import Place, Window
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import paging
from roomtone.dialects.dialect import Resource
from roomtone.dialects.paging import Page, PageRequest, Side


class Listed(Protocol):
    """Something that has a place in a list."""

    @property
    def id(self) -> Id:
        """Its own id."""

    @property
    def created_ms(self) -> int:
        """When it was made."""


Item = TypeVar("Item", bound=Listed)
ItemId = TypeVar("ItemId", bound=Id)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item, ItemId]):
    """A list, as one request wants it."""

    key: str
    """The one key of the records."""

    path: tuple[str, ...]
    """Segments after the account's."""

    filter_names: frozenset[str]
    kind: type[ItemId]
    place: Callable[[ItemId], Awaitable[Place | None]]
    """Finds the place of an item, present or gone."""

    fetch: Callable[[Window], Awaitable[Sequence[Item]]]
    write: Callable[[Item], Resource]
    of_account: bool = True
    """False: the list of accounts itself."""


async def page(visit: Visit, listing: Listing[Item, ItemId]) -> Answer:
    """Answer with the page that the request asks for.

    Raises:
        Refused: The page, its size or its token is malformed, or the token is of another list.
    """
    asked = visit.dialect.forms.page(visit.fields)
    items, newer, older = await _items(visit, asked, listing)
    written = Page(
        key=listing.key,
        project=visit.project.id if listing.of_account else None,
        path=listing.path,
        filters=tuple((name, text) for name, text in visit.fields if text and name in listing.filter_names),
        request=asked,
        items=[listing.write(item) for item in items],
        newer=paging.token(visit.dialect.sids, Side.BEFORE, items[0].id) if newer and items else None,
        older=paging.token(visit.dialect.sids, Side.AFTER, items[-1].id) if older and items else None,
    )
    return json_answer(200, visit.dialect.resources.page(written))


def empty_page(visit: Visit, key: str, path: tuple[str, ...]) -> Answer:
    """Answer with the only page of a list that has nothing in it.

    Raises:
        Refused: The page or its size is malformed, or there is a token, which cannot be of this list.
    """
    asked = visit.dialect.forms.page(visit.fields)
    if asked.token is not None:
        raise Refused(Reason.PAGE_TOKEN_INVALID)
    page_ = Page(key, visit.project.id, path, (), asked, [], None, None)
    return json_answer(200, visit.dialect.resources.page(page_))


def whole_page(
    visit: Visit,
    key: str,
    path: tuple[str, ...],
    items: Sequence[Resource],
    filter_names: frozenset[str],
) -> Answer:
    """Answer with what a search for numbers found, all of it; as `empty_page`, it has no second page."""
    asked = visit.dialect.forms.page(visit.fields)
    if asked.token is not None:
        raise Refused(Reason.PAGE_TOKEN_INVALID)
    filters = tuple((name, text) for name, text in visit.fields if text and name in filter_names)
    page_ = Page(key, visit.project.id, path, filters, asked, items, None, None)
    return json_answer(200, visit.dialect.resources.free_numbers(page_))


async def _items(
    visit: Visit, asked: PageRequest, listing: Listing[Item, ItemId]
) -> tuple[Sequence[Item], bool, bool]:
    """Give the page's items, and whether there are newer and older ones. One more is fetched to see if there are."""
    if asked.token is None:
        found = await listing.fetch(Window(asked.size + 1))
        return found[: asked.size], False, len(found) > asked.size
    side, id_ = paging.read_token(visit.dialect.sids, listing.kind, asked.token)
    place = await listing.place(id_)
    if place is None:
        raise Refused(Reason.PAGE_TOKEN_INVALID)
    if side is Side.AFTER:
        found = await listing.fetch(Window(asked.size + 1, after=place))
        return found[: asked.size], True, len(found) > asked.size
    found = await listing.fetch(Window(asked.size + 1, before=place))
    items = found[-asked.size :]
    if not items:
        return items, False, False
    last = Place(items[-1].created_ms, items[-1].id)
    return items, len(found) > asked.size, bool(await listing.fetch(Window(1, after=last)))
