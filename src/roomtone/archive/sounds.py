"""Sound that is about to be delivered: how large it is, what it is, and its bytes by range, a bounded piece at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from roomtone.archive.storage import Storage

PIECE_BYTES = 256 * 1024
STORED_PIECE_BYTES = 1024 * 1024


class FileSound:
    """A file on this machine. It stays readable until `close`, even if it is removed meanwhile."""

    def __init__(self, path: Path, media_type: str, sha256: str) -> None:
        """Open it. Blocks.

        Raises:
            OSError: It cannot be opened.
        """
        self._file: BinaryIO = path.open("rb")
        self.size_bytes = os.fstat(self._file.fileno()).st_size
        self.media_type, self.sha256 = media_type, sha256

    async def pieces(self, first: int, last: int) -> AsyncIterator[bytes]:
        """Give bytes `first` to the one before `last`; fewer if the file was cut short."""
        handle = self._file.fileno()
        while first < last:
            piece = await asyncio.to_thread(os.pread, handle, min(PIECE_BYTES, last - first), first)
            if not piece:
                return
            yield piece
            first += len(piece)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class StoredSound:
    """A file in the storage."""

    def __init__(self, storage: Storage, key: str, told: tuple[int, str, str]) -> None:
        """Point to it; `told`: its size in bytes, its content type, its SHA-256."""
        self._storage, self._key = storage, key
        self.size_bytes, self.media_type, self.sha256 = told

    async def pieces(self, first: int, last: int) -> AsyncIterator[bytes]:
        """Give bytes `first` to the one before `last`.

        Raises:
            OSError: The storage does not serve them, or has another sound there by now: what was given is not gone on with.
        """
        while first < last:
            end = min(first + STORED_PIECE_BYTES, last)
            piece = await asyncio.to_thread(self._storage.read, self._key, first, end, self.sha256)
            yield piece
            first = end

    def close(self) -> None:
        """Nothing is held."""
