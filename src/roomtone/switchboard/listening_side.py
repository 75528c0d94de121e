"""A leg's Record: the caller is listened to until they fall silent, press a key or have said enough."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from enum import Enum, auto

from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import EngineUnavailable, PlayTone
from roomtone.core.ids import CallId
from roomtone.core.recording.state import Recording
from roomtone.cxml import messages as cxml
from roomtone.switchboard.ports import Clock, Media
from roomtone.switchboard.recording_side import RecordingSide
from roomtone.switchboard.sources import Sources
from roomtone.switchboard.spelling import verb_recording

log = logging.getLogger(__name__)

BEEP = PlayTone(hz=1_000.0, level_db=-16.0, duration_ms=400)
"""Says that it begins."""


class _News(Enum):
    SPEAKS = auto()
    IS_SILENT = auto()
    STOP = auto()


class ListeningSide:
    """Of one call."""

    def __init__(
        self,
        call: CallId,
        media: Media,
        sources: Sources,
        clock: Clock,
        recording: RecordingSide,
    ) -> None:
        self._call = call
        self._media = media
        self._sources = sources
        self._clock = clock
        self._recording = recording
        self._news: asyncio.Queue[_News] = asyncio.Queue()
        self._began_ms: int | None = None
        self._spoke = False

    def listen(self, order: cxml.Listen) -> Coroutine[None, None, cxml.Message]:
        """Listen; gives what the script is told when it is over. A `stop` counts from now on."""
        self._news, self._began_ms, self._spoke = asyncio.Queue(), None, False
        return self._listen(order)

    @property
    def so_far(self) -> cxml.Listened:
        """What was listened to until now, or last."""
        return self._listened(self._recording.listening)

    def _listened(self, recording: Recording | None) -> cxml.Listened:
        lasted_ms = 0 if self._began_ms is None else self._clock.now().wall_ms - self._began_ms
        if recording is None or recording.soundless:
            return cxml.Listened(lasted_ms // 1_000, spoke=self._spoke)
        lasted_s = lasted_ms // 1_000 if recording.duration_ms is None else recording.duration_ms // 1_000
        return cxml.Listened(lasted_s, spoke=self._spoke, recording=self._recording.spelled(recording))

    async def _listen(self, order: cxml.Listen) -> cxml.Message:
        key = f"beep:{self._call}"
        seat = Seat(self._call, Towards.NOBODY, hears=key)
        self._media.apply(self._call, MixPlan(self._clock.now().wall_ms, (seat,), speech=True))
        if order.beep:
            try:
                await self._sources.play(key, BEEP)
            except EngineUnavailable as fault:
                log.warning("call=%s no beep: %s", self._call, fault)
            finally:
                self._sources.stop(key)
        self._began_ms = self._clock.now().wall_ms
        if order.verb is not None:
            self._recording.begin_listening(verb_recording(order.verb))
        await self._until_over(order.timeout_s, order.max_length_s)
        return self._listened(await self._recording.end_listening())

    async def _until_over(self, timeout_s: float, longest_s: float) -> None:
        """Wait for silence, a key or the longest time."""
        loop = asyncio.get_running_loop()
        end_s, speaks = loop.time() + longest_s, False
        while True:
            left_s = end_s - loop.time()
            try:
                async with asyncio.timeout(left_s if speaks else min(left_s, timeout_s)):
                    news = await self._news.get()
            except TimeoutError:
                return
            if news is _News.STOP:
                return
            speaks = news is _News.SPEAKS
            self._spoke = self._spoke or speaks

    def stop(self) -> None:
        """End it."""
        self._news.put_nowait(_News.STOP)

    def note_speech(self, message: SpeechStarted | SpeechStopped) -> None:
        """Take the engine's word that the caller speaks, or does not any more."""
        self._news.put_nowait(_News.SPEAKS if isinstance(message, SpeechStarted) else _News.IS_SILENT)
