"""A call that we make: INVITE, a proof if one is asked for, ringing, the answer; or CANCEL.

Sources: RFC 3261, sections 9.1 (CANCEL), 13.2 (INVITE); RFC 3262 is not spoken: provisional answers are not confirmed.
"""

from __future__ import annotations

import asyncio

from roomtone.softphone.agent import locate
from roomtone.softphone.asking import ask_as, refusal_ack
from roomtone.softphone.call import Call, Kit, Over
from roomtone.softphone.dialog import ALLOW, Dialog
from roomtone.testing.sip_text import Headers, SipMessage


class Calling(Call):
    """One call that we make."""

    def __init__(self, kit: Kit, target: str, headers: Headers = ()) -> None:
        account = kit.account
        own = account.uri if account.server else f"sip:{account.user}@{kit.agent.host_port}"
        super().__init__(kit, Dialog.outgoing(kit.agent, account.user, own, target), target)
        self._target, self._headers = target, headers
        self._sent: SipMessage | None = None
        self._progress = asyncio.Event()
        self._unwanted = False

    def start(self) -> None:
        """Call, and tell what comes of it."""
        self.kit.tell("calling", other=self.other)
        self.begin(self._invite())

    async def _invite(self) -> None:
        where = self.kit.server or await locate(self._target)
        invite, reply = await ask_as(
            self.kit.account, self.kit.agent, self._compose, where, progress=self._ring, sent=self._note
        )
        if reply is None:
            self.finish(Over("nobody", 408, "nobody answers"))
        elif reply.status >= 300:
            self.kit.agent.acknowledge(refusal_ack(invite, reply), where)
            self.finish(Over("us" if self._unwanted else "them", reply.status, reply.reason))
        else:
            await self._connect(reply)

    async def _connect(self, reply: SipMessage) -> None:
        self.dialog.established(reply)
        where = await locate(self.dialog.next_hop)
        self.kit.agent.acknowledge(self.dialog.request(self.kit.agent, "ACK"), where)
        fits = self.agree(reply.body)
        self.up.set()
        if self._unwanted or not fits:  # answered while we gave up, or with nothing that we can play
            await self.hang_up()
            return
        self.answered()

    def _compose(self) -> SipMessage:
        more = (("Allow", ALLOW), *self._headers)
        return self.dialog.request(self.kit.agent, "INVITE", more=more, body=self.our_offer())

    def _note(self, invite: SipMessage) -> None:
        self._sent = invite
        self._progress.clear()

    def _ring(self, reply: SipMessage) -> None:
        if not self._progress.is_set() and reply.status > 100:
            self.kit.tell("ringing", other=self.other, status=reply.status)
            self._progress.set()
        if reply.body and not self.up.is_set() and not self.sound.codec and self.agree(reply.body):
            self.kit.tell("early", other=self.other, codec=self.sound.codec)

    async def _give_up(self) -> None:
        """A CANCEL may only follow a provisional response (RFC 3261, section 9.1)."""
        self._unwanted = True
        waits = [asyncio.create_task(event.wait()) for event in (self._progress, self.over, self.up)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if self._sent is None or self.over.is_set() or self.up.is_set():
            return
        names = {"via", "max-forwards", "route", "from", "to", "call-id"}
        kept = tuple((name, value) for name, value in self._sent.headers if name.lower() in names)
        number = self._sent.get("cseq").split()[0]
        start = self._sent.start.replace("INVITE", "CANCEL", 1)
        cancel = SipMessage(start, (*kept, ("CSeq", f"{number} CANCEL")))
        await self.kit.agent.ask(cancel, self.kit.server or await locate(self._target))
