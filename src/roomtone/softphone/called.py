"""A call that somebody makes to us: it rings, and is answered, declined, or given up by them.

Sources: RFC 3261, sections 9.2 (CANCEL), 13.3 (200 is repeated until its ACK comes).
"""

from __future__ import annotations

import asyncio

from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.softphone.agent import GIVE_UP_S, T1_S, T2_S, Address
from roomtone.softphone.call import SDP, Call, Kit, Over
from roomtone.softphone.dialog import ALLOW, Dialog
from roomtone.testing.sip_text import SipMessage, reply_to, uri_in


class Called(Call):
    """One call that somebody makes to us."""

    def __init__(self, kit: Kit, invite: SipMessage, source: Address) -> None:
        dialog = Dialog.incoming(kit.agent, kit.account.user, invite)
        super().__init__(kit, dialog, uri_in(invite.get("from")))
        self._invite, self._source = invite, source
        self._acknowledged = asyncio.Event()

    def ring(self) -> None:
        """Say that it rings, to both sides."""
        self.reply(self._invite, self._source, 180, "Ringing")
        self.kit.tell("incoming", other=self.other)

    def answer(self) -> None:
        """Take the call."""
        if self.up.is_set() or self.over.is_set():
            return
        offered = self._invite.body
        try:
            agreed = negotiate(offered, self.kit.codecs) if offered else None
        except NotAcceptable as why:
            self._refuse(why.status, "Not Acceptable Here", Over("us", why.status, why.why))
            return
        if agreed is not None:
            self.sound.agree(agreed)
        body = self.our_answer(agreed, offered) if agreed else self.our_offer()
        self.begin(self._say_ok(body))
        self.answered()

    def take(self, request: SipMessage, source: Address) -> None:
        """Take a request of this dialog, or the CANCEL of its INVITE."""
        if request.method != "CANCEL":
            super().take(request, source)
            return
        self.reply(request, source, 200, "OK")
        if not self.up.is_set() and not self.over.is_set():
            self._refuse(487, "Request Terminated", Over("them", 487, "they gave up"))

    def take_ack(self, ack: SipMessage) -> None:
        """The answer has arrived."""
        self._acknowledged.set()
        super().take_ack(ack)

    async def _say_ok(self, body: str) -> None:
        more = (("Contact", self.dialog.contact), ("Allow", ALLOW), SDP)
        said = reply_to(self._invite, 200, "OK", tag=self.dialog.tag, more=more, body=body)
        pause_s, patience_s = T1_S, GIVE_UP_S
        while patience_s > 0 and not self.over.is_set():
            self.kit.agent.reply(self._invite, said, self._source)
            try:
                await asyncio.wait_for(self._acknowledged.wait(), pause_s)
            except TimeoutError:
                patience_s -= pause_s
                pause_s = min(2 * pause_s, T2_S)
            else:
                return
        await self.hang_up()

    async def _give_up(self) -> None:
        self._refuse(603, "Decline", Over("us", 603, "declined"))

    def _refuse(self, status: int, reason: str, over: Over) -> None:
        self.reply(self._invite, self._source, status, reason)
        self.finish(over)
