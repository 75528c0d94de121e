"""Seals: what they keep from whom, and what happens to a database whose key is gone, wrong or new."""

from __future__ import annotations

import shutil
import sqlite3
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from roomtone.core.ids import BinId, ProjectId
from roomtone.core.project import Bin, Project
from roomtone.core.routing import Trunk
from roomtone.store import KeyProblem, compact, go_back, open_store
from roomtone.store.opening import MIGRATIONS
from roomtone.store.sealing import Keyring, open_keyring
from roomtone.store.sqlite import Settings, engines, make

KEY, OTHER = bytes(32), bytes(range(32))
OLD = Path(__file__).parent / "old"
SECRETS = (
    "a-signing-key-0123456789",
    "the-trunk-password",
    "hook-password",
    "bearer-of-a-stream",
    "0ldHA1digest",
)


async def fill(path: Path) -> None:
    """Write each kind of secret."""
    project = Project(ProjectId(1), "p", "twilio", SECRETS[0], 1, 1)
    page = f'<Play>https://u:{SECRETS[2]}@h/</Play><Stream url="wss://h" authBearerToken="{SECRETS[3]}"/>'
    async with open_store(path) as store:
        await store.add_project(project, "a token of one's own")
        await store.add_trunk(Trunk("sip:h", ("+",), "u", SECRETS[1], name="t"), 1)
        await store.add_bin(Bin(BinId(3), project.id, "page", page, 1, 1))


def raw(folder: Path) -> bytes:
    """All that is on the disk beside the key."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.name != "secret.key")


def test_a_seal_opens_with_its_key_at_its_place_alone():
    sealed = Keyring([KEY]).seal("told in confidence", "calls.body")
    assert sealed is not None
    assert b"confidence" not in sealed
    assert Keyring([OTHER, KEY]).unseal(sealed, "calls.body") == "told in confidence"
    for keyring, value, place in (
        (Keyring([OTHER]), sealed, "calls.body"),
        (Keyring([KEY]), sealed, "bins.contents"),
        (Keyring([KEY]), sealed[:-1] + bytes([sealed[-1] ^ 1]), "calls.body"),
        (Keyring([KEY]), b"", "calls.body"),
        (Keyring([KEY]), sealed[:20], "calls.body"),
    ):
        with pytest.raises(KeyProblem):
            keyring.unseal(value, place)


def test_the_same_is_never_sealed_the_same_way_twice():
    keyring = Keyring([KEY])
    assert len({keyring.seal("x", "a.b") for _ in range(100)}) == 100


def test_what_was_written_before_there_were_seals_is_read_as_it_is():
    assert Keyring([KEY]).unseal("in clear", "a.b") == "in clear"
    assert Keyring([KEY]).unseal(None, "a.b") is None
    assert Keyring([KEY]).seal(None, "a.b") is None


async def test_no_secret_of_a_customer_stands_in_the_files(tmp_path: Path):
    await fill(tmp_path / "roomtone.db")
    on_disk = raw(tmp_path)
    assert [one for one in SECRETS if one.encode() in on_disk] == []
    async with open_store(tmp_path / "roomtone.db") as store:
        found = await store.project(ProjectId(1))
        assert found is not None
        assert found.signing_key == SECRETS[0]
        assert [one.password for one in await store.trunks()] == [SECRETS[1]]


def seals(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {row[0] for row in database.execute("SELECT name FROM seals")}


@pytest.mark.parametrize("old", [file.read_text() for file in sorted(OLD.glob("*.sql"))])
async def test_an_old_database_is_sealed_in_place_and_keeps_no_trace(tmp_path: Path, old: str):
    path = tmp_path / "roomtone.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(old)
        database.execute("UPDATE projects SET signing_key = 'signed with ' || id")
        database.commit()
        keys = [row[0] for row in database.execute("SELECT signing_key FROM projects")]
    assert all(key.encode() in raw(tmp_path) for key in keys)
    async with open_store(path) as store:
        assert {one.signing_key for one in await store.projects()} == set(keys)
    assert seals(path) == {"check"}, "it may be killed before it is rewritten"
    for _ in range(2):
        async with open_store(path) as store:
            await store.leave_no_trace()
        assert seals(path) == {"check", "rewritten"}
    on_disk = raw(tmp_path)
    assert [key for key in keys if key.encode() in on_disk] == []
    assert b"<Response/>" not in on_disk


async def test_what_takes_too_long_is_tried_once_and_told_at_each_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path, tried = tmp_path / "roomtone.db", []
    await fill(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM seals WHERE name = 'rewritten'")
        database.commit()
    for _ in range(3):
        async with open_store(path) as store:
            store.rewrite = lambda: bool(tried.append(1))
            await store.leave_no_trace()
    assert (len(tried), seals(path)) == (1, {"check", "too large"})
    assert caplog.text.count("'roomtone compact' removes them") == 3
    compact(path, print)
    assert seals(path) == {"check", "rewritten"}
    async with open_store(path) as store:
        await store.leave_no_trace()
    assert caplog.text.count("'roomtone compact' removes them") == 3


async def test_only_what_seals_has_a_database_rewritten(tmp_path: Path):
    path = tmp_path / "roomtone.db"
    await fill(path)
    go_back(path, "0115")
    async with open_store(path):
        pass
    assert seals(path) == {"check", "rewritten"}


async def test_without_its_key_a_database_is_not_opened_and_not_touched(tmp_path: Path):
    path, key = tmp_path / "roomtone.db", tmp_path / "secret.key"
    await fill(path)
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(KeyProblem, match=r"secret\.key is missing.*restore it"):
        open_store(path)
    assert not key.exists()
    key.write_bytes(b64encode(OTHER))
    key.chmod(0o600)
    with pytest.raises(KeyProblem, match=r"is not the key that .*roomtone\.db was sealed with"):
        open_store(path)
    key.write_bytes(b64encode(OTHER) + b"\n" + kept)
    async with open_store(path) as store:
        assert [one.password for one in await store.trunks()] == [SECRETS[1]]


async def test_a_copy_of_database_and_key_is_a_whole_backup(tmp_path: Path):
    here, there = tmp_path / "here", tmp_path / "there"
    await fill(here / "roomtone.db")
    shutil.copytree(here, there)
    async with open_store(there / "roomtone.db") as store:
        assert [one.password for one in await store.trunks()] == [SECRETS[1]]


@pytest.mark.parametrize(
    "content", [b"", b"short", b64encode(b"short"), b"\xff" * 44, b64encode(KEY) + b"\n!"]
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes):
    file = tmp_path / "secret.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(KeyProblem, match=r"secret\.key"):
        open_keyring(file, may_make=True)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    file = tmp_path / "secret.key"
    open_keyring(file, may_make=True)
    file.chmod(0o640)
    with pytest.raises(KeyProblem, match="chmod 600"):
        open_keyring(file, may_make=True)


async def test_going_back_one_version_opens_everything_again(tmp_path: Path):
    path = tmp_path / "roomtone.db"
    await fill(path)
    writing, reading = engines(path, Settings(), open_keyring(tmp_path / "secret.key", may_make=False))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0090")
    writing.dispose()
    reading.dispose()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT signing_key FROM projects").fetchone() == (SECRETS[0],)
        database.execute("INSERT INTO events VALUES (1, ?, 1, 1, 'announced', ?)", ("0" * 32, SECRETS[2]))
        database.commit()
    async with open_store(path) as store:
        assert [one.password for one in await store.trunks()] == [SECRETS[1]]
    keyring = open_keyring(tmp_path / "secret.key", may_make=False)
    with closing(sqlite3.connect(path)) as database:
        (body,) = database.execute("SELECT body FROM events").fetchone()
    assert keyring.unseal(body, "events.body") == SECRETS[2]
    assert SECRETS[2].encode() not in raw(tmp_path), "what was there is sealed as well"


def test_what_root_makes_belongs_to_whom_the_folder_belongs_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda _file, user, group: given.append((user, group)))
    owner = tmp_path.stat()
    for _ in range(2):
        make(tmp_path / "roomtone.db")
        open_keyring(tmp_path / "secret.key", may_make=True)
        assert given == [(owner.st_uid, owner.st_gid)] * 2, "database and key, once each"
