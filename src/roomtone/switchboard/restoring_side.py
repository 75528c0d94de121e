"""A leg's side towards another engine that has taken the place of one that died: goes on with the call where it was.

The dialog is handed over, the stream opened with the port it had, so that sound is back before anybody is asked; then the
phone is sent a re-INVITE, which tells it of another port, agrees on new keys, and finds out whether it is still there.
An engine that goes away in the middle of this is tried once more, or the one that comes after it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from roomtone.core.call.messages import CallEnded, CallReanswered, EndedBy, EngineReplaced
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.switchboard.line import Line

log = logging.getLogger(__name__)

AGAIN_S = 2.0
"""How long another engine has to take the place of one that died while it took up the call."""


class RestoringSide:
    """Of one call."""

    def __init__(self, call: CallId, line: Line, tell: Callable[[CallEnded | EngineReplaced], None]) -> None:
        self._call = call
        self._line = line
        self._tell = tell
        self._again: asyncio.TimerHandle | None = None
        """Will tell that it is tried once more, or has; None: nothing has failed."""

    async def take(self, message: EngineReplaced | CallReanswered, *, answered: bool) -> None:
        """Go on with an answered call, or end it; an unanswered one nobody can go on with.

        Raises:
            EngineUnavailable: This engine is gone, too, and so was one before it.
        """
        if isinstance(message, CallReanswered):
            await self._line.reconnect(message.status, message.sdp)
        elif answered:
            await self._try()
        else:
            await self._line.hang_up()  # another way of it may have been tried meanwhile
            self._lose(answered=False)

    async def _try(self) -> None:
        """Go on with the call; for the first time it may fail."""
        try:
            restored = await self._line.restore()
        except EngineUnavailable as fault:
            if self._again is not None:
                raise
            log.warning("call=%s is tried once more: %s", self._call, fault)
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(AGAIN_S, self._tell, EngineReplaced(self._call))
            return
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if restored:
            log.info("call=%s goes on with another engine", self._call)
        else:
            self._lose(answered=True)

    def _lose(self, *, answered: bool) -> None:
        self._tell(CallEnded(self._call, EndedBy.INTERNAL, 500, "lost with the engine", answered=answered))
