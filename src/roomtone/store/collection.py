"""Things that a project owns, kept alike: found, listed, added, changed and removed through one set of questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from roomtone.core.ids import Id, ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.refusals import Reason, Refused
from roomtone.store.drawers import Drawer, Owned

Thing = TypeVar("Thing", bound=Owned)
ThingId = TypeVar("ThingId", bound=Id)
Answer = TypeVar("Answer")


class Way(Protocol):
    """How a question gets to the database: `Shelf`'s, for reading or for writing."""

    def __call__(self, question: Callable[[Connection], Answer], /) -> Awaitable[Answer]:
        """Ask it on a thread of the store."""


Removal = Callable[[Connection, ProjectId, Id], None]


def nothing_else(connection: Connection, project: ProjectId, id_: Id) -> None:
    """Remove a thing alone."""


class Collection(Generic[Thing, ThingId]):
    """One kind of thing."""

    def __init__(
        self,
        read: Way,
        write: Way,
        drawer: Drawer[Thing],
        *,
        taken: Reason,
        before_removal: Removal = nothing_else,
    ) -> None:
        """Have it.

        Args:
            read: Asks the database.
            write: Changes it.
            drawer: Its table.
            taken: Why a thing is refused whose name is given already.
            before_removal: What goes with a thing, in the same transaction; it may refuse.
        """
        self._read = read
        self._write = write
        self._drawer = drawer
        self._taken = taken
        self._before_removal = before_removal

    async def get(self, project: ProjectId, id_: ThingId) -> Thing | None:
        """Find a project's thing."""
        drawer = self._drawer
        query = drawer.mine(project, drawer.table.c.id == id_.hex)
        return await self._read(lambda connection: drawer.first(connection, query))

    async def page(self, project: ProjectId, window: Window, of: Id | None = None) -> Sequence[Thing]:
        """List a project's things; `of`: those of one list."""
        drawer = self._drawer
        query = drawer.mine(project, *(() if of is None else (drawer.table.c.list == of.hex,)))
        return await self._read(lambda connection: drawer.page(connection, query, window))

    async def everything(self, project: ProjectId) -> Sequence[Thing]:
        """List all of a project's things, oldest first."""
        drawer = self._drawer
        query = drawer.mine(project).order_by(drawer.table.c.created_ms, drawer.table.c.id)
        return await self._read(lambda connection: drawer.all(connection, query))

    async def place(self, project: ProjectId, id_: ThingId) -> Place | None:
        """Give a thing's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: self._drawer.place(connection, project, id_))

    async def add(self, thing: Thing) -> None:
        """Keep a new thing.

        Raises:
            Refused: Its name is given already.
        """
        await self._writing(lambda connection: self._drawer.add(connection, thing))

    async def change(
        self, project: ProjectId, id_: ThingId, change: Callable[[Thing], Thing]
    ) -> Thing | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such thing.

        Raises:
            Refused: Its new name is given already, or `change` refuses.
        """
        return await self._writing(lambda connection: self._drawer.change(connection, project, id_, change))

    async def remove(self, project: ProjectId, id_: ThingId) -> bool:
        """Delete a thing, and what goes with it; False: there is no such thing. Its place stays known.

        Raises:
            Refused: It has to stay.
        """

        def work(connection: Connection) -> bool:
            self._before_removal(connection, project, id_)
            return self._drawer.remove(connection, project, id_)

        return await self._writing(work)

    async def _writing(self, work: Callable[[Connection], Answer]) -> Answer:
        def unless_taken(connection: Connection) -> Answer:
            try:
                return work(connection)
            except IntegrityError as taken:
                raise Refused(self._taken) from taken

        return await self._write(unless_taken)
