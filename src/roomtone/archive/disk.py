"""Files that are there whole or not at all: written beside, brought to the disk, put in place; and locks on folders.

Source: POSIX rename(2), fsync(2); the folder is synchronised too, for a name is in its folder.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

BESIDE = ".part"
"""Ending of what is not whole yet."""

_LOCK = "lock"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def beside(path: Path) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of `path` once the block ends well; else nothing is left of it."""
    part = path.with_name(path.name + BESIDE)
    try:
        with part.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    settle(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file."""
    with beside(path) as file:
        file.write(content)


def settle(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others, threads and processes alike, from changing a folder meanwhile.

    Raises:
        FileNotFoundError: There is no such folder.
    """
    with (folder / _LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_lock(path: Path) -> bool:
    """Whether it is a folder's lock."""
    return path.name == _LOCK


def sha256_of(path: Path) -> str:
    """Give a file's SHA-256 as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def full(fault: OSError) -> bool:
    """Whether something could not be written for want of room."""
    return fault.errno in _FULL
