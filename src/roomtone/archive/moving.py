"""Bringing finished sound from its folder to the storage, and from there again when it has to be changed.

What the storage has is noted in the folder, file by file with its digest, so that a killed upload goes on with the file it
was at, and a redaction is brought after. The sidecar and this note stay on this machine. One uploads at a time: else
an old file could arrive after the new one. Blocks.
"""

from __future__ import annotations

import errno
import fcntl
from contextlib import suppress
from pathlib import Path

import msgspec

from roomtone.archive import disk, sidecar
from roomtone.archive.storage import Storage

NOTE = "stored.json"
_UPLOADING = "uploading"


def stored(folder: Path) -> dict[str, str]:
    """Give the digests of what the storage has, by name."""
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return {}


def waits(folder: Path) -> bool:
    """Whether something of a finished recording is still to be brought to the storage."""
    return bool(_missing(folder))


def _missing(folder: Path) -> list[tuple[str, str]]:
    """Name the files whose newest state the storage does not have, with their digests; the sidecar is the last."""
    known = sidecar.read(folder)
    if known is None:
        return []
    has = stored(folder)
    wanted = [(one.name, one.sha256) for one in known.files]
    wanted.append((sidecar.NAME, disk.sha256_of(folder / sidecar.NAME)))
    return [(name, digest) for name, digest in wanted if has.get(name) != digest]


def bring_all(folder: Path, storage: Storage) -> None:
    """Bring what is missing, then let go of the sound here. The folder is locked now and then, not all the time.

    Raises:
        OSError: The storage cannot be reached, or denies; what is here stays here.
    """
    with (folder / _UPLOADING).open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        while missing := _missing(folder):
            name, digest = missing[0]
            storage.put(f"{folder.name}/{name}", folder / name, digest)
            try:
                with disk.locked(folder):
                    has = {**stored(folder), name: digest}
                    disk.write_whole(folder / NOTE, msgspec.json.encode(has))
            except FileNotFoundError:  # removed meanwhile, and perhaps before this arrived
                storage.remove_all(folder.name)
                return
        _let_go(folder)


def _let_go(folder: Path) -> None:
    with suppress(FileNotFoundError), disk.locked(folder):
        known = sidecar.read(folder)
        if known is None or _missing(folder):
            return
        for one in known.files:
            (folder / one.name).unlink(missing_ok=True)


def bring_back(folder: Path, name: str, storage: Storage | None) -> None:
    """Bring a file to its folder if it is not there.

    Raises:
        OSError: It cannot be had, or is not what was brought there.
    """
    path = folder / name
    if path.exists():
        return
    digest = stored(folder).get(name)
    if storage is None or digest is None:
        raise FileNotFoundError(2, f"{name} is neither here nor in a storage")
    with disk.beside(path) as file:
        storage.fetch(f"{folder.name}/{name}", file)
        file.flush()
        if disk.sha256_of(path.with_name(path.name + disk.BESIDE)) != digest:
            raise OSError(errno.EIO, f"what the storage has of {name} is not what was brought there")
