from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from roomtone.backup import back_up, restore
from roomtone.cli import main
from roomtone.core.audio_file import AudioFile
from roomtone.core.ids import AudioFileId, ProjectId
from roomtone.core.project import Project
from roomtone.documents.audio_files import AudioFiles
from roomtone.starting import ServerProblem, alone_in
from roomtone.store import open_store
from roomtone.store.tables import SCHEMA
from stage.customer import wav

PROJECT = Project(ProjectId(7), "test", "twilio", "key", 1)


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A data folder with a bit of everything."""
    folder = tmp_path / "data"
    async with open_store(folder / "roomtone.db") as store:
        await store.add_project(PROJECT, "token")
    (folder / "ca.key").write_text("secret")
    (folder / "engine.log").write_text("talk")
    recording = folder / "recordings" / "ab"
    recording.mkdir(parents=True)
    (recording / "about.json").write_text("{}")
    (recording / "mix.wav").write_bytes(b"RIFF")
    return folder


def inside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def projects(folder: Path) -> set[str]:
    async with open_store(folder / "roomtone.db") as store:
        return {one.name for one in await store.projects()}


async def test_what_was_backed_up_is_there_again_elsewhere(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "backup.tgz", tmp_path / "other"
    names = back_up(data, file)
    assert names == ["roomtone.db", "ca.key", "recordings/ab/about.json", "secret.key"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(file, other) == names
    assert (other / "ca.key").read_text() == "secret"
    assert {path.stat().st_mode & 0o777 for path in other.rglob("*") if path.is_file()} == {0o600}
    assert await projects(other) == {"test"}
    assert inside(tmp_path) == {"backup.tgz", "data", "other"}


async def test_it_is_what_one_commit_left_though_somebody_writes(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "roomtone.db", isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE projects SET name = 'half done'")
        back_up(data, tmp_path / "backup.tgz")
        writing.execute("ROLLBACK")
    restore(tmp_path / "backup.tgz", tmp_path / "other")
    assert await projects(tmp_path / "other") == {"test"}


async def test_sound_comes_along_when_it_is_asked_for(data: Path, tmp_path: Path) -> None:
    assert "recordings/ab/mix.wav" in back_up(data, tmp_path / "backup.tgz", sound=True)


async def test_sound_that_was_brought_for_announcements_comes_along(data: Path, tmp_path: Path) -> None:
    known = AudioFile(AudioFileId(5), PROJECT.id, "gong", "audio/wav", 0, 0.0, 1)
    kept = await AudioFiles(data / "audio-files").keep(known, wav(440.0, 0.5))
    back_up(data, tmp_path / "backup.tgz")
    restore(tmp_path / "backup.tgz", tmp_path / "other")
    assert await AudioFiles(tmp_path / "other" / "audio-files").content(known.id) == (kept, wav(440.0, 0.5))


async def test_nothing_is_put_over_a_database(data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup.tgz")
    with pytest.raises(ServerProblem, match="never over something"):
        restore(tmp_path / "backup.tgz", data)


@pytest.mark.parametrize("left", ["roomtone.db-wal", "roomtone.db-shm", "roomtone.db-journal"])
async def test_what_another_database_left_is_not_mixed_into_it(left: str, data: Path, tmp_path: Path) -> None:
    back_up(data, tmp_path / "backup.tgz")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / left).write_bytes(b"another's")
    with pytest.raises(ServerProblem, match=f"has a {left}; .* never over something"):
        restore(tmp_path / "backup.tgz", tmp_path / "other")
    assert inside(tmp_path / "other") == {left}


async def test_a_name_that_begins_at_the_root_is_refused(data: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    with tarfile.open(tmp_path / "file", "w:gz") as archive:
        archive.add(data / "roomtone.db", "roomtone.db")
        member = archive.gettarinfo(data / "ca.key")
        member.name = str(evil)
        archive.addfile(member, BytesIO(b"secret"))
    with pytest.raises(ServerProblem, match="leads out of the data folder"):
        restore(tmp_path / "file", tmp_path / "target")
    assert inside(tmp_path / "target") == set()
    assert not evil.exists()


async def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(ServerProblem, match=r"no roomtone\.db"):
        back_up(tmp_path, tmp_path / "backup.tgz")
    assert inside(tmp_path) == set()


@pytest.mark.parametrize("content", [b"", b"no backup at all"])
async def test_what_is_no_backup_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ServerProblem, match="cannot be restored"):
        restore(tmp_path / "file", tmp_path / "data")
    assert inside(tmp_path / "data") == set()


async def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "file", "w:gz"):
        pass
    with pytest.raises(ServerProblem, match="no backup of Roomtone"):
        restore(tmp_path / "file", tmp_path / "data")


async def test_a_name_that_leads_out_of_the_folder_is_refused(data: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "file", "w:gz") as archive:
        archive.add(data / "roomtone.db", "roomtone.db")
        archive.add(data / "ca.key", "../evil")
    with pytest.raises(ServerProblem, match="cannot be restored"):
        restore(tmp_path / "file", tmp_path / "target")
    assert not (tmp_path / "evil").exists()


async def test_the_commands_say_what_they_did(data: Path, tmp_path: Path) -> None:
    file, other = str(tmp_path / "backup.tgz"), str(tmp_path / "other")
    made = CliRunner().invoke(main, ["backup", file, "--data", str(data)])
    assert (made.exit_code, '"files": 4' in made.output) == (0, True), made.output
    put = CliRunner().invoke(main, ["restore", file, "--data", other])
    assert (put.exit_code, '"files": 4' in put.output) == (0, True), put.output
    again = CliRunner().invoke(main, ["restore", file, "--data", other])
    assert again.exit_code == 1


async def test_going_back_makes_a_backup_first(data: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["downgrade", "0115", "--data", str(data)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["before"], told["schema"]) == (SCHEMA, "0115")
    assert Path(told["backup"]).parent == data / "backups"
    assert restore(Path(told["backup"]), tmp_path / "other")
    assert schema_of(tmp_path / "other") == SCHEMA
    assert schema_of(data) == "0115"
    assert "backups" not in " ".join(back_up(data, tmp_path / "backup.tgz")), "nor is one in the next"


async def test_without_a_backup_nothing_goes_back_unless_that_is_said(data: Path, tmp_path: Path) -> None:
    taken = tmp_path / "a folder"
    taken.mkdir()
    words = ["downgrade", "0115", "--data", str(data)]
    for more in (["--backup", str(taken / "no" / "\0")], ["--backup", str(data / "ca.key" / "file")]):
        assert CliRunner().invoke(main, [*words, *more]).exit_code != 0
        assert schema_of(data) == SCHEMA
    assert CliRunner().invoke(main, [*words, "--no-backup", "--backup", "x"]).exit_code == 2
    done = CliRunner().invoke(main, [*words, "--no-backup"])
    assert json.loads(done.output)["backup"] is None
    assert schema_of(data) == "0115"


async def test_a_schema_that_there_is_not_costs_no_backup(data: Path) -> None:
    done = CliRunner().invoke(main, ["downgrade", "9999", "--data", str(data)])
    assert (done.exit_code, "it can go back to" in done.output) == (1, True)
    assert not (data / "backups").exists()


async def test_a_database_is_made_smaller_while_no_server_runs(data: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["compact", "--data", str(data)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["after_bytes"] > 0
    with alone_in(data):
        refused = CliRunner().invoke(main, ["compact", "--data", str(data)])
    assert (refused.exit_code, "stop it first" in refused.output) == (1, True)
    nothing = CliRunner().invoke(main, ["compact", "--data", str(tmp_path / "none")])
    assert (nothing.exit_code, (tmp_path / "none").exists()) == (1, False)


def schema_of(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "roomtone.db")) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])
