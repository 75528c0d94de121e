"""Calls of browsers that came over HTTP: there is no SIP dialog, so what a dialog would say is said here.

For the switchboard they are calls as any. The engine holds their streams alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from roomtone.core.browsing import Verdict
from roomtone.core.call.messages import CallConfirmed, CallEnded, EndedBy
from roomtone.core.exchange import OnSignal
from roomtone.core.ids import CallId
from roomtone.link import Link
from roomtone.signalling.adapter import EngineSignalling


class Signalling(EngineSignalling):
    """Signalling by the engine behind a link, and of browsers by nobody."""

    def __init__(self, link: Link, on_signal: OnSignal) -> None:
        super().__init__(link, on_signal)
        self._tell = on_signal
        self._browsers: dict[CallId, asyncio.Future[Verdict] | None] = {}
        """Calls of browsers, and who waits for the answer; None: it was given."""

    def expect(self, call: CallId) -> asyncio.Future[Verdict]:
        """Know that a call is a browser's, and give what its answer will be."""
        verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._browsers[call] = verdict
        return verdict

    def know(self, browsers: AbstractSet[CallId]) -> None:
        """Know calls of browsers that an earlier brain answered."""
        for call in browsers:
            self._browsers.setdefault(call, None)

    def forget(self, but: AbstractSet[CallId]) -> None:
        """Have no other engine go on with any call but these, and know no browser's but these."""
        super().forget(but)
        for call in self._browsers.keys() - but:
            self._decide(call, Verdict(503, "Interrupted"))
            del self._browsers[call]

    @property
    def waiting(self) -> AbstractSet[CallId]:
        """Calls of browsers that no answer was given to yet."""
        return frozenset(call for call, verdict in self._browsers.items() if verdict is not None)

    def leave(self, call: CallId) -> bool:
        """Let a browser end its call; False: there is no such call of one."""
        return self._end(call, EndedBy.REMOTE)

    async def ring(self, call: CallId, sdp: str | None = None) -> None:
        """Let the caller hear that it rings; a browser waits in silence."""
        if call not in self._browsers:
            await super().ring(call, sdp)

    async def answer(self, call: CallId, sdp: str) -> None:
        """Answer an INVITE or a re-INVITE, or a browser, which makes no second offer."""
        if call not in self._browsers:
            await super().answer(call, sdp)
        elif self._decide(call, Verdict(200, sdp)):
            self._tell(CallConfirmed(call))

    async def refuse(
        self, call: CallId, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer an INVITE, a re-INVITE or a browser with a final status of 300 or more."""
        if call not in self._browsers:
            await super().refuse(call, status, reason, headers)
        elif self._decide(call, Verdict(status, reason)):
            del self._browsers[call]
            self._tell(CallEnded(call, EndedBy.LOCAL, status, reason, answered=False))

    async def hang_up(self, call: CallId) -> None:
        """End the call; `CallEnded` follows."""
        if not self._end(call, EndedBy.LOCAL):
            await super().hang_up(call)

    def _decide(self, call: CallId, verdict: Verdict) -> bool:
        """Answer a browser; False: that was done before."""
        waiting = self._browsers[call]
        if waiting is None:
            return False
        self._browsers[call] = None
        if not waiting.done():
            waiting.set_result(verdict)
        return True

    def _end(self, call: CallId, by: EndedBy) -> bool:
        if call not in self._browsers:
            return False
        answered = not self._decide(call, Verdict(487, "Request Terminated"))
        del self._browsers[call]
        self._tell(CallEnded(call, by, 0 if answered else 487, "", answered=answered))
        return True
