"""A data folder in one file, taken while the server runs, and put back.

The database is copied by SQLite's own means, so that it is what one commit left; then come the small files beside it: the
local CA, certificates, keys, and what recordings say of themselves. Their sound is taken along when it is asked for. Left
out is what a running server makes anew: sockets, locks, logs, what was converted.

The file holds keys and tokens: it can be read by its owner alone, and should go where only they can read it.

Sources: sqlite.org "SQLite Backup API"; Python "tarfile", extraction filters.
"""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from roomtone.starting import ServerProblem

__all__ = ["back_up", "restore"]

DATABASE = "roomtone.db"
MADE_ANEW = frozenset(
    {"engine.sock", "engine.json", "server.json", "engine.log", "brain.lock", "recordings-cache", "backups"}
)
"""Names in the data folder that are not taken along; ``backups`` are no part of the next backup."""

BESIDE_THE_DATABASE = ("-wal", "-shm", "-journal")
SOUND = frozenset({".wav", ".flac", ".mp3", ".ogg"})


def back_up(data: Path, file: Path, *, sound: bool = False) -> list[str]:
    """Write a backup, whole or not at all, and give the names of what is in it.

    Args:
        data: The data folder; a server may run on it.
        file: Where to; replaced if it is there.
        sound: Whether the sound of recordings is taken along.

    Raises:
        ServerProblem: There is no database, or something cannot be read or written.
    """
    if not (data / DATABASE).exists():
        raise ServerProblem(f"{data}: there is no {DATABASE} to be backed up")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".roomtone-backup-") as folder:
            copy, made = Path(folder) / DATABASE, Path(folder) / "backup"
            _copy_database(data / DATABASE, copy)
            names = _pack(data, copy, made, sound=sound)
            made.replace(file)
    except (OSError, sqlite3.Error, tarfile.TarError) as fault:
        raise ServerProblem(f"{file}: the backup cannot be made: {fault}") from fault
    return names


def restore(file: Path, data: Path) -> list[str]:
    """Put a backup into a data folder without a database (or remains of one), and give the names of what was put there.

    Raises:
        ServerProblem: The folder has a database, or the file is no backup, or is damaged.
    """
    for name in (DATABASE, *(f"{DATABASE}{tail}" for tail in BESIDE_THE_DATABASE)):
        if (data / name).exists():
            raise ServerProblem(
                f"{data} has a {name}; a backup is put into an empty folder, never over something"
            )
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data, prefix=".roomtone-restore-") as folder:
            names = _unpack(file, Path(folder))
            _check_database(Path(folder) / DATABASE)
            # The database last: a folder without one is started on as an empty one, and never as half a backup.
            for name in sorted(names, key=lambda name: name == DATABASE):
                (data / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (Path(folder) / name).replace(data / name)
    except (OSError, sqlite3.Error, tarfile.TarError, EOFError) as fault:
        raise ServerProblem(f"{file}: it cannot be restored: {fault}") from fault
    return names


def _copy_database(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.execute("PRAGMA query_only=ON")
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def _pack(data: Path, database: Path, made: Path, *, sound: bool) -> list[str]:
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(descriptor, "wb") as out,
        tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive,
    ):
        archive.add(database, DATABASE, recursive=False)
        names = [DATABASE]
        for path in _kept(data, sound=sound):
            name = path.relative_to(data).as_posix()
            try:
                archive.add(path, name, recursive=False)
            except FileNotFoundError:
                continue  # removed meanwhile: a recording that was deleted
            names.append(name)
        archive.close()
        out.flush()
        os.fsync(out.fileno())
    return names


def _kept(data: Path, *, sound: bool) -> Iterator[Path]:
    database = {DATABASE, *(f"{DATABASE}{tail}" for tail in BESIDE_THE_DATABASE)}
    for path in sorted(data.rglob("*")):
        top = path.relative_to(data).parts[0]
        if top in MADE_ANEW or top.startswith(".") or path.name in database or path.is_symlink():
            continue
        if path.is_file() and (sound or path.suffix.lower() not in SOUND):
            yield path


def _unpack(file: Path, folder: Path) -> list[str]:
    with tarfile.open(file, "r:gz") as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        names = [member.name for member in members]
        if DATABASE not in names:
            raise ServerProblem(f"{file} is no backup of Roomtone: there is no {DATABASE} in it")
        if leading := next((name for name in names if Path(name).is_absolute()), None):
            raise ServerProblem(f"{file} is no backup of Roomtone: {leading!r} leads out of the data folder")
        archive.extractall(folder, members, filter="data")
    for name in names:
        (folder / name).chmod(0o600)
    return names


def _check_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise ServerProblem(f"the database in the backup is damaged: {found}")
