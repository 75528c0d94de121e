"""Opening a store: find the database, bring its tables up to date, start the threads."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from roomtone.store import sqlite
from roomtone.store.audit import Audit
from roomtone.store.bins import Bins
from roomtone.store.calls import Calls
from roomtone.store.conferences import Conferences
from roomtone.store.drawers import Applications, Notifications, Queues
from roomtone.store.faults import SchemaTooNew
from roomtone.store.keys import Keys
from roomtone.store.numbers import Numbers
from roomtone.store.outbox import Outbox
from roomtone.store.phones import Domains, Phones, Trunks
from roomtone.store.projects import Projects
from roomtone.store.recordings import Recordings
from roomtone.store.sqlite import Settings
from roomtone.store.streams import Streams
from roomtone.store.tables import SCHEMA
from roomtone.store.threads import Readers, Writer, translated
from roomtone.store.uses import Uses

MIGRATIONS = Path(__file__).parent / "migrations"


class Store(
    Projects,
    Keys,
    Conferences,
    Calls,
    Numbers,
    Bins,
    Applications,
    Queues,
    Recordings,
    Notifications,
    Streams,
    Phones,
    Domains,
    Trunks,
    Uses,
    Audit,
    Outbox,
):
    """Everything that is kept. Fits the ports of the switchboard, the doors and the courier.

    Every answer is of what is committed; every write is committed when its await ends, and then survives the death of
    the process. Any question may raise `StoreUnavailable`; what it was to write is then not written.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was handed in, then let go of the database. Asking a closed store is a bug."""
        await self.write_audit()
        await self.count_opened()
        self._proved.close()
        self.glance_with(None)
        await self._writer.close()
        await self._readers.close()


def open_store(where: Path | str, settings: Settings = Settings()) -> Store:  # noqa: B008 - frozen
    """Open a database, made or brought up to date on the way; several processes may do so at once.

    Args:
        where: Path of an SQLite file, or a database URL (``sqlite:////var/lib/roomtone/roomtone.db``).
        settings: How the file is used.

    Raises:
        SchemaTooNew: A newer Roomtone made it.
        StoreUnavailable: It cannot be opened, made or written.
        ValueError: The URL is not one, or names a make of database that is not supported.
    """
    path = _path(where)
    writing, reading = sqlite.engines(path, settings)
    with ExitStack() as undo:
        undo.callback(writing.dispose)
        undo.callback(reading.dispose)
        try:
            _bring_up_to_date(reading, writing, path)
        except DatabaseError as fault:
            raise translated(fault) from fault
        undo.pop_all()
    store = Store(Readers(reading, settings.readers), Writer(writing))
    store.glance_with(sqlite.Glance(path, settings))
    return store


def _path(where: Path | str) -> Path:
    if isinstance(where, Path) or "://" not in where:
        return Path(where)
    try:
        url = make_url(where)
    except ArgumentError as problem:
        raise ValueError(f"{where}: not a database URL") from problem
    if url.get_backend_name() != "sqlite" or not url.database:
        raise ValueError(f"{url.render_as_string()}: only sqlite:///PATH is supported")
    return Path(url.database)


def _bring_up_to_date(reading: Engine, writing: Engine, path: Path) -> None:
    """Run the scripts that are missing, all in one transaction; whoever else opens at the same time waits for it."""
    with reading.begin() as connection:
        if _schema(connection) == SCHEMA:
            return
    with writing.begin() as connection:
        _migrate(connection, _schema(connection), path)


def _schema(connection: Connection) -> str | None:
    """Give the revision a database is at; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, found: str | None, path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(
            f"{path} has schema {found}; this Roomtone knows {SCHEMA}. Run the newer Roomtone that made it"
        )
    command.upgrade(config, SCHEMA)
