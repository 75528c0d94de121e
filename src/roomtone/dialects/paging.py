"""Pages of a list: what is asked, and the tokens and addresses that lead from one to the next.

A token names an item: PA the one a page follows, PB the one a page precedes. The item may be gone when the token comes
back; its place in the order is what counts (`roomtone.core.listing`). The token of a participant carries the
participant's own id, not the call's: a call may come back, and then it stands at two places.

Sources: Twilio "Paging"; SignalWire Compatibility API, "Paging"; the vendors' clients, which take every top-level key
outside the vendor's own for the list of records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import Id, ProjectId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dialect import AnyId, Resource, Sids
from roomtone.dialects.fields import Fields, last

DEFAULT_SIZE = 50
LARGEST_SIZE = 1_000
"""A larger wish is served this many: the SDKs ask for as many as their caller wants in all, and never look back."""

LARGEST_PAGE = 2**31 - 1

NAMES = frozenset({"Page", "PageSize", "PageToken"})
"""The parameters of paging."""


class Side(StrEnum):
    """Which side of its token's item a page lies on."""

    AFTER = "PA"
    BEFORE = "PB"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    number: int = 0
    """For the client's state; only the token says where the page lies."""

    size: int = DEFAULT_SIZE
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, ready to be written."""

    key: str
    """The one key of the records."""

    project: ProjectId | None
    """Whose list it is; None: the list of accounts."""

    path: tuple[str, ...]
    """Segments after the account's."""

    filters: Fields
    """The filters asked for, as they came; repeated in every address."""

    request: PageRequest
    items: Sequence[Resource]
    newer: str | None
    """Token of the page before; None: there is nothing before."""

    older: str | None
    """Token of the page after; None: there is nothing after."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The four addresses of a page."""

    this: str
    first: str
    following: str | None
    preceding: str | None


Query = tuple[tuple[str, str], ...]


def request(fields: Fields) -> PageRequest:
    """Read which page is asked for.

    Raises:
        Refused: PAGE_INVALID, PAGE_SIZE_INVALID; PAGE_TOKEN_MISSING on a later page; PAGE_TOKEN_INVALID if it begins
            with neither PA nor PB.
    """
    number = _whole(last(fields, "Page"), 0, Reason.PAGE_INVALID)
    size = _whole(last(fields, "PageSize"), DEFAULT_SIZE, Reason.PAGE_SIZE_INVALID)
    token = last(fields, "PageToken") or None
    if number > LARGEST_PAGE:
        raise Refused(Reason.PAGE_INVALID, name="Page")
    if size == 0:
        raise Refused(Reason.PAGE_SIZE_INVALID, name="PageSize")
    if token is None and number > 0:
        raise Refused(Reason.PAGE_TOKEN_MISSING)
    if token is not None and token[:2] not in set(Side):
        raise Refused(Reason.PAGE_TOKEN_INVALID)
    return PageRequest(number, min(size, LARGEST_SIZE), token)


def token(sids: Sids, side: Side, id_: Id) -> str:
    """Write a token."""
    return side + sids.show(id_)


def read_token(sids: Sids, kind: type[AnyId], text: str) -> tuple[Side, AnyId]:
    """Read a token.

    Raises:
        Refused: PAGE_TOKEN_INVALID: it names nothing of this kind.
    """
    id_ = sids.parse(kind, text[2:])
    if id_ is None or text[:2] not in set(Side):
        raise Refused(Reason.PAGE_TOKEN_INVALID)
    return Side(text[:2]), id_


def addresses(page: Page, write: Callable[[Query], str], order: Callable[[Page, Query], Query]) -> Addresses:
    """Give a page's addresses.

    The first page carries no token, even if a PB token led to it, and has no page before it (as Twilio's samples do).

    Args:
        page: The page.
        write: Writes the address of a query.
        order: Puts filters beside the parameters of paging, in the dialect's order.
    """

    def at(number: int, token: str | None) -> str:
        query = (("Page", str(number)), ("PageSize", str(page.request.size)))
        return write(order(page, query if token is None else (*query, ("PageToken", token))))

    number = page.request.number
    return Addresses(
        this=at(number, page.request.token if number > 0 else None),
        first=at(0, None),
        following=None if page.older is None else at(number + 1, page.older),
        preceding=None if page.newer is None or number == 0 else at(number - 1, page.newer),
    )


def _whole(text: str | None, default: int, reason: Reason) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise Refused(reason)
    return int(text)
