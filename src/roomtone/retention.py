"""Removing what has been kept long enough: recordings (their sound first, then what is known of them), the delivery log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from roomtone.core.ids import ProjectId
from roomtone.core.listing import RecordingFilter, Span, Window
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.recording.retention import Retention
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Refused

__all__ = ["keep_no_longer", "shorten_log", "sweep"]

_log = logging.getLogger(__name__)

_EVERY_S = 3_600.0
_AT_ONCE = 200


class Records(Protocol):
    """Knows the recordings."""

    async def recordings(
        self, project: ProjectId, wanted: RecordingFilter, window: Window
    ) -> Sequence[Recording]:
        """List a project's recordings."""


class Store(Records, Protocol):
    """Knows all projects, too."""

    async def projects(self) -> Sequence[Project]:
        """List them."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Moment:
        """Read both clocks."""


class Log(Protocol):
    """Keeps the delivery log."""

    async def forget_exchanges(self, before_ms: int) -> int:
        """Remove some of the lines from before a moment, and say how many; 0: there are none left."""


Remove = Callable[[Recording], Awaitable[bool]]


async def keep_no_longer(retention: Retention, records: Store, remove: Remove, clock: Clock) -> None:
    """Look every hour for what has been kept long enough, and remove it; until cancelled."""
    while not retention.for_ever:
        try:
            await sweep(retention, await records.projects(), records, (remove, clock.now().wall_ms))
        except OSError as fault:
            _log.warning("old recordings not removed, tried again fault=%s", fault)
        await asyncio.sleep(_EVERY_S)


async def shorten_log(days: float, log: Log, clock: Clock) -> None:
    """Look every hour for lines of the delivery log that are older, and remove them; until cancelled."""
    while True:
        before_ms = clock.now().wall_ms - int(days * 86_400_000)
        try:
            while await log.forget_exchanges(before_ms):  # in small bites: others write in between
                pass
        except OSError as fault:
            _log.warning("delivery log not shortened, tried again fault=%s", fault)
        await asyncio.sleep(_EVERY_S)


async def sweep(
    retention: Retention, projects: Iterable[Project], records: Records, how: tuple[Remove, int]
) -> int:
    """Remove what has been kept long enough, and give how many that were. What still runs is passed over.

    Args:
        retention: How long.
        projects: Whose recordings.
        records: Knows them.
        how: What removes one, and the wall clock in ms.
    """
    remove, now_ms = how
    removed = 0
    for project in projects:
        until_ms = retention.expired_ms(project.id, now_ms)
        if until_ms is None:
            continue
        while (gone := await _remove_some(records, project.id, until_ms, remove)) > 0:
            removed += gone
    if removed:
        _log.info("recordings kept long enough removed=%d", removed)
    return removed


async def _remove_some(records: Records, project: ProjectId, until_ms: int, remove: Remove) -> int:
    """Remove some hundred that began before a moment and are over, and give how many."""
    wanted = RecordingFilter(created=Span(until_ms=until_ms))
    gone = 0
    for recording in await records.recordings(project, wanted, Window(_AT_ONCE)):
        try:
            gone += recording.over and await remove(recording)
        except Refused:  # it runs after all
            continue
    return gone
