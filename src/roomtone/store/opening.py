"""Opening a store: find the database, bring its tables up to date, start the threads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, Engine, delete, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from roomtone.store import rewriting, sqlite
from roomtone.store.audit import Audit
from roomtone.store.bins import Bins
from roomtone.store.calls import Calls
from roomtone.store.conferences import Conferences
from roomtone.store.drawers import Applications, Notifications, Queues
from roomtone.store.exchanges import Exchanges
from roomtone.store.faults import KeyProblem, SchemaTooNew, StoreUnavailable
from roomtone.store.keys import Keys
from roomtone.store.numbers import Numbers
from roomtone.store.outbox import Outbox
from roomtone.store.past import Past
from roomtone.store.phones import Domains, Phones, Trunks
from roomtone.store.projects import Projects
from roomtone.store.recordings import Recordings
from roomtone.store.sealing import FILE, Keyring, open_keyring
from roomtone.store.settled import Settled
from roomtone.store.sqlite import Settings
from roomtone.store.streams import Streams
from roomtone.store.tables import SCHEMA, seals
from roomtone.store.threads import Committed, Readers, Writer, translated
from roomtone.store.transcriptions import Transcriptions
from roomtone.store.uses import Uses

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

_OTHERS_MAY_MIGRATE_S = 60.0
"""How long another process may take to bring the database up to date."""

_REWRITTEN = insert(seals).prefix_with("OR REPLACE").values(name="rewritten", sealed="")
_PROBE = insert(seals).prefix_with("OR REPLACE").values(name="probe", sealed="")
_TOO_LARGE = insert(seals).prefix_with("OR REPLACE").values(name="too large", sealed="")
_TRACES = delete(seals).where(seals.c.name.in_(("rewritten", "too large")))

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
    Transcriptions,
    Notifications,
    Streams,
    Phones,
    Domains,
    Trunks,
    Uses,
    Audit,
    Outbox,
    Settled,
    Exchanges,
    Past,
):
    """Everything that is kept. Fits the ports of the switchboard, the doors and the courier.

    Every answer is of what is committed; every write is committed when its await ends, and then survives the death of
    the process. Any question may raise `StoreUnavailable`; what it was to write is then not written.
    """

    rewrite: Callable[[], bool] = staticmethod(lambda: True)
    """Writes the file anew, in the thread that asks, and says whether it had the time to."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def on_commit(self, listener: Committed) -> None:
        """Have it told, in the writing thread, how long each commit took and how many jobs shared it."""
        self._writer.committed = listener

    def late_s(self) -> float:
        """Say how long the oldest write has waited for its commit, in seconds."""
        return self._writer.late_s

    async def leave_no_trace(self) -> None:
        """Rid the file, once, of what stood there in clear before it was sealed. Nothing is written meanwhile.

        A file too large for that is tried once; whoever runs the server is told at each start what to do.
        """
        done = select(seals.c.name).where(seals.c.name.in_(("rewritten", "too large")))
        try:
            known = set(await self._read(lambda connection: connection.execute(done).scalars().all()))
            if not known:
                known = {"rewritten" if await asyncio.to_thread(self.rewrite) else "too large"}
                statement = _REWRITTEN if "rewritten" in known else _TOO_LARGE
                await self._write(lambda connection: connection.execute(statement))
            if "rewritten" not in known:
                log.warning(
                    "the database keeps traces of what was sealed; 'roomtone compact' removes them while no server runs"
                )
        except StoreUnavailable as fault:
            log.warning(
                "the database keeps traces of what was sealed; tried again at the next start: %s", fault
            )

    async def writable(self) -> bool:
        """Say that a transaction goes through just now, which waits for its turn like any other.

        It writes only if the latest that was to be written was not: whoever asks often costs no disk anything, and a disk
        that is full is noticed all the same.

        Raises:
            StoreUnavailable: None does.
        """
        await self._writer.do(_probe if self._writer.failing else lambda _: None)
        return True

    async def close(self) -> None:
        """Finish what was handed in, then let go of the database. Asking a closed store is a bug."""
        await self.write_audit()
        await self.write_exchanges()
        await self.count_opened()
        self._proved.close()
        self.glance_with(None)
        await self._writer.close()
        await self._readers.close()


def _probe(connection: Connection) -> None:
    connection.execute(_PROBE)


def open_store(
    where: Path | str,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    *,
    before_migrating: Callable[[], None] = lambda: None,
) -> Store:
    """Open a database, made or brought up to date on the way; several processes may do so at once.

    Args:
        where: Path of an SQLite file, or a database URL (``sqlite:////var/lib/roomtone/roomtone.db``).
        settings: How the file is used.
        before_migrating: Called before a database of an earlier schema is changed; raises whatever speaks against it.

    Raises:
        SchemaTooNew: A newer Roomtone made it.
        KeyProblem: The key file beside it is missing, or not the one that it was sealed with.
        StoreUnavailable: It cannot be opened, made or written.
        ValueError: The URL is not one, or names a make of database that is not supported.
    """
    path = _path(where)
    sqlite.make(path)
    sealed_before = sqlite.is_sealed(path)
    keyring = open_keyring(path.with_name(FILE), may_make=not sealed_before)
    writing, reading = sqlite.engines(path, settings, keyring)
    with ExitStack() as undo:
        undo.callback(writing.dispose)
        undo.callback(reading.dispose)
        try:
            _bring_up_to_date(reading, writing, path, settings, before_migrating)
            _check_key(reading, keyring, path)
        except DatabaseError as fault:
            raise translated(fault) from fault
        undo.pop_all()
    store = Store(Readers(reading, settings.readers), Writer(writing))
    store.glance_with(sqlite.Glance(path, settings, keyring))
    store.rewrite = partial(rewriting.rewrite, path, rewriting.AT_START_S)
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


def _bring_up_to_date(
    reading: Engine, writing: Engine, path: Path, settings: Settings, before_migrating: Callable[[], None]
) -> None:
    """Run the scripts that are missing, all in one transaction; whoever else opens at the same time waits for it."""
    with reading.begin() as connection:
        if _schema(connection) == SCHEMA:
            return
    sqlite.wait_for_others(writing, _OTHERS_MAY_MIGRATE_S)
    with writing.begin() as connection:
        found = _schema(connection)
        if found != SCHEMA:
            _migrate(connection, found, path, before_migrating)
    sqlite.wait_for_others(writing, settings.busy_timeout_s)


def _check_key(reading: Engine, keyring: Keyring, path: Path) -> None:
    """See whether the key is the one that this database was sealed with, before anything else is asked."""
    with reading.begin() as connection:
        value = connection.exec_driver_sql("SELECT sealed FROM seals WHERE name = 'check'").scalar()
    try:
        keyring.unseal(value, "seals.sealed")
    except KeyProblem as why:
        raise KeyProblem(
            f"{path.with_name(FILE)} is not the key that {path} was sealed with: restore the one that was backed up with it"
        ) from why


def _schema(connection: Connection) -> str | None:
    """Give the revision a database is at; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def go_back(
    path: Path,
    schema: str,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    *,
    before_going: Callable[[], None] = lambda: None,
) -> str:
    """Bring a database back to the schema of an earlier version; what only later versions know is dropped.

    Args:
        path: The file. Nobody else may have it open.
        schema: What the earlier version knows, as its own complaint names it.
        settings: How the file is used.
        before_going: Called when it is known that it can go there, before anything is changed; raises whatever speaks
            against it.

    Returns:
        The schema it had.

    Raises:
        ValueError: It has no such schema behind it.
        KeyProblem: The key file beside it is missing.
        StoreUnavailable: It cannot be opened or written; nothing is changed.
    """
    from alembic import command

    if not path.exists():
        raise ValueError(f"{path}: there is no database")
    keyring = open_keyring(path.with_name(FILE), may_make=False)
    writing, reading = sqlite.engines(path, settings, keyring)
    try:
        with writing.begin() as connection:
            config, found = _scripts(connection), _schema(connection)
            behind = _behind(config, found)
            if found is None or schema not in behind:
                raise ValueError(
                    f"{path} has schema {found}; it can go back to {', '.join(behind) or 'none'}"
                )
            before_going()
            command.downgrade(config, schema)
    except DatabaseError as fault:
        raise translated(fault) from fault
    finally:
        writing.dispose()
        reading.dispose()
    return found


def _behind(config: Config, found: str | None) -> list[str]:
    """List the schemas before one, the nearest first."""
    from alembic.script import ScriptDirectory

    line = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    return line[line.index(found) + 1 :] if found in line else []


def _scripts(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(
    connection: Connection, found: str | None, path: Path, before_migrating: Callable[[], None]
) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _scripts(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(
            f"{path} has schema {found}; this Roomtone knows {SCHEMA}. Run the newer Roomtone that made it"
        )
    if found is not None:
        before_migrating()
    command.upgrade(config, SCHEMA)
    if found is None:
        connection.execute(_REWRITTEN)  # it never held anything in clear
    elif _seals_between(config, found):
        connection.execute(_TRACES)  # what this has sealed stood there in clear


def _seals_between(config: Config, found: str) -> bool:
    """Say whether one of the scripts after a schema seals what stood in clear."""
    from alembic.script import ScriptDirectory

    passed = ScriptDirectory.from_config(config).iterate_revisions(SCHEMA, found)
    return any(getattr(one.module, "SEALS", False) for one in passed)
