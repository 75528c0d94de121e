"""One task owns one recording: take a message, step, commit, perform.

The same loop as a room's, over `core.recording`. What happens in it, for the sidecar, is kept in the store in batches, so
that a brain that is killed loses a second of it at most; the sound itself is the engine's to write and the archive's to
finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from roomtone.core.exchange import StaleRevision
from roomtone.core.moment import Moment
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, Finishing, Happening
from roomtone.core.recording.messages import (
    Command,
    Effect,
    EndTaking,
    Finish,
    Message,
    Signal,
    Step,
    Take,
)
from roomtone.core.recording.notices import notices
from roomtone.core.recording.state import Recording, RecordingFault
from roomtone.core.recording.step import opened, resumed, step
from roomtone.core.recording.taking import NotTaken, Taken
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import of_verb
from roomtone.switchboard.ports import Archive, Clock, Media, Store

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds until the store is asked again."""

BATCH_S = 1.0
"""Seconds that what happens waits to be kept together with the rest."""

FIRST_WAIT_S, LONGEST_WAIT_S, FINISHING_TRIES = 2.0, 60.0, 12
"""How often, and with which pauses, a recording is made ready on a disk that takes nothing: some seven minutes."""

MAY_PASS = frozenset({FinishFault.DISK_FULL, FinishFault.CANNOT_WRITE})
"""Why a recording cannot be made ready just now."""

NOTHING_KEPT = frozenset({RecordingFault.SILENT, RecordingFault.EMPTY, RecordingFault.NOT_TAKEN})
"""A recording without sound for one of these leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class Studio:
    """What every recorder is given."""

    clock: Clock
    store: Store
    media: Media
    archive: Archive
    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""

    transcribe: Callable[[], None] = lambda: None
    """Called when something is to be transcribed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    commands: tuple[Command, ...]
    reply: asyncio.Future[Recording]


@dataclass(frozen=True, slots=True)
class _Heard:
    """Something happened at a moment, which is when it is in the recording, however long the store takes to note it."""

    signal: Signal
    at: Moment


@dataclass(frozen=True, slots=True)
class _Again:
    """It is time to keep what is not kept yet."""


@dataclass(frozen=True, slots=True)
class _Refresh:
    """What is to be done is to be said again."""


@dataclass(frozen=True, slots=True)
class _Broken:
    """Something failed that never should."""

    bug: BaseException


_Message = _Heard | _Asked | _Again | _Refresh | _Broken


class Recorder:
    """The running side of one recording."""

    def __init__(self, recording: Recording, studio: Studio) -> None:
        self.recording = recording
        self._studio = studio
        self._inbox: asyncio.Queue[_Message] = asyncio.Queue()
        self._owed: tuple[_Heard, ...] = ()
        """What has happened and could not be kept, in order."""

        self._happened: list[Happening] = []
        self._waiting = False
        self._began = asyncio.Event()
        self._over = asyncio.Event()
        self._finishing: asyncio.Task[None] | None = None

    def tell(self, signal: Signal) -> None:
        """Let it know that something happened; never waits."""
        if not self._over.is_set():
            self._hear(signal)

    def _hear(self, signal: Signal) -> None:
        self._inbox.put_nowait(_Heard(signal, self._studio.clock.now()))

    async def ask(self, *commands: Command) -> Recording:
        """Do all of these, and give the recording after the commit.

        Raises:
            Refused: RECORDING_NOT_RUNNING, or UNAVAILABLE: the store does not answer.
        """
        if self._over.is_set():
            raise Refused(Reason.RECORDING_NOT_RUNNING, status=self.recording.status.value)
        reply: asyncio.Future[Recording] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait(_Asked(commands, reply))
        return await reply

    async def begun(self) -> Recording:
        """Wait until the engine records, or it is known that it will not, and give the recording."""
        await self._began.wait()
        return self.recording

    async def over(self, within_s: float) -> Recording:
        """Wait until its sound can be fetched, or it is known that there is none, but not for ever."""
        try:
            async with asyncio.timeout(within_s):
                await self._over.wait()
        except TimeoutError:
            log.info("recording=%s takes its time", self.recording.id)
        return self.recording

    def refresh(self) -> None:
        """Say again to the engine, or to the archive, what is to be done: it may not have heard."""
        self._inbox.put_nowait(_Refresh())

    async def run(self, *, anew: bool) -> None:
        """Live until nothing more becomes of the recording.

        Args:
            anew: Whether it has to be begun; else it is of an earlier brain, and `refresh` or a signal is to come.
        """
        try:
            if anew:
                await self._begin()
            while not self.recording.over:
                await self._take(await self._inbox.get())
            await self._tidy()
        finally:
            self._close()

    async def _begin(self) -> None:
        first = opened(self.recording)
        while True:
            try:
                await self._commit(first)
                break
            except OSError as fault:
                log.warning("recording=%s waits for the store to begin: %s", self.recording.id, fault)
                await asyncio.sleep(RETRY_S)
        for effect in first.effects:
            await self._perform(effect)

    def _close(self) -> None:
        self._over.set()
        self._began.set()
        if self._finishing is not None:
            self._finishing.cancel()
        while not self._inbox.empty():
            match self._inbox.get_nowait():
                case _Asked(_, reply) if not reply.done():
                    status = self.recording.status.value
                    reply.set_exception(Refused(Reason.RECORDING_NOT_RUNNING, status=status))

    async def _tidy(self) -> None:
        if self.recording.fault in NOTHING_KEPT and not self.recording.fetchable:
            with contextlib.suppress(OSError):  # told by the archive; the sweep of the next start finds it
                await self._studio.archive.remove(self.recording.id)

    # Messages --------------------------------------------------------------------------------------------------------

    async def _take(self, message: _Message) -> None:
        match message:
            case _Asked():
                await self._obey(message)
            case _Broken(bug):
                raise bug
            case _Refresh():
                for effect in resumed(self.recording).effects:
                    await self._perform(effect)
            case _Again():
                self._waiting = False
                await self._note((), keep=True)
            case _Heard():
                await self._note((message,))
                if isinstance(message.signal, Taken | NotTaken):
                    self._began.set()

    async def _note(self, signals: tuple[_Heard, ...], *, keep: bool = False) -> None:
        """Note what has happened; a store that does not answer ends no recording: it is asked again.

        Args:
            signals: What has happened.
            keep: Whether what is only for the sidecar is kept now, too; else a little later, all at once.
        """
        self._owed += signals
        try:
            await self._catch_up()
            if keep:
                await self._flush()
            elif self._happened:
                self._again(BATCH_S)
        except OSError as fault:
            log.warning("recording=%s waits for the store: %s", self.recording.id, fault)
            self._again(RETRY_S)

    async def _catch_up(self) -> None:
        while self._owed:
            first = self._owed[0]
            await self._advance(first.signal, first.at)
            self._owed = self._owed[1:]

    async def _obey(self, asked: _Asked) -> None:
        try:
            await self._catch_up()
            for command in asked.commands:
                await self._advance(command, self._studio.clock.now())
        except Refused as no:
            refused = no
        except OSError:
            refused = Refused(Reason.UNAVAILABLE, what="store")
        except BaseException as bug:
            if not asked.reply.done():
                asked.reply.set_exception(bug)
            raise
        else:
            if not asked.reply.done():
                asked.reply.set_result(self.recording)
            return
        if not asked.reply.done():
            asked.reply.set_exception(refused)

    async def _advance(self, message: Message, at: Moment) -> None:
        result = step(self.recording, message, at)
        if result.state is self.recording:
            self._happened += result.happenings
            return
        await self._commit(result)
        for effect in result.effects:
            await self._perform(effect)

    async def _commit(self, result: Step) -> None:
        """Keep a new state with all that comes of it.

        Raises:
            OSError: The store does not answer; nothing is kept.
        """
        now = self._studio.clock.now()
        state, owed = notices(result.state, result.events, now)
        happened = (*self._happened, *result.happenings)
        text = of_verb(state, now) if state.over else None
        try:
            await self._studio.store.commit_recording(state, owed, happened, now, text)
        except StaleRevision:
            log.exception("recording=%s is another brain's", state.id)
            raise
        self.recording, self._happened = state, []
        if result.events:
            log.info("recording=%s is now status=%s fault=%s", state.id, state.status.value, state.fault)
        if owed:
            self._studio.committed()
        if text is not None:
            self._studio.transcribe()

    def _again(self, after_s: float) -> None:
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(after_s, self._inbox.put_nowait, _Again())

    async def _flush(self) -> None:
        if self._happened:
            await self._studio.store.add_happenings(self.recording.id, tuple(self._happened))
            self._happened = []

    # Effects ---------------------------------------------------------------------------------------------------------

    async def _perform(self, effect: Effect) -> None:
        studio, id_ = self._studio, self.recording.id
        match effect:
            case Take(order):
                folder = await studio.archive.folder(id_)
                if isinstance(folder, FinishFailed):
                    self._hear(NotTaken(folder.problem))
                else:
                    self._hear(await studio.media.record(order, folder))
            case EndTaking():
                studio.media.end_recording(id_)
            case Finish() if self._finishing is None or self._finishing.done():
                self._finishing = asyncio.create_task(self._finish(effect), name=f"finish {id_}")
                self._finishing.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._inbox.put_nowait(_Broken(bug))

    async def _finish(self, effect: Finish) -> None:
        while True:
            try:
                happened = tuple(await self._studio.store.happenings(self.recording.id))
                break
            except OSError as fault:
                log.warning("recording=%s waits for the store: %s", self.recording.id, fault)
                await asyncio.sleep(RETRY_S)
        finishing = replace(effect.finishing, happenings=happened)
        self._hear(await self._finished_in_time(finishing))

    async def _finished_in_time(self, finishing: Finishing) -> Finished | FinishFailed:
        """Have the sound made ready; a disk that is full, or away, may be so no more in a while."""
        for times in range(FINISHING_TRIES):
            made = await self._studio.archive.finish(finishing)
            if not isinstance(made, FinishFailed) or made.fault not in MAY_PASS:
                return made
            log.warning("recording=%s cannot be finished yet: %s", self.recording.id, made.problem)
            await asyncio.sleep(min(FIRST_WAIT_S * 2**times, LONGEST_WAIT_S))
        return made
