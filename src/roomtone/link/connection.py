"""One connection to the engine, from Hello to its end. What outlives it (reconnecting) is in `client`.

Errors::

    EngineUnavailable (roomtone.core.exchange)   nobody answers
    ├── VersionRefused                           somebody answers, but speaks another protocol
    OrderRefused                                 the engine says no to one order; nothing changed
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable
from pathlib import Path
from socket import SO_PEERCRED, SOL_SOCKET
from typing import Self

import msgspec

from roomtone.core.exchange import EngineUnavailable
from roomtone.link import messages
from roomtone.link.frames import FrameTooLarge, frame, read_body

log = logging.getLogger(__name__)

OnFact = Callable[[messages.Fact], None]

_DECODER = msgspec.msgpack.Decoder(messages.Message)
_BREATH = 64
"""Frames read in one go before other tasks get their turn."""


class VersionRefused(EngineUnavailable):
    """The brain and the engine cannot work together: one of them is too old."""


class OrderRefused(Exception):  # noqa: N818 - a no, not an error of ours
    """The engine did not carry out an order.

    Attributes:
        code: Stable, for programs.
        text: For people.
    """

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(f"{code}: {text}")


def versions_agree(ours: str, theirs: str) -> bool:
    """Say whether a brain of protocol `ours` can work with an engine of protocol `theirs`.

    The major part must be equal; the engine may be newer or one minor version older.
    """
    try:
        our_major, our_minor = (int(part) for part in ours.split("."))
        their_major, their_minor = (int(part) for part in theirs.split("."))
    except ValueError:
        return False
    return our_major == their_major and their_minor >= our_minor - 1


class Connection:
    """One life of the socket: orders out in the order given, replies matched by number, facts handed on in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_fact: OnFact) -> None:
        self._reader = reader
        self._writer = writer
        self._on_fact = on_fact
        self._waiting: dict[int, asyncio.Future[messages.Reply]] = {}
        self._last_number = 0

    @classmethod
    async def open(cls, socket: Path, on_fact: OnFact) -> Self:
        """Connect to the engine's socket.

        Raises:
            EngineUnavailable: Nobody listens there.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(socket)
        except OSError as fault:
            raise EngineUnavailable(f"no engine answers at {socket}: {fault.strerror}") from fault
        return cls(reader, writer, on_fact)

    @property
    def peer_pid(self) -> int:
        """Process number of the engine at the other end (unix(7), SO_PEERCRED)."""
        size = struct.calcsize("3i")
        credentials = self._writer.get_extra_info("socket").getsockopt(SOL_SOCKET, SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[0])

    async def greet(self, brain: str, within_s: float) -> messages.Welcome:
        """Say Hello; `read` must be running.

        Raises:
            VersionRefused: Either side finds the other's protocol unusable.
            EngineUnavailable: No answer within `within_s` seconds.
        """
        hello = messages.Hello(n=0, protocol=messages.VERSION, brain=brain)
        reply = await self.ask(hello, within_s)
        if isinstance(reply, messages.Refused):
            raise VersionRefused(f"the engine refuses this brain: {reply.text}")
        if not isinstance(reply, messages.Welcome):
            raise VersionRefused(f"the engine answers Hello with {type(reply).__name__}")
        if not versions_agree(messages.VERSION, reply.protocol):
            ours = f"protocol {messages.VERSION} is needed"
            raise VersionRefused(f"engine {reply.engine} speaks protocol {reply.protocol}; {ours}")
        return reply

    def send(self, order: messages.Order, *, unsent_limit_bytes: int) -> int:
        """Number an order, write it without waiting, and give its number.

        Raises:
            FrameTooLarge: It does not fit into one frame; nothing was sent.
            EngineUnavailable: The engine has stopped reading; the connection is given up.
        """
        number = self._last_number + 1
        encoded = frame(msgspec.structs.replace(order, n=number))
        if self._writer.is_closing():
            raise EngineUnavailable("the connection to the engine is closing")
        if self._writer.transport.get_write_buffer_size() > unsent_limit_bytes:
            self.abort()
            raise EngineUnavailable("the engine has stopped reading orders")
        self._last_number = number
        self._writer.write(encoded)
        return number

    async def ask(
        self, order: messages.Order, within_s: float, *, unsent_limit_bytes: int = 1 << 20
    ) -> messages.Reply:
        """Send an order and wait for its reply.

        Raises:
            EngineUnavailable: The connection ended first, or no reply came within `within_s` seconds.
        """
        number = self.send(order, unsent_limit_bytes=unsent_limit_bytes)
        reply: asyncio.Future[messages.Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        try:
            async with asyncio.timeout(within_s):
                return await reply
        except TimeoutError:
            raise EngineUnavailable(f"no reply to {type(order).__name__} in {within_s} s") from None
        finally:
            self._waiting.pop(number, None)

    async def read(self) -> None:
        """Hand on what the engine says until the connection ends; then every waiting ask fails."""
        count = 0
        try:
            while (body := await read_body(self._reader)) is not None:
                self._take(body)
                count += 1
                if count % _BREATH == 0:
                    await asyncio.sleep(0)
        except FrameTooLarge as fault:
            log.error("engine sent an impossible frame problem=%r", str(fault))  # noqa: TRY400 - no trace needed
        finally:
            self.abort()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(EngineUnavailable("the connection to the engine has ended"))

    def _take(self, body: bytes) -> None:
        try:
            message = _DECODER.decode(body)
        except msgspec.MsgspecError as fault:
            # An engine of a newer minor version may tell facts this brain has no word for.
            log.warning("engine said something unknown problem=%r", str(fault))
            return
        if not isinstance(message, messages.Reply):
            # Through the loop, so that a bug in a subscriber is reported there and never stops the reading.
            asyncio.get_running_loop().call_soon(self._on_fact, message)
            return
        waiting = self._waiting.get(message.n)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)
        elif isinstance(message, messages.Refused):
            log.warning("engine refused order=%d code=%s text=%r", message.n, message.code, message.text)

    def abort(self) -> None:
        """Close at once, whatever is unsent."""
        self._writer.transport.abort()
