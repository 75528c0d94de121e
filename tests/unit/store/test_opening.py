"""Opening: an empty file, an old one, a newer one, one that somebody else is opening, and things that are none."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from keeping import commit, fresh
from rooms import A, join
from roomtone.store import SchemaTooNew, Settings, StoreUnavailable, open_store
from roomtone.store.opening import MIGRATIONS
from roomtone.store.sealing import FILE, Keyring, open_keyring
from roomtone.store.sqlite import engines
from roomtone.store.tables import SCHEMA, metadata

SOURCES = Path(__file__).parents[3] / "src"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "roomtone.db"


def execute(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        return database.execute(sql).fetchall()


async def test_a_store_is_made_where_there_is_none_for_its_owner_alone(path: Path):
    async with open_store(path):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("roomtone.db", "roomtone.db-wal", "roomtone.db-shm", "secret.key"), 0o600)


async def test_a_store_keeps_its_content_when_opened_again(path: Path):
    async with open_store(path) as store:
        state = await commit(store, fresh(1), join(A))
    async with open_store(f"sqlite:///{path}") as store:
        assert await store.conference(state.id) == state


async def test_readers_and_writer_do_not_wait_for_each_other(path: Path):
    async with open_store(path):
        assert execute(path, "PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize(("survive", "level"), [(True, 2), (False, 1)])
def test_a_commit_waits_for_the_disk_if_it_is_to_survive_power_loss(path: Path, survive: bool, level: int):
    pair = engines(path, Settings(survive_power_loss=survive), Keyring([bytes(32)]))
    for engine in pair:
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level
        engine.dispose()


async def test_a_newer_database_is_left_alone_with_a_clear_word(path: Path):
    async with open_store(path):
        pass
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match=rf"roomtone\.db has schema 9999; this Roomtone knows {SCHEMA}"):
        open_store(path)
    assert execute(path, "SELECT version_num FROM alembic_version") == [("9999",)]


@pytest.mark.parametrize("url", ["postgresql://localhost/roomtone", "sqlite://", "nonsense://", "://"])
def test_what_is_no_supported_url_is_refused(url: str):
    with pytest.raises(ValueError, match=r"://"):
        open_store(url)


def test_what_is_no_database_is_refused(path: Path):
    path.parent.mkdir()
    path.write_bytes(b"certainly not a database" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(path)


def test_a_place_that_cannot_be_written_is_refused(path: Path):
    path.parent.write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match=str(path)):
        open_store(path)


@pytest.mark.timeout(90)
def test_several_may_open_an_empty_place_at_once(path: Path):
    program = f"from roomtone.store import open_store; open_store({str(path)!r})"
    environment = os.environ | {"PYTHONPATH": str(SOURCES)}
    openers = [subprocess.Popen([sys.executable, "-c", program], env=environment) for _ in range(4)]
    assert [one.wait(80) for one in openers] == [0, 0, 0, 0]


async def test_a_database_locked_by_somebody_else_is_unavailable_for_that_long(path: Path):
    async with open_store(path, Settings(busy_timeout_s=0.05)) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked"):
                await commit(store, fresh(1), join(A))
            assert await store.live_conferences() == []
            somebody.execute("ROLLBACK")
        state = await commit(store, fresh(1), join(A))
        assert await store.live_conferences() == [state]


async def test_the_writer_waits_its_turn(path: Path):
    async with open_store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            commits = asyncio.create_task(commit(store, fresh(1), join(A)))
            done, _ = await asyncio.wait([commits], timeout=0.1)
            assert not done
            somebody.execute("ROLLBACK")
        await commits


# Migrations ------------------------------------------------------------------------------------------------------------


def keyring(path: Path) -> Keyring:
    path.parent.mkdir(exist_ok=True)
    return open_keyring(path.with_name(FILE), may_make=True)


def config(connection: object = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def test_the_schema_is_the_newest_script():
    assert ScriptDirectory.from_config(config()).get_heads() == [SCHEMA]


async def test_the_scripts_make_the_tables_the_store_speaks_of(path: Path):
    async with open_store(path):
        writing, reading = engines(path, Settings(), keyring(path))
        with reading.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        writing.dispose()
        reading.dispose()


async def test_migrations_go_back_and_forth(path: Path):
    async with open_store(path):
        pass
    writing, reading = engines(path, Settings(), keyring(path))
    with writing.begin() as connection:
        command.downgrade(config(connection), "base")
    names = execute(path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    assert names == [("alembic_version",)]
    with writing.begin() as connection:
        command.upgrade(config(connection), "head")
    writing.dispose()
    reading.dispose()
    async with open_store(path) as store:
        await commit(store, fresh(1), join(A))


async def test_a_migration_that_breaks_off_leaves_nothing_behind(path: Path):
    writing, reading = engines(path, Settings(), keyring(path))
    with writing.connect() as connection, connection.begin() as broken_off:
        command.upgrade(config(connection), "head")
        broken_off.rollback()
    writing.dispose()
    reading.dispose()
    assert execute(path, "SELECT name FROM sqlite_master") == []


async def test_calls_of_an_older_database_can_be_searched(path: Path):
    writing, reading = engines(path, Settings(), keyring(path))
    body = (
        '{"v":1,"caller":{"from_":"+1555","to":"+1666","direction":"inbound","parent":null},"started_ms":%s}'
    )
    with writing.begin() as connection:
        command.upgrade(config(connection), "0001")
    for call, started, ended in (("a", "7", "9"), ("b", "null", "9"), ("c", "null", "NULL")):
        execute(
            path,
            "INSERT INTO calls (id, project, status, created_ms, ended_ms, revision, body) "
            f"VALUES ('{call}', 'p', 'completed', 5, {ended}, 1, '{body % started}')",
        )
    with writing.begin() as connection:
        command.upgrade(config(connection), "head")
    writing.dispose()
    reading.dispose()
    kept = execute(path, "SELECT id, caller, called, parent, began_ms, removed FROM calls ORDER BY id")
    assert kept == [
        ("a", "+1555", "+1666", None, 7, 0),
        ("b", "+1555", "+1666", None, 5, 0),
        ("c", "+1555", "+1666", None, None, 0),
    ]
