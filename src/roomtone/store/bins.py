"""Hosted documents. A deleted one leaves its row behind, emptied, so that a list still knows its place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from roomtone.core.ids import BinId, ProjectId
from roomtone.core.listing import BinFilter, Place, Window
from roomtone.core.project import Bin
from roomtone.store import windows
from roomtone.store.prepared import Found, Look
from roomtone.store.shelf import Shelf
from roomtone.store.tables import bins, kept
from roomtone.store.threads import Readers, Writer

_log = logging.getLogger(__name__)

_OPENED = Look(select(bins).where(bins.c.id == bindparam("bin"), kept))
_COUNTED = (
    update(bins)
    .where(bins.c.id == bindparam("bin"), kept)
    .values(requests=bins.c.requests + bindparam("times"), accessed_ms=bindparam("at_ms"))
)


class Bins(Shelf):
    """Hosted documents. Requests for them are counted a moment later: nobody waits for that to be committed."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._opened: dict[BinId, tuple[int, int]] = {}
        """How often, and when last, since it was counted."""

        self._counting: asyncio.Task[None] | None = None

    async def bin(self, project: ProjectId, bin_: BinId) -> Bin | None:
        """Find a project's document."""
        await self.count_opened()
        return await self._read(lambda connection: _first(connection, _one(project, bin_)))

    async def bins(self, project: ProjectId, wanted: BinFilter, window: Window) -> Sequence[Bin]:
        """List a project's documents."""
        await self.count_opened()
        query = select(bins).where(bins.c.project == project.hex, kept)
        if wanted.name is not None:
            query = query.where(bins.c.name == wanted.name)
        rows = await self._read(lambda connection: windows.run(connection, query, bins, window))
        return [_bin(row) for row in rows]

    async def bin_place(self, project: ProjectId, bin_: BinId) -> Place | None:
        """Give a document's place in that list, also after it was deleted; None: never was this project's."""
        own = bins.c.project == project.hex
        return await self._read(lambda connection: windows.place(connection, bins, bin_, own))

    async def add_bin(self, bin_: Bin) -> None:
        """Keep a new document."""
        await self._write(lambda connection: connection.execute(insert(bins).values(_row(bin_))))

    async def change_bin(self, project: ProjectId, bin_: BinId, change: Callable[[Bin], Bin]) -> Bin | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such document."""
        await self.count_opened()
        query = _one(project, bin_)
        return await self._write(lambda connection: _change(connection, query, change))

    async def remove_bin(self, project: ProjectId, bin_: BinId) -> bool:
        """Delete a document; False: there is no such document. Its place stays known."""
        emptied = (
            update(bins)
            .where(bins.c.project == project.hex, bins.c.id == bin_.hex, kept)
            .values(removed=1, contents="")
        )
        return await self._write(lambda connection: connection.execute(emptied).rowcount == 1)

    async def open_bin(self, bin_: BinId, at_ms: int) -> Bin | None:
        """Find a document whosever it is, and have the request counted (`requests`, `accessed_ms`) soon."""
        row = await self._look_one(_OPENED, bin=bin_.hex)
        if row is None:
            return None
        self._opened[bin_] = (self._opened.get(bin_, (0, 0))[0] + 1, at_ms)
        if self._counting is None:
            self._counting = asyncio.create_task(self._count(), name="bins")
        return _bin(row)

    async def count_opened(self) -> None:
        """Wait until what was opened is counted."""
        while self._counting is not None:
            await asyncio.shield(self._counting)

    async def _count(self) -> None:
        try:
            while self._opened:
                opened, self._opened = self._opened, {}
                try:
                    await self._write(partial(_count, opened=opened))
                except OSError:
                    self._keep(opened)
                    raise
        except OSError as fault:
            _log.error("requests of documents were not counted: %s", fault)
        finally:
            self._counting = None

    def _keep(self, opened: Mapping[BinId, tuple[int, int]]) -> None:
        """Count them with the next that are opened: the store is away."""
        for one, (times, at_ms) in opened.items():
            more, later_ms = self._opened.get(one, (0, 0))
            self._opened[one] = (times + more, max(at_ms, later_ms))


def _one(project: ProjectId, bin_: BinId) -> Select[Any]:
    return select(bins).where(bins.c.project == project.hex, bins.c.id == bin_.hex, kept)


def _first(connection: Connection, query: Select[Any]) -> Bin | None:
    row = connection.execute(query).first()
    return None if row is None else _bin(row)


def _change(connection: Connection, query: Select[Any], change: Callable[[Bin], Bin]) -> Bin | None:
    stored = _first(connection, query.with_for_update())
    if stored is None:
        return None
    changed = change(stored)
    connection.execute(update(bins).where(bins.c.id == stored.id.hex).values(_row(changed)))
    return changed


def _count(connection: Connection, opened: Mapping[BinId, tuple[int, int]]) -> None:
    rows = [{"bin": one.hex, "times": times, "at_ms": at_ms} for one, (times, at_ms) in opened.items()]
    connection.execute(_COUNTED, rows)


def _row(bin_: Bin) -> dict[str, object]:
    return {
        "id": bin_.id.hex,
        "project": bin_.project.hex,
        "name": bin_.name,
        "contents": bin_.contents,
        "created_ms": bin_.created_ms,
        "updated_ms": bin_.updated_ms,
        "accessed_ms": bin_.accessed_ms,
        "requests": bin_.requests,
    }


def _bin(row: Row[Any] | Found) -> Bin:
    return Bin(
        id=BinId.from_hex(row.id),
        project=ProjectId.from_hex(row.project),
        name=row.name,
        contents=row.contents,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
        accessed_ms=row.accessed_ms,
        requests=row.requests,
    )
