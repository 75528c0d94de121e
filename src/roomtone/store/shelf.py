"""What every part of the store stands on: a way to read and a way to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from roomtone.core.ids import Id, ProjectId
from roomtone.store.prepared import Found, Look
from roomtone.store.sqlite import Glance
from roomtone.store.threads import Readers, Writer

T = TypeVar("T")


class Shelf:
    """One part of the store; the parts share their threads."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers = readers
        self._writer = writer
        self._glance: Glance | None = None
        self._tell: Callable[[ProjectId, Id], None] = lambda _project, _what: None

    def tell_commits(self, tell: Callable[[ProjectId, Id], None]) -> None:
        """Name whoever is told, after each commit, whose conference or call has changed, and which."""
        self._tell = tell

    def glance_with(self, glance: Glance | None) -> None:
        """Answer small questions without a hop to another thread, where the database can; None: it cannot (any more)."""
        if self._glance is not None:
            self._glance.close()
        self._glance = glance

    async def _read(self, question: Callable[[Connection], T]) -> T:
        return await self._readers.do(question)

    async def _look(self, look: Look, **values: object) -> list[Found]:
        """Ask for the rows of a key: at once, or in a reader's thread."""
        found = None if self._glance is None else self._glance.all(look, values)
        return await self._read(lambda connection: look.all(connection, values)) if found is None else found

    async def _look_one(self, look: Look, **values: object) -> Found | None:
        """Ask for the one row of a key; None: there is none."""
        found = await self._look(look, **values)
        return found[0] if found else None

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._writer.do(work)

    async def _write_of(self, project: ProjectId, what: Id, work: Callable[[Connection], T]) -> T:
        """Write what others follow. It is told even if it failed: a change told in vain does no harm, a missed one would."""
        try:
            return await self._writer.do(work)
        finally:
            self._tell(project, what)
