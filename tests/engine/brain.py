"""A brain for tests: says Hello, gives orders one by one and keeps every fact.

It decides nothing by itself; what the real brain would do is written in each test.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from roomtone.link import messages
from roomtone.link.frames import frame

KINDS = messages.Message
DECODER = msgspec.msgpack.Decoder(KINDS)
Kind = TypeVar("Kind", bound=msgspec.Struct)


class Gone(Exception):  # noqa: N818 - named for what happened
    """The engine closed the connection."""


class Brain:
    """One connection to an engine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._n = 0
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._arrived = asyncio.Event()
        self.facts: list[Any] = []
        self.replies: list[Any] = []
        self.on_fact: Any = None
        self.gone = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, socket: Path) -> Brain:
        """Connect, and say nothing yet."""
        return cls(*await asyncio.open_unix_connection(str(socket)))

    @classmethod
    async def attach(cls, socket: Path) -> Brain:
        """Connect, say Hello and take the first snapshot: from then on facts flow."""
        brain = await cls.connect(socket)
        await brain.hello()
        await brain.ask(messages.TakeSnapshot)
        return brain

    async def hello(self, protocol: str = messages.VERSION) -> Any:
        return await self.ask(messages.Hello, protocol=protocol, brain="test")

    def post(self, kind: type[msgspec.Struct], **fields: Any) -> asyncio.Future[Any]:
        """Give an order without waiting; the future is its reply."""
        if self.gone.is_set():
            raise Gone
        self._n += 1
        reply = self._replies[self._n] = asyncio.get_running_loop().create_future()
        self._writer.write(frame(kind(n=self._n, **fields)))
        return reply

    async def ask(self, kind: type[msgspec.Struct], **fields: Any) -> Any:
        return await asyncio.wait_for(self.post(kind, **fields), 20)

    def write(self, data: bytes) -> None:
        """Write bytes that may be no frame at all."""
        self._writer.write(data)

    async def fact(self, kind: type[Kind], *, after: int = 0, within_s: float = 20.0, **fields: Any) -> Kind:
        """Wait for the first fact of this kind (from number `after` on) with these fields."""
        async with asyncio.timeout(within_s):
            while True:
                self._arrived.clear()
                for fact in self.facts[after:]:
                    if isinstance(fact, kind) and all(
                        getattr(fact, key) == value for key, value in fields.items()
                    ):
                        return fact
                if self.gone.is_set():
                    raise Gone
                await self._arrived.wait()

    def told(self, kind: type[Kind], **fields: Any) -> list[Kind]:
        """Give all facts of this kind heard so far."""
        return [
            fact
            for fact in self.facts
            if isinstance(fact, kind) and all(getattr(fact, key) == value for key, value in fields.items())
        ]

    async def hang_up(self) -> None:
        """Say no more, and wait until the engine has let go too."""
        self._writer.write_eof()
        await asyncio.wait_for(self.gone.wait(), 5)
        await self.close()

    async def close(self) -> None:
        self._reading.cancel()
        self._writer.close()
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await self._reader.readexactly(4), "big")
                self._take(DECODER.decode(await self._reader.readexactly(length)))
        self.gone.set()
        self._arrived.set()
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(Gone())
                reply.exception()

    def _take(self, message: Any) -> None:
        if isinstance(message, messages.Reply):
            self.replies.append(message)
            reply = self._replies.pop(message.n, None)
            if reply is not None and not reply.done():
                reply.set_result(message)
            return
        self.facts.append(message)
        if self.on_fact is not None:
            self.on_fact(message)
        self._arrived.set()
