"""SQLite: the one file that knows it.

Makes two engines over one database file: a single connection that writes and takes the write lock as it begins, and a
few that only read. The file is opened in WAL mode, so that readers and the writer never wait for each other, and other
processes (`roomtone project create` beside a running server) take turns with the writer by waiting for the lock.

Sources: sqlite.org "Write-Ahead Logging", "PRAGMA synchronous"; SQLAlchemy "Serializable isolation / Savepoints /
Transactional DDL" of its SQLite dialect, which is where taking over BEGIN comes from.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import sqlite as words
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from roomtone.store.faults import StoreUnavailable
from roomtone.store.prepared import Found, Look
from roomtone.store.sealing import Keyring, give_to_owner


@dataclass(frozen=True, slots=True)
class Settings:
    """How the database file is used."""

    busy_timeout_s: float = 5.0
    """Seconds to wait for another process to end its transaction before giving up."""

    survive_power_loss: bool = True
    """Whether a commit waits for the disk (``synchronous=FULL``). Without, a killed process still loses nothing that
    was committed, but a machine that loses power may lose the last moments (never the file's soundness)."""

    readers: int = 2
    """How many questions are answered at the same time."""


def engines(path: Path, settings: Settings, keyring: Keyring) -> tuple[Engine, Engine]:
    """Give the engine that writes and the engine that reads; the file is made if it is not there.

    Raises:
        StoreUnavailable: The file cannot be made, or is not a database.
    """
    make(path)
    _switch_to_wal(path, settings)
    writing = _engine(path, 1, _pragmas(settings), "BEGIN IMMEDIATE", keyring)
    questions = ("PRAGMA query_only=ON", *_pragmas(settings))
    return writing, _engine(path, settings.readers, questions, "BEGIN", keyring)


def is_sealed(path: Path) -> bool:
    """Say whether something in the file was sealed, so that only one key will do.

    Raises:
        StoreUnavailable: The file is not a database.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        try:
            return (
                connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone() is not None
            )
        except sqlite3.DatabaseError as fault:
            raise StoreUnavailable(f"{path}: {fault}") from fault


def _pragmas(settings: Settings) -> tuple[str, ...]:
    return (
        f"PRAGMA busy_timeout={round(settings.busy_timeout_s * 1_000)}",
        f"PRAGMA synchronous={'FULL' if settings.survive_power_loss else 'NORMAL'}",
        "PRAGMA foreign_keys=ON",
    )


def _engine(path: Path, connections: int, pragmas: tuple[str, ...], begin: str, keyring: Keyring) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        keyring.install(cast("sqlite3.Connection", connection))
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def take_lock(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", take_lock)
    return engine


def wait_for_others(engine: Engine, within_s: float) -> None:
    """Have an engine of one connection wait so long for other processes from now on."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA busy_timeout={round(within_s * 1_000)}")
    finally:
        connection.close()


class Glance:
    """A connection that answers small questions at once, in the thread that asks.

    It reads rows by a key, which takes microseconds where a hop to a reader's thread and back takes hundreds;
    readers wait for nobody in WAL mode. What it sees is what is committed, by whichever process.
    """

    def __init__(self, path: Path, settings: Settings, keyring: Keyring) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        keyring.install(self._connection)
        for pragma in ("PRAGMA query_only=ON", *_pragmas(settings)):
            self._connection.execute(pragma)

    def revision(self, conference: str) -> int | None:
        """Give the revision of a conference; None: there is none, or the database cannot say so at once."""
        try:
            row = self._connection.execute(_REVISION, (conference,)).fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else int(row[0])

    def all(self, look: Look, values: Mapping[str, object]) -> list[Found] | None:
        """Give all rows of a question; None: the database cannot say so at once."""
        text, order = look.plan(_DIALECT, values)
        try:
            cursor = self._connection.execute(text, order)
            rows = cursor.fetchall()
        except sqlite3.Error:
            return None
        names = [column[0] for column in cursor.description]
        return [Found(**dict(zip(names, row, strict=True))) for row in rows]

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()


_DIALECT = words.dialect()
_REVISION = "SELECT revision FROM conferences WHERE id = ?"


def make(path: Path) -> None:
    """Make the file if it is not there, for its owner alone. SQLite gives its side files the same mode.

    Raises:
        StoreUnavailable: It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            made = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            give_to_owner(made, path.parent)
            os.close(made)
        os.close(os.open(path, os.O_RDWR))
    except OSError as fault:
        raise StoreUnavailable(f"{path}: {fault.strerror}") from fault


def _switch_to_wal(path: Path, settings: Settings) -> None:
    """Set the mode, which stays in the file.

    SQLite does not wait for another process here (its busy timeout does not cover this switch), so we do.
    """
    patience = time.monotonic() + settings.busy_timeout_s
    while True:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > patience:
                raise StoreUnavailable(f"{path}: {fault}") from fault
            time.sleep(0.02)
        except sqlite3.DatabaseError as fault:
            raise StoreUnavailable(f"{path}: {fault}") from fault
        else:
            return
        finally:
            connection.close()
