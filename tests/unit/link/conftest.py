"""An engine of a few lines, so that a test decides each word it says."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from roomtone.link import Link, Settings
from roomtone.link import messages as m
from roomtone.link.frames import frame, read_body

EAGER = Settings(hello_within_s=30, reply_within_s=30, retry_first_s=0.01, retry_last_s=0.02)
"""Comes back at once, and bears with a busy machine."""


class Scripted:
    """Listens at a socket; greets by itself, all else is up to the test."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.welcome = m.Welcome(
            n=0, protocol=m.VERSION, engine="scripted", instance="1", listeners=[], rtp_first=2, rtp_last=3
        )
        self.greets = True
        self.orders: asyncio.Queue[m.Order] = asyncio.Queue()
        self.writer: asyncio.StreamWriter | None = None
        self.server: asyncio.Server | None = None

    async def open(self) -> None:
        self.server = await asyncio.start_unix_server(self.meet, str(self.socket))

    async def close(self) -> None:
        """Die: the socket's file stays, as after a kill."""
        if self.server is not None:
            self.server.close()
            self.server = None
        self.hang_up()

    def hang_up(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        try:
            while (body := await read_body(reader)) is not None:
                order = msgspec.msgpack.decode(body, type=m.Order)
                if isinstance(order, m.Hello) and self.greets:
                    self.say(msgspec.structs.replace(self.welcome, n=order.n))
                self.orders.put_nowait(order)
        finally:
            writer.close()

    def say(self, *messages: msgspec.Struct) -> None:
        assert self.writer is not None
        self.writer.write(b"".join(map(frame, messages)))

    async def next(self, kind: type[m.Order]) -> m.Order:
        async with asyncio.timeout(30):
            order = await self.orders.get()
        assert isinstance(order, kind), order
        return order


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="rt"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def scripted(folder: Path) -> AsyncIterator[Scripted]:
    one = Scripted(folder / "engine.sock")
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def link(scripted: Scripted) -> AsyncIterator[Link]:
    """A link that has said Hello."""
    one = Link(scripted.socket, EAGER)
    await one.start()
    await scripted.next(m.Hello)
    yield one
    await one.stop()
