"""All streams of this brain: who is carried where, and what becomes of it.

A stream ends with its call or conference. What the engine says of a stream goes to its task, one thing after the other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace

from roomtone import dialects
from roomtone.core import streaming
from roomtone.core.ids import CallId, ConferenceId, StreamId
from roomtone.core.project import Project
from roomtone.core.streaming import (
    HeldRelays,
    NotLocated,
    RelayClosed,
    RelayOpened,
    RelaySignal,
    RelayTold,
    Stream,
    StreamFault,
    StreamWish,
    Subject,
)
from roomtone.dialects import stream_messages
from roomtone.switchboard.ports import Clock, Dice, Relays, Sockets, Store

log = logging.getLogger(__name__)

MOST_OF_ONE = 20
"""Streams that a call or conference may have at a time."""

MOST_TWO_WAY = 8
"""Of them those whose servers may speak: so many sources a track hears."""


@dataclass(frozen=True, slots=True)
class Booth:
    """What every stream is given."""

    clock: Clock
    dice: Dice
    store: Store
    relays: Relays
    sockets: Sockets
    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""

    voice: Callable[[ConferenceId, str, bool], None]
    """Tells a conference that a source speaks in it, or does no more."""

    press: Callable[[CallId, str], Coroutine[None, None, bool]]
    """Sends keys to a call's phone."""


class Streams:
    """The streams that are not over."""

    def __init__(self, booth: Booth) -> None:
        self._booth = booth
        self._live: dict[StreamId, _Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._early: list[RelaySignal] | None = []
        self._closing = False

    def of(self, subject: Subject) -> tuple[Stream, ...]:
        """List what is carried of a call or conference."""
        live = (one.stream for one in self._live.values())
        return tuple(one for one in live if one.subject == subject and not one.over)

    def spellings(self, stream: Stream) -> tuple[str, ...]:
        """Give how a stream's id may be written, for who stops it by that."""
        return tuple(dialect.sids.show(stream.id) for dialect in dialects.DIALECTS.values())

    async def start(self, project: Project, subject: Subject, wish: StreamWish) -> Stream:
        """Begin to carry, and give the stream: kept, and on its way. One that cannot be is over already.

        Raises:
            OSError: The store does not answer.
        """
        now = self._booth.clock.now()
        stream = Stream(
            StreamId(self._booth.dice.bits128()),
            project.id,
            wish,
            now.wall_ms,
            now.wall_ms,
            call=subject if isinstance(subject, CallId) else None,
            conference=subject if isinstance(subject, ConferenceId) else None,
        )
        others = self.of(subject)
        running = _Running(stream, project, self._booth)
        if wish.name is not None and any(one.name == wish.name for one in others):
            await running.fail(StreamFault.NAME_TAKEN, f"there is a stream {wish.name!r} already")
        elif len(others) >= MOST_OF_ONE:
            await running.fail(StreamFault.GENERAL, f"there are {MOST_OF_ONE} streams already")
        elif wish.two_way and sum(one.wish.two_way for one in others) >= MOST_TWO_WAY:
            await running.fail(StreamFault.GENERAL, f"there are {MOST_TWO_WAY} two-way streams already")
        else:
            self._live[stream.id] = running
            try:
                await running.keep((stream, ()))
            except OSError:
                del self._live[stream.id]
                raise
            except asyncio.CancelledError:  # whoever wished for it is gone, and it may be kept by now
                if not self._closing:
                    self._later(self._give_up(running))
                raise
            self._begin(running, running.run(lambda: self._voices_for(running)))
            self._tune(subject)
        return running.stream

    async def _give_up(self, running: _Running) -> None:
        """End a stream that nobody has begun to carry."""
        try:
            await running.stop()
        finally:
            self._live.pop(running.stream.id, None)
            running.ended.set()

    def _voices_for(self, listener: _Running) -> tuple[str, ...]:
        """Name the sources of the other servers that may speak there."""
        others = (one.stream for one in self._live.values() if one is not listener)
        same = (one for one in others if one.subject == listener.stream.subject and not one.over)
        return tuple(one.source for one in same if one.source is not None)

    def _tune(self, subject: Subject) -> None:
        """Let those who carry what is said to a conference follow who may speak there by now."""
        for running in self._live.values():
            stream = running.stream
            if stream.conference == subject and running.ordered and not running.closed:
                self._booth.relays.tune(stream, self._voices_for(running))

    async def stop(self, stream: Stream) -> Stream:
        """Carry it no more, and give it as it is then; one that is over stays as it is."""
        running = self._live.get(stream.id)
        return stream if running is None else await running.stop()

    def ended(self, subject: Subject) -> None:
        """Let what was carried of a call or conference end: it is over."""
        if self._closing:
            return
        for running in [one for one in self._live.values() if one.stream.subject == subject]:
            self._later(running.stop())

    async def over(self, stream: Stream) -> Stream:
        """Wait until a stream is over, and give it as it is then."""
        running = self._live.get(stream.id)
        if running is None:  # already
            with suppress(OSError):
                return await self._booth.store.stream(stream.project, stream.id) or stream
            return stream
        await running.ended.wait()
        return running.stream

    def let_go(self, stream: Stream) -> bool:
        """Let a stream end that nobody waits for any more; False: this brain goes, and leaves it to the next."""
        running = self._live.get(stream.id)
        if running is not None and not self._closing:
            self._later(running.stop())
        return not self._closing

    def keep_only(self, subjects: AbstractSet[Subject]) -> None:
        """Let what is carried of anybody else end."""
        for subject in {one.stream.subject for one in self._live.values()} - subjects:
            self.ended(subject)

    def press(self, call: CallId, digit: str) -> None:
        """Tell the servers that speak with a call of a key pressed there."""
        for running in self._live.values():
            if running.stream.subject == call and running.stream.wish.two_way:
                running.press(digit)

    # The engine ------------------------------------------------------------------------------------------------------

    def take(self, signal: RelaySignal) -> None:
        """Take the engine's word; never waits. What comes before `resume` is kept until then."""
        if self._early is not None:
            self._early.append(signal)
        elif (running := self._live.get(signal.stream)) is not None:
            running.inbox.put_nowait(signal)

    async def resume(self) -> None:
        """Take up the streams of an earlier brain; those that are not carried any more are over.

        Raises:
            EngineUnavailable: The engine does not say what it carries.
        """
        held = await self._booth.relays.held()
        ended = {one.stream for one in self._early or () if isinstance(one, RelayClosed)}
        stored = await self._booth.store.live_streams()
        for stream in stored:
            project = await self._booth.store.project(stream.project)
            if project is None or stream.id in self._live:
                continue
            running = self._live[stream.id] = _Running(stream, project, self._booth)
            self._begin(running, running.go_on())
            if stream.id not in held.carried | ended:
                running.inbox.put_nowait(_lost(stream.id))
            elif stream.id in held.connected:
                running.inbox.put_nowait(RelayOpened(stream.id))  # which may not have been noted
        for subject in {one.stream.subject for one in self._live.values()}:
            self._tune(subject)
        self._end_strangers(held)
        early, self._early = self._early or [], None
        for signal in early:
            self.take(signal)

    async def again(self) -> None:
        """Bring streams and engine to one picture: those that went with an engine which was lost are over, and the
        engine ends what is over here.
        """
        held = await self._booth.relays.held()
        for stream, running in self._live.items():
            if stream not in held.carried:
                if running.opened:
                    running.inbox.put_nowait(_lost(stream))
            elif running.stream.over:
                running.say_farewell()
            elif stream in held.connected:
                running.inbox.put_nowait(RelayOpened(stream))
        self._end_strangers(held)

    def _end_strangers(self, held: HeldRelays) -> None:
        for stranger in held.carried - self._live.keys():
            self._booth.relays.close(stranger, '{"event":"stop"}')

    def leave(self) -> None:
        """End nothing from now on: this brain goes."""
        self._closing = True

    async def close(self) -> None:
        """Let go of all, without ending what is carried."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Tasks -----------------------------------------------------------------------------------------------------------

    def _begin(self, running: _Running, work: Coroutine[None, None, None]) -> None:
        async def until_over() -> None:
            try:
                await work
            except OSError as fault:
                log.error("stream=%s the store does not answer: %s", running.stream.id, fault)  # noqa: TRY400
            finally:
                if running.opened and not running.closed and not self._closing:
                    running.say_farewell()  # nobody would hear of it any more
                self._live.pop(running.stream.id, None)
                if not self._closing:
                    self._tune(running.stream.subject)
                running.ended.set()

        self._later(until_over())

    def _later(self, work: Coroutine[None, None, object]) -> None:
        async def watched() -> None:
            try:
                await work
            except Exception:
                log.exception("a stream ends because of a bug of ours")

        task = asyncio.create_task(watched(), name="stream")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _lost(stream: StreamId) -> RelayClosed:
    return RelayClosed(stream, None, "lost with the engine", 0)


class _Running:
    """One stream's task."""

    def __init__(self, stream: Stream, project: Project, booth: Booth) -> None:
        self.stream = stream
        self.inbox: asyncio.Queue[RelaySignal] = asyncio.Queue()
        self.ended = asyncio.Event()
        self.ordered = False
        """Whether the engine is being told of it, or was: what it is to hear by now is told it after that."""

        self.opened = False
        """Whether the engine has taken it."""

        self.closed = False
        """Whether the engine has said that it carries it no more."""

        self._unwanted = False
        """Whether it is to end: said before that is noted, which may take longer than the engine does to take it."""

        self._booth = booth
        self._dialect = dialects.by_name(project.dialect)
        self._turn = asyncio.Lock()

    async def run(self, voices: Callable[[], tuple[str, ...]]) -> None:
        """Live from the beginning to the end.

        Args:
            voices: Gives the sources of the others' servers that may speak at the moment.
        """
        where = await self._booth.sockets.locate(self.stream.wish.url)
        if self.stream.over:
            return
        if isinstance(where, NotLocated):
            await self.fail(where.fault, where.problem)
            return
        spoken = stream_messages.opening(self.stream, self._dialect)
        self.ordered = True
        problem = await self._booth.relays.open(self.stream, where, spoken, voices())
        self.opened = True
        if problem is not None:
            await self.fail(StreamFault.GENERAL, problem)
            return
        if self._unwanted:  # it was stopped meanwhile
            self.say_farewell()
        await self.go_on()

    async def go_on(self) -> None:
        """Live on, carried already."""
        self.ordered = self.opened = True
        while True:
            signal = await self.inbox.get()
            match signal:
                case RelayOpened():
                    await self._connected()
                case RelayTold(text=text):
                    await self._heed(text)
                case RelayClosed():
                    await self._closed(signal)
                    return

    async def stop(self) -> Stream:
        """Carry it no more; nothing is carried any more either where the store cannot note it.

        Raises:
            OSError: The store does not answer; it is noted when the engine says that the socket is closed.
        """
        self._unwanted = True
        self._fall_silent()
        if self.opened:
            self.say_farewell()
        async with self._turn:
            await self.keep(streaming.stopped(self.stream, self._booth.clock.now()))
        return self.stream

    async def fail(self, fault: StreamFault, problem: str) -> None:
        """Note that it could not be, or not go on."""
        log.warning("stream=%s failed %s: %s", self.stream.id, fault.value, problem)
        async with self._turn:
            await self.keep(streaming.failed(self.stream, fault, problem, self._booth.clock.now()))
        self._fall_silent()

    async def keep(self, change: streaming.Change) -> None:
        """Commit a change."""
        stream, notices = change
        # The token is shown to the server and not kept with the stream: who takes it up after us has no need of it. One that
        # stands in a document is kept with its call's script, sealed as all of the document is.
        kept = replace(stream, wish=replace(stream.wish, bearer=None))
        await self._booth.store.commit_stream(kept, notices, self._booth.clock.now())
        self.stream = stream
        if notices:
            self._booth.committed()

    def press(self, digit: str) -> None:
        """Tell the server of a key."""
        told = stream_messages.key_pressed(self.stream, self._dialect, digit)
        self._booth.relays.tell(self.stream.id, told)

    async def _connected(self) -> None:
        async with self._turn:
            await self.keep(streaming.connected(self.stream, self._booth.clock.now()))
        source, conference = self.stream.source, self.stream.conference
        if source is not None and conference is not None and not self.stream.over:
            self._booth.voice(conference, source, True)  # noqa: FBT003 - it speaks

    async def _closed(self, signal: RelayClosed) -> None:
        self.closed = True
        if signal.dropped_ms:
            log.warning("stream=%s lost %d ms of sound", self.stream.id, signal.dropped_ms)
        if signal.fault is not None and not self.stream.over:
            await self.fail(streaming.fault_of(signal.fault), signal.problem)
            return
        async with self._turn:
            await self.keep(streaming.stopped(self.stream, self._booth.clock.now()))
        self._fall_silent()

    async def _heed(self, text: str) -> None:
        keys, call = stream_messages.keys_in(text), self.stream.call
        if keys and call is not None:
            await self._booth.press(call, keys)

    def _fall_silent(self) -> None:
        source, conference = self.stream.source, self.stream.conference
        if source is not None and conference is not None:
            self._booth.voice(conference, source, False)  # noqa: FBT003 - it speaks no more

    def say_farewell(self) -> None:
        """Have the engine close the socket."""
        farewell = stream_messages.farewell(self.stream, self._dialect)
        self._booth.relays.close(self.stream.id, farewell)
