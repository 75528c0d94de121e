"""The delivery log: what was said to customers' servers, and what they answered.

It is written some moments later, many lines at once, so that neither caller nor courier waits for it: a process that is
killed may lose the last quarter of a second of it (what became of a callback is in the outbox all the same), one that stops
loses none. Lines older than the operator wants to keep are removed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, delete, insert, or_, select

from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.inspection import About, Logged, said_from_json, said_to_json
from roomtone.store.shelf import Shelf
from roomtone.store.tables import exchanges
from roomtone.store.threads import Readers, Writer

_log = logging.getLogger(__name__)

LATE_S = 0.25
"""How long lines are gathered before they are written."""

MOST_GATHERED = 10_000
"""Lines that are gathered at most; more are dropped, and that is said in the log."""

MOST_REMOVED = 5_000
"""Lines removed in one transaction, so that nobody waits long for it."""

_INSERT = insert(exchanges)


class Exchanges(Shelf):
    """The delivery log."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._gathered: list[Logged] = []
        self._noting: asyncio.Task[None] | None = None

    def note_exchange(self, logged: Logged) -> None:
        """Have a line written soon; never waits, never fails."""
        if len(self._gathered) >= MOST_GATHERED:
            _log.warning("delivery log dropped a line: the store is behind")
            return
        self._gathered.append(logged)
        if self._noting is None:
            self._noting = asyncio.create_task(self._note_soon(), name="delivery log")

    async def exchanges(
        self, project: ProjectId, of: CallId | ConferenceId, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, Logged]]:
        """List the lines of a project's call or conference with their numbers, the newest first.

        Args:
            project: Whose.
            of: What they are about.
            limit: At most so many.
            before: Those before the line of this number; None: from the newest on.
        """
        column = exchanges.c.call if isinstance(of, CallId) else exchanges.c.conference
        query = select(exchanges).where(exchanges.c.project == project.hex, column == of.hex)
        if before is not None:
            query = query.where(exchanges.c.seq < before)
        return await self._lines(query.order_by(exchanges.c.seq.desc()).limit(limit))

    async def exchanges_of_event(self, event_id: str) -> Sequence[tuple[int, Logged]]:
        """List the lines of a callback with their numbers, one for each attempt, oldest first."""
        return await self._lines(
            select(exchanges).where(exchanges.c.event_id == event_id).order_by(exchanges.c.seq)
        )

    async def exchange(self, number: int) -> Logged | None:
        """Give the line of this number."""
        lines = await self._lines(select(exchanges).where(exchanges.c.seq == number))
        return lines[0][1] if lines else None

    async def exchanges_after(
        self,
        after: int,
        limit: int,
        project: ProjectId | None = None,
        of: CallId | ConferenceId | None = None,
        *,
        callbacks: bool | None = None,
    ) -> Sequence[tuple[int, Logged]]:
        """List lines with their numbers, oldest first: the first ones after this number; below 0: the last ones.

        Args:
            after: That number.
            limit: At most so many.
            project: Whose; None: everybody's.
            of: What they are about; None: anything.
            callbacks: Whether callbacks alone, or all but callbacks; None: both.
        """
        query = select(exchanges).order_by(exchanges.c.seq.desc() if after < 0 else exchanges.c.seq)
        if after >= 0:
            query = query.where(exchanges.c.seq > after)
        if project is not None:
            query = query.where(exchanges.c.project == project.hex)
        if of is not None:
            query = query.where(or_(exchanges.c.call == of.hex, exchanges.c.conference == of.hex))
        if callbacks is not None:
            query = query.where((exchanges.c.event_id != "") if callbacks else (exchanges.c.event_id == ""))
        lines = await self._lines(query.limit(limit))
        return lines[::-1] if after < 0 else lines

    async def forget_exchanges(self, before_ms: int) -> int:
        """Remove some of the lines from before a moment, and say how many; 0: there are none left."""
        oldest = select(exchanges.c.seq, exchanges.c.at_ms).order_by(exchanges.c.seq).limit(MOST_REMOVED)
        rows = await self._read(lambda connection: connection.execute(oldest).all())
        last = max((row.seq for row in rows if row.at_ms < before_ms), default=None)
        if last is None:
            return 0
        removal = delete(exchanges).where(exchanges.c.seq <= last)
        return await self._write(lambda connection: connection.execute(removal).rowcount)

    async def write_exchanges(self) -> None:
        """Write what is gathered, now."""
        if self._noting is not None:
            self._noting.cancel()
            self._noting = None
        await self._write_noted()

    async def _note_soon(self) -> None:
        await asyncio.sleep(LATE_S)
        self._noting = None
        await self._write_noted()

    async def _write_noted(self) -> None:
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        try:
            await self._write(lambda connection: connection.execute(_INSERT, [_row(one) for one in gathered]))
        except OSError as fault:
            _log.warning("delivery log lost lines=%d: %s", len(gathered), fault)

    async def _lines(self, query: Select[Any]) -> list[tuple[int, Logged]]:
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [(row.seq, _logged(row)) for row in rows]


def _row(one: Logged) -> dict[str, object]:
    about = one.about
    return {
        "project": about.project.hex,
        "call": None if about.call is None else about.call.hex,
        "conference": None if about.conference is None else about.conference.hex,
        "what": one.what,
        "event_id": one.event_id,
        "number": one.number,
        "at_ms": one.at_ms,
        "latency_ms": one.latency_ms,
        "status": one.status,
        "problem": one.problem,
        "said": said_to_json(one.said),
    }


def _logged(row: Row[Any]) -> Logged:
    return Logged(
        About(
            ProjectId.from_hex(row.project),
            None if row.call is None else CallId.from_hex(row.call),
            None if row.conference is None else ConferenceId.from_hex(row.conference),
        ),
        row.what,
        row.event_id,
        row.number,
        row.at_ms,
        row.latency_ms,
        row.status,
        row.problem,
        said_from_json(row.said),
    )
