"""Requests of ours within a call that is up (REFER, NOTIFY), and their answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from roomtone.core.call.messages import PeerReplied
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.switchboard.ports import Dice, Signalling

log = logging.getLogger(__name__)

LOST_S = 45.0
"""Seconds after which no answer is going to come: 64 times T1 of RFC 3261, and some."""

NOBODY_ANSWERS = 408


class Dialogue:
    """Asks peers within calls."""

    def __init__(self, signalling: Signalling, dice: Dice) -> None:
        self._signalling = signalling
        self._dice = dice
        self._waiting: dict[str, asyncio.Future[int]] = {}

    async def ask(
        self,
        call: CallId,
        method: str,
        headers: Sequence[tuple[str, str]],
        content: tuple[str, str] | None = None,
    ) -> int:
        """Ask, and give the status of the final answer; 408 if none came, 481 if the call is gone.

        Args:
            call: In whose dialog.
            method: REFER or NOTIFY.
            headers: Besides those of every request in a dialog.
            content: Type and text of the body, if there is one.
        """
        request = f"{self._dice.bits128():032x}"
        answer = self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(LOST_S):
                await self._signalling.ask(request, call, method, headers, content)
                status: int = await answer
        except (TimeoutError, EngineUnavailable) as fault:
            log.info("call=%s no answer to %s: %s", call, method, fault)
            return NOBODY_ANSWERS
        else:
            return status
        finally:
            self._waiting.pop(request, None)

    def replied(self, reply: PeerReplied) -> None:
        """Take an answer; one that nobody waits for is nobody's."""
        answer = self._waiting.get(reply.request)
        if answer is not None and not answer.done():
            answer.set_result(reply.status)
