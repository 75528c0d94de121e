"""The lasting link to the engine: whoever holds it asks and posts, and hears facts, across reconnections.

It does not start engines (`process` does) and does not resynchronise: whoever hears `on_back` asks for a snapshot and
says the whole picture anew. That is why orders posted while nobody answers are dropped, not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, overload

import msgspec

from roomtone import __version__
from roomtone.core.exchange import EngineUnavailable
from roomtone.link import messages
from roomtone.link.connection import Connection, OnFact, OrderRefused

log = logging.getLogger(__name__)

ReplyKind = TypeVar(
    "ReplyKind",
    messages.Done,
    messages.Welcome,
    messages.Snapshot,
    messages.Opened,
    messages.Statistics,
    messages.Recording,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Patience of the link."""

    hello_within_s: float = 5.0
    """Seconds an engine may take to answer Hello."""

    reply_within_s: float = 10.0
    """Seconds an engine may take to answer any other order; then the ask fails."""

    retry_first_s: float = 0.05
    """Pause before the first attempts to reconnect; doubles with each one after those."""

    retry_evenly: int = 40
    """How many attempts are made at that pace: a new engine answers within a second or two."""

    retry_last_s: float = 2.0
    """Longest pause between two attempts."""

    unsent_limit_bytes: int = 128 << 20
    """An engine that leaves more than this unread counts as lost."""


class Link:
    """Orders down, facts up, over ``DIR/engine.sock``."""

    def __init__(self, socket: Path, settings: Settings | None = None) -> None:
        self._socket = socket
        self._settings = settings or Settings()
        self._connection: Connection | None = None
        self._welcome: messages.Welcome | None = None
        self._running: asyncio.Task[None] | None = None
        self._fact_listeners: list[OnFact] = []
        self._lost_listeners: list[Callable[[], None]] = []
        self._back_listeners: list[Callable[[messages.Welcome], None]] = []

    @property
    def welcome(self) -> messages.Welcome | None:
        """What the engine said of itself; None while there is none. `instance` differs for each engine process."""
        return self._welcome

    @property
    def engine_pid(self) -> int | None:
        """Process number of the engine; None while there is none."""
        return self._connection.peer_pid if self._connection is not None else None

    def on_fact(self, listener: OnFact) -> None:
        """Have every fact told, in order. The listener must neither block nor raise."""
        self._fact_listeners.append(listener)

    def on_lost(self, listener: Callable[[], None]) -> None:
        """Have it told when the engine stops answering; each waiting ask has failed by then."""
        self._lost_listeners.append(listener)

    def on_back(self, listener: Callable[[messages.Welcome], None]) -> None:
        """Have it told when an engine answers again, before any fact of it; compare `instance` to know if it is new."""
        self._back_listeners.append(listener)

    async def start(self) -> messages.Welcome:
        """Connect for the first time, and stay connected from then on.

        Raises:
            EngineUnavailable: Nobody answers.
            VersionRefused: Somebody does, of an unusable version.
        """
        assert self._running is None, "a link is started once"
        connection, reading, welcome = await self._connect()
        self._running = asyncio.create_task(self._stay_connected(connection, reading), name="engine link")
        return welcome

    async def stop(self) -> None:
        """Let go of the engine, which goes on without us. Nobody is told."""
        if self._running is None:
            return
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        self._forget()
        self._running = None

    @overload
    async def ask(self, order: messages.Order) -> messages.Done: ...

    @overload
    async def ask(self, order: messages.Order, expect: type[ReplyKind]) -> ReplyKind: ...

    async def ask(
        self, order: messages.Order, expect: type[msgspec.Struct] = messages.Done
    ) -> msgspec.Struct:
        """Send an order and wait for its reply; its `n` is set here, whatever it was.

        Args:
            order: What the engine shall do.
            expect: The kind of reply this order has.

        Raises:
            EngineUnavailable: There is no engine, or it went away or stayed silent before it replied.
            OrderRefused: It said no; nothing changed.
            FrameTooLarge: The order has more than 64 MiB; nothing was sent.
        """
        if self._connection is None:
            raise EngineUnavailable("no engine answers just now")
        limit = self._settings.unsent_limit_bytes
        reply = await self._connection.ask(order, self._settings.reply_within_s, unsent_limit_bytes=limit)
        if isinstance(reply, messages.Refused):
            raise OrderRefused(reply.code, reply.text)
        assert isinstance(reply, expect), f"{type(order).__name__} was answered with {type(reply).__name__}"
        return reply

    def post(self, order: messages.Order) -> None:
        """Send an order without waiting; it keeps its place among all others. A refusal is logged.

        Dropped while no engine answers: whoever hears `on_back` says the whole picture anew.

        Raises:
            FrameTooLarge: The order has more than 64 MiB; nothing was sent.
        """
        if self._connection is None:
            log.debug("order dropped, no engine order=%s", type(order).__name__)
            return
        try:
            self._connection.send(order, unsent_limit_bytes=self._settings.unsent_limit_bytes)
        except EngineUnavailable as fault:
            log.warning("order dropped order=%s problem=%r", type(order).__name__, str(fault))

    def _tell_fact(self, fact: messages.Fact) -> None:
        for listener in self._fact_listeners:
            listener(fact)

    async def _connect(self) -> tuple[Connection, asyncio.Task[None], messages.Welcome]:
        connection = await Connection.open(self._socket, self._tell_fact)
        reading = asyncio.create_task(connection.read(), name="engine facts")
        try:
            welcome = await connection.greet(f"roomtone {__version__}", self._settings.hello_within_s)
        except BaseException:
            connection.abort()
            await reading
            raise
        self._connection, self._welcome = connection, welcome
        return connection, reading, welcome

    async def _stay_connected(self, connection: Connection, reading: asyncio.Task[None]) -> None:
        try:
            while True:
                await asyncio.shield(reading)
                self._forget()
                log.warning("engine lost socket=%s", self._socket)
                for lost in self._lost_listeners:
                    lost()
                connection, reading = await self._reconnect()
        finally:
            connection.abort()
            await reading

    async def _reconnect(self) -> tuple[Connection, asyncio.Task[None]]:
        pause_s, tries = self._settings.retry_first_s, 0
        while True:
            await asyncio.sleep(pause_s)
            tries += 1
            if tries >= self._settings.retry_evenly:
                pause_s = min(2 * pause_s, self._settings.retry_last_s)
            try:
                connection, reading, welcome = await self._connect()
            except EngineUnavailable as fault:
                log.debug("engine still away problem=%r", str(fault))
                continue
            log.info("engine back instance=%s protocol=%s", welcome.instance, welcome.protocol)
            for back in self._back_listeners:
                back(welcome)
            return connection, reading

    def _forget(self) -> None:
        self._connection = None
        self._welcome = None
