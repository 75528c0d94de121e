"""One suite for every make of store. Today there is one make; PostgreSQL joins `MAKES` and nothing else changes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keeping import OWNER
from roomtone.api import ports as doors
from roomtone.store import Store, open_store
from roomtone.switchboard import ports as switchboard
from roomtone.webhooks import ports as courier

MAKES = ("sqlite",)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with one project in it, made once: migrations and token digests take their time."""
    path = tmp_path_factory.mktemp("store") / "prepared.db"

    async def prepare() -> None:
        async with open_store(path) as one:
            await one.add_project(OWNER, "token")

    asyncio.run(prepare())
    return path


@pytest.fixture(params=MAKES)
def where(request: pytest.FixtureRequest, prepared: Path, tmp_path: Path) -> str:
    """Where a store of each make is, with one project in it."""
    assert request.param == "sqlite"
    shutil.copy(prepared.with_name("secret.key"), tmp_path)
    return f"sqlite:///{shutil.copy(prepared, tmp_path / 'roomtone.db')}"


@pytest.fixture
async def store(where: str) -> AsyncIterator[Store]:
    """That store, opened."""
    async with open_store(where) as one:
        yield one


@pytest.fixture
async def other(store: Store, where: str) -> AsyncIterator[Store]:
    """The same store, opened by somebody else (another process has no more in common with it)."""
    async with open_store(where) as one:
        yield one


def fits(store: Store) -> tuple[switchboard.Store, doors.Store, courier.Outbox]:
    """The store fits all three ports: the type checker reads this."""
    return store, store, store
