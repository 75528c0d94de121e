"""Looks twice a second at how much there is to do, and tells everybody who must refuse because of it.

The rules are in `roomtone.core.pressure`; the engine refuses new calls by itself when its real-time threads are strained,
without waiting for us. [What is refused when](docs/explanation/staying-up.md).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic, process_time

from roomtone.core.pressure import Figures, Load, Pressure, heard, looked
from roomtone.link import messages

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
BELIEVED_S = 12.0
"""How long the engine's word counts: it repeats itself every 5 s while it is strained."""

LATE_PERMILLE = 250
"""Ticks skipped of a thousand from which on the mix is late; the engine's own limit."""

Told = Callable[[Pressure, Figures], None]


class Watch:
    """Knows the load of this moment."""

    def __init__(
        self,
        store_late_s: Callable[[], float],
        told: Told = lambda _pressure, _figures: None,
        clock_s: Callable[[], float] = monotonic,
        used_s: Callable[[], float] = process_time,
    ) -> None:
        """Begin at ease.

        Args:
            store_late_s: Says how long the oldest write has waited, in seconds.
            told: Told of each look.
            clock_s: Gives seconds that never jump.
            used_s: Gives the seconds of processors that this process has used.
        """
        self._store_late_s = store_late_s
        self._told = told
        self._clock_s = clock_s
        self._used_s = used_s
        self._looked_at_s, self._used_then_s = clock_s(), used_s()
        self._own_busy = 0.0
        self._pressure = Pressure()
        self._media: messages.Strained | None = None
        self._media_s = 0.0

    @property
    def load(self) -> Load:
        """What is refused now."""
        return self._pressure.load

    @property
    def is_busy(self) -> bool:
        """Whether new calls are refused now."""
        return self._pressure.load >= Load.BUSY

    @property
    def is_swamped(self) -> bool:
        """Whether all requests are refused now."""
        return self._pressure.load >= Load.SWAMPED

    async def at_ease(self) -> bool:
        """Say that there is room for more (a check of `Readiness`)."""
        return not self.is_busy

    def fact(self, fact: messages.Fact) -> None:
        """Take the engine's word of its threads."""
        if isinstance(fact, messages.Strained):
            self._media, self._media_s = fact, self._clock_s()
            figures = self._figures(0.0)
            self._take(heard(self._pressure, figures), figures)

    def engine_lost(self) -> None:
        """Forget what the engine said: it is gone, and another has nothing to do yet."""
        self._media = None

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            planned_s = self._clock_s() + LOOK_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)
            self._look(max(0.0, self._clock_s() - planned_s))

    def _look(self, loop_late_s: float) -> None:
        now_s, used_s = self._clock_s(), self._used_s()
        if now_s > self._looked_at_s:
            self._own_busy = (used_s - self._used_then_s) / (now_s - self._looked_at_s)
            self._looked_at_s, self._used_then_s = now_s, used_s
        figures = self._figures(loop_late_s)
        self._take(looked(self._pressure, figures), figures)

    def _figures(self, loop_late_s: float) -> Figures:
        media = self._media if self._clock_s() - self._media_s < BELIEVED_S else None
        strained = media is not None and media.strained
        late = media is not None and media.skipped_permille >= LATE_PERMILLE
        return Figures(loop_late_s, self._store_late_s(), strained, late, self._own_busy)

    def _take(self, pressure: Pressure, figures: Figures) -> None:
        before, self._pressure = self._pressure.load, pressure
        if before != self.load:
            level = logging.WARNING if self.load else logging.INFO
            busy = 0 if self._media is None else self._media.busy_permille
            log.log(
                level,
                "load changed load=%s loop_late_ms=%d store_late_ms=%d media_busy_permille=%d own_busy_permille=%d",
                self.load.name.lower(),
                figures.loop_late_s * 1_000,
                figures.store_late_s * 1_000,
                busy,
                figures.own_busy * 1_000,
            )
        self._told(self._pressure, figures)
