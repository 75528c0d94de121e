"""What every part of the store stands on: a way to read and a way to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from roomtone.store.threads import Readers, Writer

T = TypeVar("T")


class Shelf:
    """One part of the store; the parts share their threads."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers = readers
        self._writer = writer

    async def _read(self, question: Callable[[Connection], T]) -> T:
        return await self._readers.do(question)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._writer.do(work)
