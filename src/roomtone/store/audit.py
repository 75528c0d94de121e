"""The audit: who did what, in a table that is only ever added to.

It is written apart from what it tells of, some moments later and many lines at once, so that nobody waits for it: a
process that is killed may lose the last quarter of a second of it, one that stops loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select

from roomtone.core.deeds import Deed
from roomtone.core.ids import KeyId, ProjectId
from roomtone.store.shelf import Shelf
from roomtone.store.tables import audit
from roomtone.store.threads import Readers, Writer

_log = logging.getLogger(__name__)
_INSERT = insert(audit)

LATE_S = 0.25
"""How long lines are gathered before they are written."""


class Audit(Shelf):
    """Who did what."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._deeds: list[Deed] = []
        self._writing: asyncio.Task[None] | None = None

    def note_deed(self, deed: Deed) -> None:
        """Have a line written soon; never waits, never fails."""
        self._deeds.append(deed)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_soon(), name="audit")

    async def deeds(self, after: int, limit: int) -> Sequence[tuple[int, Deed]]:
        """List lines with their numbers, oldest first: the first ones after this number; below 0: the last ones."""
        query = select(audit).order_by(audit.c.seq.desc() if after < 0 else audit.c.seq).limit(limit)
        if after >= 0:
            query = query.where(audit.c.seq > after)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [(row.seq, _deed(row)) for row in (reversed(rows) if after < 0 else rows)]

    async def write_audit(self) -> None:
        """Write what is gathered, now."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        await self._write_gathered()

    async def _write_soon(self) -> None:
        await asyncio.sleep(LATE_S)
        self._writing = None
        await self._write_gathered()

    async def _write_gathered(self) -> None:
        gathered, self._deeds = self._deeds, []
        if not gathered:
            return
        rows = [_row(deed) for deed in gathered]
        try:
            await self._write(lambda connection: connection.execute(_INSERT, rows))
        except OSError as fault:
            _log.error("audit lost lines=%d: %s", len(rows), fault)


def _row(deed: Deed) -> dict[str, object]:
    return {
        "at_ms": deed.at_ms,
        "project": deed.project.hex,
        "key": deed.key.hex,
        "key_name": deed.key_name,
        "source": deed.source,
        "method": deed.method,
        "route": deed.route,
        "subject": deed.subject,
        "status": deed.status,
        "request": deed.request,
    }


def _deed(row: Row[Any]) -> Deed:
    return Deed(
        row.at_ms,
        ProjectId.from_hex(row.project),
        KeyId.from_hex(row.key),
        row.key_name,
        row.source,
        row.method,
        row.route,
        row.subject,
        row.status,
        row.request,
    )
