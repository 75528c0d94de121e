"""A leg's side of a call that we make: waiting for its turn, the INVITE; and how long any call may last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from roomtone.core.call.messages import CallEnded, EndedBy
from roomtone.core.call.wishes import TimeOver
from roomtone.core.exchange import EngineUnavailable, Summons
from roomtone.core.ids import CallId
from roomtone.switchboard.line import Line

log = logging.getLogger(__name__)


class CallingSide:
    """Of one call; idle for a call that came in, unless its time is limited."""

    def __init__(self, call: CallId, line: Line, tell: Callable[[CallEnded | TimeOver], None]) -> None:
        self._call = call
        self._line = line
        self._tell = tell
        self.keys = ""
        """To be pressed once they have answered."""

        self._limit_s = 0.0
        self._dialling: asyncio.Task[None] | None = None
        self._limit: asyncio.TimerHandle | None = None

    def dial(self, summons: Summons, turn: Awaitable[None], limit_s: float) -> None:
        """Call somebody when it is our turn.

        Args:
            summons: Whom, and as whom.
            turn: Is over when this call may be made.
            limit_s: Seconds the call may last from its answer on.
        """
        self._limit_s, self.keys = limit_s, summons.keys
        self._dialling = asyncio.create_task(self._dial(summons, turn), name=f"dialling {self._call}")

    @property
    def is_to_come(self) -> bool:
        """Whether it waits for its turn, or no engine has taken its INVITE yet."""
        return self._dialling is not None and not self._dialling.done()

    async def _dial(self, summons: Summons, turn: Awaitable[None]) -> None:
        await turn
        try:
            await self._line.call(summons)
        except EngineUnavailable as fault:
            log.warning("call=%s cannot be made: %s", self._call, fault)
            self._tell(CallEnded(self._call, EndedBy.TRANSPORT, 503, str(fault), answered=False))

    def answered(self) -> None:
        """Let the time of the call begin to run."""
        if self._limit_s:
            self._begin_limit(self._limit_s)

    def limit(self, seconds: float, lasted_s: float | None) -> None:
        """Let the call last for so long and no longer.

        Args:
            seconds: From its answer on.
            lasted_s: Since its answer; None: a call of ours is not answered yet.
        """
        self._limit_s = seconds
        if lasted_s is not None:
            self._begin_limit(max(0.0, seconds - lasted_s))

    def _begin_limit(self, seconds: float) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = asyncio.get_running_loop().call_later(seconds, self._tell, TimeOver())

    def close(self) -> None:
        """Leave nothing behind: no task, no timer."""
        for due in (self._dialling, self._limit):
            if due is not None:
                due.cancel()
