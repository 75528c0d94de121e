"""What a project owns and lists: applications, queues, notifications. One table each, one way to keep all of them.

A deleted thing leaves its row behind, so that a list still knows its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Select, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.application import Application
from roomtone.core.ids import ApplicationId, Id, NotificationId, ProjectId, QueueId
from roomtone.core.listing import ApplicationFilter, NotificationFilter, Place, Window
from roomtone.core.notification import Notification
from roomtone.core.queueing import Queue
from roomtone.core.refusals import Reason, Refused
from roomtone.core.shapes import Shape
from roomtone.store import windows
from roomtone.store.prepared import Found
from roomtone.store.shelf import Shelf
from roomtone.store.tables import applications, notifications, queues


class Owned(Protocol):
    """What a drawer keeps."""

    @property
    def id(self) -> Id:
        """As the name says."""

    @property
    def project(self) -> ProjectId:
        """As the name says."""

    @property
    def created_ms(self) -> int:
        """As the name says."""


Thing = TypeVar("Thing", bound=Owned)


class Drawer(Generic[Thing]):
    """One table, and how its things are spelled in it."""

    def __init__(
        self, kind: type[Thing], table: Table, columns: Callable[[Thing], Mapping[str, object]]
    ) -> None:
        self._shape = Shape(kind)
        self.table = table
        self._columns = columns

    def mine(self, project: ProjectId, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Ask for what a project has there."""
        own = (self.table.c.project == project.hex, self.table.c.removed == 0)
        return select(self.table.c.body, self.table.c.created_ms).where(*own, *conditions)

    def first(self, connection: Connection, query: Select[Any]) -> Thing | None:
        """Give the first thing that is asked for."""
        body = connection.execute(query).scalar()
        return None if body is None else self._read(body)

    def among(self, found: Iterable[Found]) -> list[Thing]:
        """Read rows that were looked up."""
        return [self._read(row.body) for row in found]

    def page(self, connection: Connection, query: Select[Any], window: Window) -> list[Thing]:
        """Give a window of a list."""
        return [self._read(row.body) for row in windows.run(connection, query, self.table, window)]

    def all(self, connection: Connection, query: Select[Any]) -> list[Thing]:
        """Give everything that is asked for."""
        return [self._read(row.body) for row in connection.execute(query)]

    def place(self, connection: Connection, project: ProjectId, id_: Id) -> Place | None:
        """Give the place a thing has, or had, in the list."""
        return windows.place(connection, self.table, id_, self.table.c.project == project.hex)

    def add(self, connection: Connection, thing: Thing) -> None:
        """Keep a new thing."""
        connection.execute(insert(self.table).values(self.row(thing)))

    def change(
        self, connection: Connection, project: ProjectId, id_: Id, change: Callable[[Thing], Thing]
    ) -> Thing | None:
        """Write ``change(stored)`` and give it; None: there is no such thing."""
        stored = self.first(connection, self.mine(project, self.table.c.id == id_.hex).with_for_update())
        if stored is None:
            return None
        changed = change(stored)
        connection.execute(update(self.table).where(self.table.c.id == id_.hex).values(self.row(changed)))
        return changed

    def remove(self, connection: Connection, project: ProjectId, id_: Id) -> bool:
        """Delete a thing, and all that is known of it but its place; False: there is none."""
        own = (self.table.c.id == id_.hex, self.table.c.project == project.hex, self.table.c.removed == 0)
        return connection.execute(update(self.table).where(*own).values(removed=1, body="")).rowcount == 1

    def row(self, thing: Thing) -> dict[str, object]:
        """Spell a thing as its row."""
        return {
            "id": thing.id.hex,
            "project": thing.project.hex,
            "created_ms": thing.created_ms,
            "body": self._shape.to_json(thing),
            **self._columns(thing),
        }

    def _read(self, body: str) -> Thing:
        return cast("Thing", self._shape.from_json(body))


_APPLICATIONS = Drawer(Application, applications, lambda one: {"name": one.name})
_QUEUES = Drawer(Queue, queues, lambda one: {"name": one.name})
_NOTIFICATIONS = Drawer(
    Notification,
    notifications,
    lambda one: {"call": None if one.call is None else one.call.hex, "failed": one.failed},
)


class Applications(Shelf):
    """Customers' applications."""

    async def application(self, project: ProjectId, application: ApplicationId) -> Application | None:
        """Find a project's application."""
        query = _APPLICATIONS.mine(project, applications.c.id == application.hex)
        return await self._read(lambda connection: _APPLICATIONS.first(connection, query))

    async def applications(
        self, project: ProjectId, wanted: ApplicationFilter, window: Window
    ) -> Sequence[Application]:
        """List a project's applications."""
        named = () if wanted.name is None else (applications.c.name == wanted.name,)
        query = _APPLICATIONS.mine(project, *named)
        return await self._read(lambda connection: _APPLICATIONS.page(connection, query, window))

    async def application_place(self, project: ProjectId, application: ApplicationId) -> Place | None:
        """Give an application's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _APPLICATIONS.place(connection, project, application))

    async def add_application(self, application: Application) -> None:
        """Keep a new application."""
        await self._write(lambda connection: _APPLICATIONS.add(connection, application))

    async def change_application(
        self, project: ProjectId, application: ApplicationId, change: Callable[[Application], Application]
    ) -> Application | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such application."""
        return await self._write(
            lambda connection: _APPLICATIONS.change(connection, project, application, change)
        )

    async def remove_application(self, project: ProjectId, application: ApplicationId) -> bool:
        """Delete an application; False: there is no such application. Its place stays known."""
        return await self._write(lambda connection: _APPLICATIONS.remove(connection, project, application))


class Queues(Shelf):
    """Queues. A name is given once in a project."""

    async def queue(self, project: ProjectId, queue: QueueId) -> Queue | None:
        """Find a project's queue."""
        query = _QUEUES.mine(project, queues.c.id == queue.hex)
        return await self._read(lambda connection: _QUEUES.first(connection, query))

    async def queue_named(self, project: ProjectId, name: str) -> Queue | None:
        """Find a project's queue by its name."""
        query = _QUEUES.mine(project, queues.c.name == name)
        return await self._read(lambda connection: _QUEUES.first(connection, query))

    async def queues(self, project: ProjectId, window: Window) -> Sequence[Queue]:
        """List a project's queues."""
        query = _QUEUES.mine(project)
        return await self._read(lambda connection: _QUEUES.page(connection, query, window))

    async def queue_place(self, project: ProjectId, queue: QueueId) -> Place | None:
        """Give a queue's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _QUEUES.place(connection, project, queue))

    async def add_queue(self, queue: Queue) -> None:
        """Keep a new queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """
        await self._write(lambda connection: _unless_taken(lambda: _QUEUES.add(connection, queue)))

    async def change_queue(
        self, project: ProjectId, queue: QueueId, change: Callable[[Queue], Queue]
    ) -> Queue | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """
        return await self._write(
            lambda connection: _unless_taken(lambda: _QUEUES.change(connection, project, queue, change))
        )

    async def remove_queue(self, project: ProjectId, queue: QueueId) -> bool:
        """Delete a queue; False: there is no such queue. Its place stays known."""
        return await self._write(lambda connection: _QUEUES.remove(connection, project, queue))


class Notifications(Shelf):
    """What customers should know about their documents."""

    async def notification(self, project: ProjectId, notification: NotificationId) -> Notification | None:
        """Find a project's notification."""
        query = _NOTIFICATIONS.mine(project, notifications.c.id == notification.hex)
        return await self._read(lambda connection: _NOTIFICATIONS.first(connection, query))

    async def notifications(
        self, project: ProjectId, wanted: NotificationFilter, window: Window
    ) -> Sequence[Notification]:
        """List a project's notifications."""
        query = _NOTIFICATIONS.mine(project, *windows.within(notifications.c.created_ms, wanted.created))
        if wanted.call is not None:
            query = query.where(notifications.c.call == wanted.call.hex)
        if wanted.failed is not None:
            query = query.where(notifications.c.failed == wanted.failed)
        return await self._read(lambda connection: _NOTIFICATIONS.page(connection, query, window))

    async def notification_place(self, project: ProjectId, notification: NotificationId) -> Place | None:
        """Give a notification's place in that list; None: never was this project's."""
        return await self._read(lambda connection: _NOTIFICATIONS.place(connection, project, notification))

    async def add_notification(self, notification: Notification) -> None:
        """Keep a new notification."""
        await self._write(lambda connection: _NOTIFICATIONS.add(connection, notification))


Result = TypeVar("Result")


def _unless_taken(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except IntegrityError as taken:
        raise Refused(Reason.QUEUE_NAME_TAKEN) from taken
