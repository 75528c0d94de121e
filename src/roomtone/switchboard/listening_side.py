"""A leg's Record: the caller is listened to until they fall silent, press a key or have said enough. Keeps no sound."""

from __future__ import annotations

import asyncio
import logging
from enum import Enum, auto

from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import EngineUnavailable, PlayTone
from roomtone.core.ids import CallId
from roomtone.cxml import messages as cxml
from roomtone.switchboard.ports import Clock, Media
from roomtone.switchboard.sources import Sources

log = logging.getLogger(__name__)

BEEP = PlayTone(hz=1_000.0, level_db=-16.0, duration_ms=400)
"""Says that it begins."""


class _News(Enum):
    SPEAKS = auto()
    IS_SILENT = auto()
    STOP = auto()


class ListeningSide:
    """Of one call."""

    def __init__(self, call: CallId, media: Media, sources: Sources, clock: Clock) -> None:
        self._call = call
        self._media = media
        self._sources = sources
        self._clock = clock
        self._news: asyncio.Queue[_News] = asyncio.Queue()

    async def listen(self, order: cxml.Listen) -> cxml.Message:
        """Listen; gives what the script is told when it is over."""
        key = f"beep:{self._call}"
        seat = Seat(self._call, Towards.NOBODY, hears=key)
        self._news = asyncio.Queue()
        self._media.apply(self._call, MixPlan(self._clock.now().wall_ms, (seat,), speech=True))
        if order.beep:
            try:
                await self._sources.play(key, BEEP)
            except EngineUnavailable as fault:
                log.warning("call=%s no beep: %s", self._call, fault)
            finally:
                self._sources.stop(key)
        began_ms = self._clock.now().wall_ms
        spoke = await self._until_over(order.timeout_s, order.max_length_s)
        return cxml.Listened((self._clock.now().wall_ms - began_ms) // 1_000, spoke=spoke)

    async def _until_over(self, timeout_s: float, longest_s: float) -> bool:
        """Wait for silence, a key or the longest time, and say whether anything was said."""
        loop = asyncio.get_running_loop()
        end_s, speaks, spoke = loop.time() + longest_s, False, False
        while True:
            left_s = end_s - loop.time()
            try:
                async with asyncio.timeout(left_s if speaks else min(left_s, timeout_s)):
                    news = await self._news.get()
            except TimeoutError:
                return spoke
            if news is _News.STOP:
                return spoke
            speaks = news is _News.SPEAKS
            spoke = spoke or speaks

    def stop(self) -> None:
        """End it."""
        self._news.put_nowait(_News.STOP)

    def note_speech(self, message: SpeechStarted | SpeechStopped) -> None:
        """Take the engine's word that the caller speaks, or does not any more."""
        self._news.put_nowait(_News.SPEAKS if isinstance(message, SpeechStarted) else _News.IS_SILENT)
