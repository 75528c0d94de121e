"""What Roomtone has none of: messages and faxes. Their lists are empty, and nothing is in them."""

from __future__ import annotations

from typing import NoReturn

from roomtone.api import lists
from roomtone.api.frontdesk import Answer, Endpoint, FrontDesk, Visit


def list_of(key: str, word: str) -> Endpoint:
    """Make the endpoint that lists nothing under this key; `word` is the last of its path."""

    async def list_(visit: Visit, _desk: FrontDesk) -> Answer:
        return lists.empty_page(visit, key, (word,))

    return list_


async def one(visit: Visit, _desk: FrontDesk) -> NoReturn:
    """Find none."""
    raise visit.nothing_here()
