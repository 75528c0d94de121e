"""The courier: takes what is owed out of the outbox and carries it to customers' servers.

One task claims; each conference or call it claims for gets a short task of its own, its *lane*, which delivers notices
one after the other. So the notices of one arrive in order, none waits for another, and no host is asked by more than
its share of them at a time. A delivery that fails never touches a call: it is recorded and, maybe,
due again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from roomtone.core.delivery import Claim, Owed
from roomtone.core.moment import Moment
from roomtone.webhooks.delivery import NextLease, Tools, deliver

log = logging.getLogger(__name__)

PAUSE_S = 1.0
"""How long to wait while the store does not answer, or while all that is due is for hosts that have their share."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the courier works."""

    holder: str = "courier"
    """Its name on leases; two couriers of one store must differ, one courier keeps it over restarts."""

    parallel: int = 128
    """Conferences and calls delivered for at the same time."""

    per_host: int = 8
    """Deliveries to one host at the same time."""

    run: int = 20
    """Notices of one conference or call delivered in a row before others get its turn."""

    lease_s: float = 60.0
    """How long a notice stays leased, in seconds; another courier takes it over after that."""


class Courier:
    """Delivers at least once, in order per conference and per call."""

    def __init__(
        self,
        tools: Tools,
        settings: Settings = Settings(),
        pause: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
    ) -> None:
        self._tools = tools
        self._settings = settings
        self._pause = pause
        self._woken = asyncio.Event()
        self._progress = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()
        self._hosts: Counter[str] = Counter()
        self._slots: dict[str, asyncio.Semaphore] = {}

    def wake(self) -> None:
        """Say that something was committed that is owed. Never waits."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then is left to the next life, under the same event id."""
        try:
            await self._patiently(self._release)
            while True:
                self._woken.clear()
                rest_s = await self._patiently(self._claim)
                await self._rest(rest_s)
        finally:
            await self._stop()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until nothing is due any more, at most so long; what is due later stays in the outbox.

        Returns:
            Whether nothing is due any more.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    self._progress.clear()
                    if not await self._anything_due():
                        return True
                    self.wake()
                    await self._progress.wait()
        except (TimeoutError, OSError):
            return False

    # Claiming ---------------------------------------------------------------------------------------------------------

    async def _patiently(self, ask: Callable[[], Coroutine[Any, Any, float | None]]) -> float | None:
        """Ask the store; if it does not answer, wait and ask again."""
        while True:
            try:
                return await ask()
            except OSError as fault:
                log.warning("the outbox does not answer: %s", fault)
                await self._pause(PAUSE_S)

    async def _release(self) -> None:
        await self._tools.outbox.release(self._settings.holder)

    async def _claim(self) -> float | None:
        """Begin lanes for what is due, and say how many seconds there is nothing more to do; None: until woken."""
        now = self._tools.clock.now()
        due_ms = await self._tools.outbox.next_due()
        if due_ms is None:
            return None
        if due_ms > now.wall_ms:
            return (due_ms - now.wall_ms) / 1_000
        space = self._settings.parallel - len(self._lanes)
        claimed = await self._tools.outbox.claim(self._wanted(now, space)) if space > 0 else ()
        for owed in claimed:
            self._begin(owed)
        return 0.0 if claimed else PAUSE_S

    def _wanted(self, now: Moment, space: int) -> Claim:
        share = self._settings.per_host
        busy = frozenset(host for host, lanes in self._hosts.items() if lanes >= share)
        return Claim(self._settings.holder, now.wall_ms, self._until(now), space, share, busy)

    def _until(self, now: Moment) -> int:
        return now.after(self._settings.lease_s).wall_ms

    async def _rest(self, seconds: float | None) -> None:
        """Wait until woken, at most so long."""
        if seconds is not None and seconds <= 0:
            return
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._woken.wait(), name="courier woken")]
        if seconds is not None:
            waits.append(asyncio.create_task(self._pause(seconds), name="courier rests"))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _anything_due(self) -> bool:
        due_ms = await self._tools.outbox.next_due()
        return bool(self._lanes) or (due_ms is not None and due_ms <= self._tools.clock.now().wall_ms)

    # Lanes ------------------------------------------------------------------------------------------------------------

    def _begin(self, owed: Owed) -> None:
        self._hosts[owed.host] += 1
        self._slots.setdefault(owed.host, asyncio.Semaphore(self._settings.per_host))
        lane = asyncio.create_task(self._run_lane(owed), name=f"courier {owed.notice.lane}")
        self._lanes.add(lane)
        lane.add_done_callback(partial(self._end, owed.host))

    async def _run_lane(self, first: Owed) -> None:
        """Deliver a lane's notices one after the other, for a while."""
        project = await self._tools.outbox.project(first.notice.project)
        owed: Owed | None = first
        left = self._settings.run
        while owed is not None:
            left -= 1
            next_lease: NextLease = self._until if left > 0 else _leave
            async with self._slots[first.host]:
                owed = await deliver(owed, project, self._tools, next_lease)

    def _end(self, host: str, lane: asyncio.Task[None]) -> None:
        """Clear up after a lane; what it left undone is due again when its lease runs out."""
        self._lanes.discard(lane)
        self._hosts[host] -= 1
        if not self._hosts[host]:
            del self._hosts[host], self._slots[host]
        fault = None if lane.cancelled() else lane.exception()
        if isinstance(fault, OSError):
            log.warning("%s left off, the outbox does not answer: %s", lane.get_name(), fault)
        elif fault is not None:
            log.error("%s failed", lane.get_name(), exc_info=fault)
        self._progress.set()
        self.wake()

    async def _stop(self) -> None:
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)


def _leave(_now: Moment) -> None:
    """Lease no further notice: others have waited."""
