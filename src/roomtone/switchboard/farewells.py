"""Requests whose answer nobody hears any more: what a document asks for when its caller hangs up."""

from __future__ import annotations

import asyncio

from roomtone.core.exchange import FetchRequest
from roomtone.switchboard.ports import Documents

MOST_UNDER_WAY = 1_000
"""Requests that may be out at a time; one more is not made."""


class Farewells:
    """Makes them in the background, for calls that are over."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._under_way: set[asyncio.Task[object]] = set()

    def say(self, request: FetchRequest) -> None:
        """Make a request, once; its answer is dropped, and so is its failure, of which the fetcher's log tells."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            return
        task: asyncio.Task[object] = asyncio.create_task(self._documents.fetch(request), name="farewell")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Drop what is still out."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
