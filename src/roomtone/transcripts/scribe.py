"""The scribe: takes what is due out of the store, has it written down, and keeps what came of it. One at a time.

A try is noted before it begins, so that one which a crash cuts short counts, and is done again at the next start. What
goes wrong is tried again a few times (`core.transcription`); it never touches a call or a recording.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from roomtone.core import transcription as machine
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, NotificationId, ProjectId, RecordingId
from roomtone.core.moment import Moment
from roomtone.core.notification import Notification
from roomtone.core.recording.state import Recording
from roomtone.core.transcription import Heard, Transcription, TranscriptionNotice
from roomtone.cxml.numbers import GENERAL
from roomtone.transcripts.program import NotTranscribed, Transcriber, run
from roomtone.transcripts.reading import Unreadable, read

log = logging.getLogger(__name__)

PAUSE_S = 1.0
"""Seconds until the store is asked again."""

LEAST_S, OF_SOUND = 600.0, 5.0
"""How long one run may take: so many seconds, or so many times what it hears, whichever is more."""

NOBODY = "nothing here writes down what was said: see the setting transcriber"

CUT_SHORT = "every try was cut short: by the end of the server, or of the machine"
"""Why one failed that nobody lived to tell of."""


class Store(Protocol):
    """Keeps transcriptions."""

    async def due_transcription(self, now_ms: int = 0, last: ProjectId | None = None) -> Transcription | None:
        """Give the one due first of those not over, of those due by now by project in turn; None: there is none."""

    async def take_up_transcriptions(self, now: Moment) -> int:
        """Have those that an earlier life was at be due now; give how many are not over."""

    async def commit_transcription(
        self, made: Transcription, notices: Iterable[TranscriptionNotice], now: Moment
    ) -> bool:
        """Write a new state and what is owed for it; False: it was changed or deleted meanwhile."""

    async def recording_of(self, recording: RecordingId) -> Recording | None:
        """Find a recording."""

    async def call(self, call: CallId) -> Call | None:
        """Find a call."""

    async def add_notification(self, notification: Notification) -> None:
        """Keep a new notification."""


class Archive(Protocol):
    """Keeps sound."""

    async def voices(self, recording: RecordingId) -> tuple[str, ...]:
        """Name the voices of a recording; none: there is no sound."""

    async def write_voice(self, recording: RecordingId, voice: str, to: Path) -> None:
        """Write one voice to a new file; may raise an `OSError`."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Moment:
        """Read both clocks."""


class Dice(Protocol):
    """Makes identities."""

    def bits128(self) -> int:
        """Give 128 random bits."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a scribe is given."""

    store: Store
    archive: Archive
    clock: Clock
    dice: Dice
    folder: Path
    """Where voices are written to while they are listened to; emptied at the start."""

    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""


class Scribe:
    """Has transcriptions made."""

    def __init__(
        self,
        transcriber: Transcriber | None,
        tools: Tools,
        pause: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        """Begin with nothing; without a transcriber whatever is due fails, and says so."""
        self._transcriber = transcriber
        self._tools = tools
        self._pause = pause
        self._woken = asyncio.Event()
        self._last: ProjectId | None = None

    def wake(self) -> None:
        """Say that something may be due. Never waits."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; what is under way then is done again in the next life."""
        await asyncio.to_thread(shutil.rmtree, self._tools.folder, ignore_errors=True)
        taken_up = False
        while True:
            self._woken.clear()
            try:
                if not taken_up:
                    waiting = await self._tools.store.take_up_transcriptions(self._tools.clock.now())
                    taken_up = True
                    log.info("transcriptions not over=%d", waiting)
                rest_s = await self._one()
            except OSError as fault:
                log.warning("transcriptions wait for the store: %s", fault)
                rest_s = PAUSE_S
            await self._rest(rest_s)

    async def _one(self) -> float | None:
        """Have one made if it is due, and say how many seconds there is nothing to do; None: until woken."""
        now = self._tools.clock.now()
        due = await self._tools.store.due_transcription(now.wall_ms, self._last)
        if due is None or due.due_ms is None:
            return None
        if due.due_ms > now.wall_ms:
            return (due.due_ms - now.wall_ms) / 1_000
        self._last = due.project
        if self._transcriber is None:
            await self._keep(machine.failed(due, NOBODY, now, for_good=True))
            await self._warn(due, now)
            return 0.0
        if due.tries >= machine.TRIES:  # each was cut short: what kills its transcriber is not tried for ever
            await self._keep(machine.failed(due, due.problem or CUT_SHORT, now, for_good=True))
            return 0.0
        within_s = max(LEAST_S, OF_SOUND * due.duration_ms / 1_000)
        begun = machine.tried(due, now, round(within_s * 1_000 * 10))
        if await self._keep(begun):
            await self._make(begun, self._transcriber, within_s)
        return 0.0

    async def _make(self, one: Transcription, transcriber: Transcriber, within_s: float) -> None:
        log.info("transcription=%s of recording=%s try=%d", one.id, one.recording, one.tries)
        try:
            heard = await self._heard(one, transcriber, within_s)
        except Exception as fault:  # noqa: BLE001 - sound that cannot be read stops no other's transcription
            await self._not_made(one, fault)
            return
        await self._keep(machine.completed(one, heard, self._tools.clock.now()))

    async def _not_made(self, one: Transcription, fault: Exception) -> None:
        """Keep that a try failed; what is not foreseen is logged with where it came from."""
        foreseen = isinstance(fault, NotTranscribed | Unreadable | OSError)
        problem = str(fault) if foreseen else f"it cannot be written down: {fault!r}"
        log.warning(
            "transcription=%s not made try=%d problem=%r", one.id, one.tries, problem, exc_info=not foreseen
        )
        gone = isinstance(fault, FileNotFoundError)
        await self._keep(machine.failed(one, problem, self._tools.clock.now(), for_good=gone))

    async def _heard(self, one: Transcription, transcriber: Transcriber, within_s: float) -> Heard:
        """Have all voices listened to, one after the other."""
        voices = await self._tools.archive.voices(one.recording)
        if not voices:
            raise FileNotFoundError(2, "there is no sound any more")
        folder = self._tools.folder / one.id.hex
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        parts = []
        try:
            for voice in voices:
                path = folder / f"{voice}.wav"
                path.unlink(missing_ok=True)
                await self._tools.archive.write_voice(one.recording, voice, path)
                parts.append(read(await run(transcriber, path, within_s), voice, one.duration_ms))
                path.unlink(missing_ok=True)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return machine.merged(parts)

    async def _keep(self, one: Transcription) -> bool:
        """Keep a new state; a store that does not answer is asked until it does. False: it was changed or deleted."""
        while True:
            try:
                return await self._commit(one)
            except OSError as fault:
                log.warning("transcription=%s waits for the store: %s", one.id, fault)
                await self._pause(PAUSE_S)

    async def _commit(self, one: Transcription) -> bool:
        store, now = self._tools.store, self._tools.clock.now()
        owed: tuple[TranscriptionNotice, ...] = ()
        if one.over:
            call = None if one.call is None else await store.call(one.call)
            owed = machine.notices(one, await store.recording_of(one.recording), call, now)
        kept = await store.commit_transcription(one, owed, now)
        if kept and one.over:
            log.info("transcription=%s is now status=%s", one.id, one.status.value)
        if kept and owed:
            self._tools.committed()
        return kept

    async def _warn(self, one: Transcription, now: Moment) -> None:
        """Have the customer read why nothing was written down."""
        warned = Notification(
            NotificationId(self._tools.dice.bits128()), one.project, now.wall_ms, GENERAL, NOBODY, one.call
        )
        try:
            await self._tools.store.add_notification(warned)
        except OSError as fault:
            log.warning("notification not kept: %s", fault)

    async def _rest(self, seconds: float | None) -> None:
        """Wait until woken, at most so long."""
        if seconds is not None and seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return
