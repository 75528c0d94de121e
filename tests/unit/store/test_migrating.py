"""Databases that earlier versions made and filled (`old/`): today's opens them, and what was in them is there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from keeping import EVERY_CONFERENCE, EVERYBODY, claim
from rooms import NOW, PROJECT, A, B, D
from roomtone.config import Settings
from roomtone.core.access import EVERYTHING
from roomtone.core.call.state import CallStatus
from roomtone.core.conference.state import Status
from roomtone.core.ids import BinId, ConferenceId, NumberId, ProjectId
from roomtone.core.listing import CallFilter, Window
from roomtone.core.values import Document, Method
from roomtone.provision import opened
from roomtone.starting import ServerProblem, alone_in
from roomtone.store import Store, go_back, open_store
from roomtone.store.tables import SCHEMA

OLD = Path(__file__).parent / "old"
ALL = Window(100)
LIVE, OVER = ConferenceId(1), ConferenceId(2)
OTHER = ProjectId(0xB0)


@pytest.fixture(params=sorted(OLD.glob("*.sql")), ids=lambda file: file.stem)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database as that version left it."""
    file = tmp_path / "roomtone.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(request.param.read_text())
    return file


def schema(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


async def test_it_is_brought_up_to_date_and_opens_again(path: Path):
    assert schema(path) != SCHEMA
    for _ in range(2):
        async with open_store(path) as store:
            assert {one.name for one in await store.projects()} == {"other", "test"}
        assert schema(path) == SCHEMA


async def test_old_tokens_open_their_projects_and_no_other(path: Path):
    async with open_store(path) as store:
        for project, token in ((PROJECT, "old token"), (OTHER, "other token")):
            access = await store.access(project, token)
            assert access is not None
            assert (access.project.id, access.project.active, access.project.strict) == (project, True, False)
            assert (access.key.main, access.key.permissions) == (True, EVERYTHING)
            assert await store.access(project, "another") is None
        assert await store.access(OTHER, "old token") is None


async def test_a_second_token_of_the_first_schema_works_too(tmp_path: Path):
    file = tmp_path / "roomtone.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript((OLD / "0001.sql").read_text())
    async with open_store(file) as store:
        assert await store.access(PROJECT, "second token") is not None
        assert len(await store.all_keys(PROJECT)) == 2


async def test_conferences_and_those_in_them(path: Path):
    async with open_store(path) as store:
        live, over = await store.conference(LIVE), await store.conference(OVER)
        assert live is not None
        assert over is not None
        assert (live.name, live.status, over.status) == ("live", Status.IN_PROGRESS, Status.COMPLETED)
        ann, bob = live.participants
        assert (ann.call, ann.muted, bob.label) == (A, True, "bob")
        assert bob.hold == Document("https://app.example/song", Method.POST)
        assert [one.call for one in await store.participants(LIVE, EVERYBODY, ALL)] == [B, A]
        assert {one.id for one in await store.conferences(PROJECT, EVERY_CONFERENCE, ALL)} == {LIVE, OVER}
        assert await store.live_conferences() == [live]


async def test_calls_can_be_searched(path: Path):
    async with open_store(path) as store:
        assert {one.id for one in await store.own_calls(PROJECT, CallFilter(), ALL)} == {A, D}
        (done,) = await store.own_calls(PROJECT, CallFilter(from_="sip:d@h"), ALL)
        assert (done.id, done.status, done.ended_ms) == (D, CallStatus.COMPLETED, NOW.wall_ms + 9_000)
        assert [one.id for one in await store.live_calls()] == [A]


async def test_numbers_and_documents(path: Path):
    async with open_store(path) as store:
        number = await store.number(PROJECT, NumberId(7))
        page = await store.bin(PROJECT, BinId(8))
        assert number is not None
        assert number.voice == Document("https://app.example/voice")
        assert page is not None
        assert (page.name, page.contents) == ("page", "<Response/>")


async def test_what_was_owed_is_owed(path: Path):
    async with open_store(path) as store:
        owed = await claim(store, NOW.wall_ms + 1_000)
        assert owed
        assert {one.notice.lane for one in owed} == {LIVE}


async def test_it_can_be_written(path: Path):
    async with open_store(path) as store:
        await _rename(store)
        found = await store.project(PROJECT)
        assert found is not None
        assert (found.name, found.dialect) == ("anew", "twilio")


async def test_it_goes_back_to_what_it_was_and_forward_again_with_all_that_is_in_it(path: Path):
    before = schema(path)
    async with open_store(path) as store:
        await _rename(store)
    assert go_back(path, before) == SCHEMA
    assert schema(path) == before
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM outbox WHERE typeof(body) = 'blob'").fetchone() == (0,)
    async with open_store(path) as store:
        assert {one.name for one in await store.projects()} == {"other", "anew"}
        assert await store.access(PROJECT, "old token") is not None
        live = await store.conference(LIVE)
        assert live is not None
        assert [one.call for one in live.participants] == [A, B]
        assert await claim(store, NOW.wall_ms + 1_000)


async def test_it_goes_back_by_one_schema_and_to_none_that_was_not_before_it(path: Path):
    async with open_store(path):
        pass
    with pytest.raises(ValueError, match=f"has schema {SCHEMA}; it can go back to ") as why:
        go_back(path, "9999")
    last = str(why.value).rpartition("back to ")[2].split(", ")[0]
    assert go_back(path, last) == SCHEMA
    assert schema(path) == last
    async with open_store(path) as store:
        assert await store.projects()


def test_what_is_not_there_does_not_go_back(tmp_path: Path):
    with pytest.raises(ValueError, match="there is no database"):
        go_back(tmp_path / "roomtone.db", "0001")
    assert list(tmp_path.iterdir()) == []


async def _rename(store: Store) -> None:
    await store.change_project(PROJECT, lambda stored: replace(stored, name="anew"))


async def test_a_command_changes_no_database_under_a_server_of_an_earlier_version(path: Path):
    settings, before = Settings(data=path.parent), schema(path)
    with alone_in(path.parent):
        with pytest.raises(ServerProblem, match="is of an earlier version: upgrade it first"):
            async with opened(settings):
                pass
        assert schema(path) == before
    async with opened(settings) as store:
        assert {one.name for one in await store.projects()} == {"other", "test"}
    with alone_in(path.parent):
        async with opened(settings) as store:
            assert await store.projects()
