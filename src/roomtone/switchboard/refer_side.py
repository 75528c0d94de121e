"""A leg's Refer: its phone is asked to call somebody else, and tells what came of it.

A phone that has done so hangs up, often with the same breath: what the action is told must not be lost with the call.

Sources: RFC 3515, section 2.4; SignalWire cXML "Refer"; Twilio TwiML "Refer".
"""

from __future__ import annotations

import asyncio

from roomtone.core.call.messages import PeerAsked
from roomtone.core.exchange import Parameters
from roomtone.core.ids import CallId
from roomtone.cxml import messages as cxml
from roomtone.cxml.verbs.refer import action_parameters
from roomtone.sip import referral
from roomtone.switchboard.dialogue import Dialogue

PATIENCE_S = 90.0
"""Seconds without a word after which nothing more is expected: longer than most phones ring."""


ACCEPTED = 202

MOST = 32
"""NOTIFYs that are taken of one REFER."""


class ReferSide:
    """Of one call; idle unless its document refers."""

    def __init__(self, call: CallId, dialogue: Dialogue) -> None:
        self._call = call
        self._dialogue = dialogue
        self._news: asyncio.Queue[PeerAsked] = asyncio.Queue()
        self._answered: int | None = None
        self._notified: int | None = None
        self._under_way = False

    async def refer(self, target: str) -> cxml.Message:
        """Ask, and wait until the phone has told what came of it; gives what the script is told."""
        self._news, self._answered, self._notified = asyncio.Queue(), None, None
        self._under_way = True
        self._answered = await self._dialogue.ask(self._call, "REFER", [("Refer-To", f"<{target}>")])
        if self._answered >= 300:
            return cxml.ReferEnded(self._parameters)
        await self._follow()
        return cxml.ReferEnded(self._parameters, taken_up=True)

    async def _follow(self) -> None:
        """Take what the phone tells, until it is over, nothing comes any more, or too much has come."""
        for _ in range(MOST):
            try:
                async with asyncio.timeout(PATIENCE_S):
                    told = await self._news.get()
            except TimeoutError:
                return
            status = referral.status_of(told.body)
            self._notified = status or self._notified
            final = status is not None and status >= 200
            if final or referral.is_over(told.header("Subscription-State")):
                return

    @property
    def _parameters(self) -> Parameters:
        return action_parameters(self._answered, self._notified)

    def note(self, asked: PeerAsked) -> None:
        """Take a NOTIFY; without a REFER under way it tells nothing."""
        if self._under_way and self._news.qsize() < MOST:
            self._news.put_nowait(asked)

    def hung_up(self) -> Parameters:
        """Say what the action is told when the call was over before the phone told of the end of it."""
        while not self._news.empty():  # what came with the same breath as the end
            self._notified = referral.status_of(self._news.get_nowait().body) or self._notified
        if self._answered is None and self._notified is not None:
            self._answered = ACCEPTED  # only who has taken it up tells of it
        final = self._notified is not None and self._notified >= 200
        return action_parameters(self._answered, self._notified, hung_up=not final)
