"""Two calls that hear each other: a conference of two that nobody can name.

One picture, applied whole, under the id of the call that asked for it; nothing else may seat either call meanwhile.
Whoever ends it first ends it for both.
"""

from __future__ import annotations

import asyncio

from roomtone.core.conference.mix import bridge_plan
from roomtone.core.ids import CallId
from roomtone.switchboard.ports import Clock, Media


class Bridge:
    """One connection of two calls."""

    def __init__(self, dialler: CallId, other: CallId, media: Media, clock: Clock) -> None:
        self.other = other
        self.started_ms: int | None = None
        """When they were connected; None: not yet."""

        self._ended = asyncio.Event()
        self.dialler = dialler
        self._media = media
        self._clock = clock

    @property
    def duration_s(self) -> int:
        """Whole seconds since they were connected; 0 if they never were."""
        return 0 if self.started_ms is None else (self._clock.now().wall_ms - self.started_ms) // 1_000

    def start(self, after: int = 0) -> bool:
        """Connect them; False: it has ended before.

        Args:
            after: Revision of the last plan under the same id, if there was one.
        """
        if self._ended.is_set():
            return False
        now_ms = self._clock.now().wall_ms
        self.started_ms = now_ms
        self._media.apply(self.dialler, bridge_plan(self.dialler, self.other, max(now_ms, after + 1)))
        return True

    async def until_ended(self) -> None:
        """Wait until one of them has ended it."""
        await self._ended.wait()

    def end(self) -> None:
        """End it for both. Idempotent."""
        if self._ended.is_set():
            return
        if self.started_ms is not None:
            self._media.drop(self.dialler)
        self._ended.set()
