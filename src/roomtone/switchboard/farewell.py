"""What a customer is still told of a document after its call is over: what came of a Refer.

A phone that was asked to call somebody else hangs up when it has, perhaps before its word of it has gone on to the
action, perhaps while the action is being asked. What the action answers has no effect then.

Source: Twilio TwiML "Refer" (the caller hangs up before it is over).
"""

from __future__ import annotations

from roomtone.core.exchange import FetchRequest
from roomtone.cxml import script as machine
from roomtone.cxml.steps.refer import is_outcome
from roomtone.switchboard.sides import Sides
from roomtone.switchboard.spelling import voice_parameters
from roomtone.switchboard.tools import Tools


class Farewell:
    """Of one call that has just ended; made before what it has under way is dropped."""

    def __init__(self, sides: Sides, tools: Tools, script: machine.Script) -> None:
        self._sides = sides
        self._tools = tools
        self._refer = machine.refer_of(script)
        if script.stage is machine.Stage.FETCHING and is_outcome(script.asked_with):
            self._asking = sides.undertaking.let_finish()
        else:
            self._asking = None

    def begin(self) -> None:
        """See to it that the customer is told."""
        call = self._sides.ledger.call.id
        if self._asking is not None:
            asking = self._asking

            async def finish() -> None:
                await asking

            self._tools.later(finish(), f"farewell {call}")
        elif self._refer is not None and self._refer.action is not None:
            self._tools.later(self._ask(self._refer.action), f"farewell {call}")

    async def _ask(self, action: str) -> None:
        sides = self._sides
        assert self._refer is not None, "it referred"
        told = voice_parameters(sides.project, sides.ledger.call, sides.refer.hung_up())
        call = sides.ledger.call.id
        request = FetchRequest(sides.project, action, self._refer.method, told, call=call)
        await self._tools.documents.fetch(request)
