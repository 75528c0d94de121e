"""Sound that is about to be delivered: how large it is, what it is, and its bytes by range, a bounded piece at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

PIECE_BYTES = 256 * 1024


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
        self.ending = path.suffix

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
