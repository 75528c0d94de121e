"""The courier: takes what is owed out of the outbox and carries it to customers' servers.

One task claims; each conference or call it claims for gets a short task of its own, its *lane*, which delivers notices
one after the other. So the notices of one arrive in order and none waits for another; how many lanes each customer's
server gets is the shares' to say (`webhooks.shares`). A delivery that fails never touches a call: it is recorded and,
maybe, due again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from roomtone.core.delivery import Addressee, Claim, Owed
from roomtone.core.moment import Moment
from roomtone.webhooks.delivery import Tools, deliver
from roomtone.webhooks.insisting import PAUSE_S, insist
from roomtone.webhooks.shares import Shares, Sharing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the courier works."""

    holder: str = "courier"
    """Its name on leases; two couriers of one store must differ, one courier keeps it over restarts."""

    sharing: Sharing = Sharing()  # noqa: RUF009 - frozen
    """How much is delivered at the same time, and to whom."""

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
        self._tools = replace(tools, pause=pause)
        self._settings = settings
        self._pause = pause
        self._woken = asyncio.Event()
        self._progress = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()
        self._shares = Shares(settings.sharing)

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
        waiting = await self._tools.outbox.waiting()
        wants = self._shares.choose(waiting, now)
        if not wants:
            next_ms = self._shares.next_ms(waiting, now)
            return None if next_ms is None else (next_ms - now.wall_ms) / 1_000
        claim = Claim(self._settings.holder, now.wall_ms, self._until(now), wants)
        claimed = await self._tools.outbox.claim(claim)
        for owed in claimed:
            self._begin(owed)
        return 0.0 if claimed else PAUSE_S  # another courier was quicker

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
        waiting = await self._tools.outbox.waiting()
        return bool(self._lanes or self._shares.choose(waiting, self._tools.clock.now()))

    # Lanes ------------------------------------------------------------------------------------------------------------

    def _begin(self, owed: Owed) -> None:
        self._shares.begin(owed.addressee)
        lane = asyncio.create_task(self._run_lane(owed), name=f"courier {owed.notice.lane}")
        self._lanes.add(lane)
        lane.add_done_callback(partial(self._end, owed.addressee))

    async def _run_lane(self, first: Owed) -> None:
        """Deliver a lane's notices one after the other, and then those of others of its addressee, for a while."""
        tools, whose = self._tools, first.notice.project
        project = await insist(
            lambda: tools.outbox.project(whose), first.leased_until_ms, tools.clock, self._pause
        )
        turn = _Turn(first.addressee, self._shares, self._settings)
        owed: Owed | None = first
        while owed is not None:
            turn.take(owed)
            owed = await deliver(owed, project, tools, turn)

    def _end(self, addressee: Addressee, lane: asyncio.Task[None]) -> None:
        """Clear up after a lane; what it left undone is due again when its lease runs out."""
        self._lanes.discard(lane)
        self._shares.end(addressee)
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


class _Turn:
    """One lane's turn."""

    def __init__(self, addressee: Addressee, shares: Shares, settings: Settings) -> None:
        self._addressee = addressee
        self._shares = shares
        self._settings = settings
        self._left = settings.run

    def take(self, owed: Owed) -> None:
        """Begin another notice; it may be for another address than the one before."""
        self._left -= 1
        self._addressee = owed.addressee

    @property
    def probing(self) -> bool:
        return self._shares.of(self._addressee).away

    def arrived(self, latency_s: float) -> None:
        if self._shares.arrived(self._addressee, latency_s):
            log.info("host=%s project=%s is back", self._addressee.host, self._addressee.project)

    def missed(self, now: Moment) -> None:
        if self._shares.missed(self._addressee, now):
            log.warning("host=%s project=%s is away", self._addressee.host, self._addressee.project)

    def next_lease(self, now: Moment) -> int | None:
        """Lease no further notice if others have waited, or nobody is there to take it."""
        if self._left <= 0 or self.probing:
            return None
        return now.after(self._settings.lease_s).wall_ms
