"""A leg's side of its own life: it rings, is answered, is refused, hangs up; record and phone line in step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from roomtone.core.call import step as life
from roomtone.core.call.messages import CallEnded
from roomtone.core.call.silence import SilenceOver
from roomtone.core.call.state import CallStatus
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.values import Direction
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.line import Line
from roomtone.switchboard.ports import Clock

log = logging.getLogger(__name__)


class LifeSide:
    """Of one call."""

    def __init__(self, ledger: Ledger, line: Line, clock: Clock, tell: Callable[[SilenceOver], None]) -> None:
        self._ledger = ledger
        self._line = line
        self._clock = clock
        self._tell = tell
        self._silence: asyncio.TimerHandle | None = None
        self._answered = asyncio.Event()

    async def begin(self) -> bool:
        """Keep the record of a call that has just come in, and let the caller hear that it rings; False: it cannot be."""
        ledger = self._ledger
        ledger.call = life.ringing(ledger.call, self._clock.now())
        if not await ledger.commit():
            ledger.call = life.ended_by_us(ledger.call, CallStatus.FAILED, self._clock.now(), 503)
            await self._line.refuse(503, "No record can be kept")
            return False
        await self._line.ring()
        return True

    async def note_ringing(self) -> bool:
        """Note that whom we call is being rung; False: that is known."""
        if self._ledger.call.status is not CallStatus.QUEUED:
            return False
        self._ledger.call = life.ringing(self._ledger.call, self._clock.now())
        await self._ledger.commit()
        return True

    @property
    def is_answered(self) -> bool:
        """Whether the call is up."""
        return self._ledger.call.status is CallStatus.IN_PROGRESS

    async def until_answered(self) -> None:
        """Wait until the call is up."""
        if not self.is_answered:
            await self._answered.wait()

    async def sound_early(self) -> bool:
        """Let the caller hear what comes before the answer; True: from now on they do, answered or not."""
        if self.is_answered:
            return True
        try:
            return self._can_refuse and await self._line.sound_early()
        except EngineUnavailable as fault:
            log.info("call=%s hears nothing before the answer: %s", self._ledger.call.id, fault)
            return False

    def note_answer(self) -> None:
        """Note that whom we call has answered; the script's first step keeps it."""
        self._ledger.call = life.answered(self._ledger.call, self._clock.now())
        self._answered.set()

    async def answer(self) -> None:
        """Answer who calls us."""
        description = await self._line.prepare()
        self._ledger.call = life.answered(self._ledger.call, self._clock.now())
        await self._ledger.commit()
        await self._line.pick_up(description)
        self._answered.set()

    async def refuse(self, status: int, phrase: str, final: CallStatus) -> None:
        """Refuse who calls us."""
        self._ledger.call = life.ended_by_us(self._ledger.call, final, self._clock.now(), status)
        await self._ledger.commit()
        await self._line.refuse(status, phrase)

    async def hang_up(self) -> None:
        """End the call; one who still waits for our answer is refused."""
        if self._can_refuse:
            await self.refuse(500, "No usable document", CallStatus.FAILED)
        else:
            await self._line.hang_up()

    async def finish(self, status: CallStatus) -> None:
        """End the call now; the engine's word of it will be old news."""
        self._ledger.call = life.ended_by_us(self._ledger.call, status, self._clock.now())
        await self._ledger.commit()
        await self._line.hang_up()

    async def give_up(self) -> None:
        """End at the phone what cannot go on here (no port is left); if the engine is gone, so is the phone's call."""
        with contextlib.suppress(EngineUnavailable):
            if self._can_refuse:
                await self._line.refuse(503, "Service Unavailable")
            else:
                await self._line.hang_up()

    async def note_end(self, signal: CallEnded) -> None:
        """Note what the engine tells of the call's end."""
        call = self._ledger.call
        log.info("call=%s ended by=%s status=%d reason=%r", call.id, signal.by, signal.status, signal.reason)
        self._ledger.call = life.ended(call, signal, self._clock.now())
        await self._ledger.commit()

    def await_sound(self, seconds: float | None) -> None:
        """Let the call end when its phone stays silent for so long; None: let it be."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if seconds is not None:
            over = SilenceOver(self._ledger.call.id)
            self._silence = asyncio.get_running_loop().call_later(seconds, self._tell, over)

    @property
    def _can_refuse(self) -> bool:
        """Whether somebody who calls us waits for a yes or no."""
        call = self._ledger.call
        return call.caller.direction is Direction.INBOUND and not self.is_answered
