"""A call that is up or on its way: its sound, its end, and what the other side asks for in the middle.

How it comes to be is told in `calling` (we call) and `called` (we are called).

Sources: RFC 3261, sections 12.2, 14 (re-INVITE), 15 (BYE); RFC 3264 (offer and answer); RFC 3311 (UPDATE).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from roomtone.sdp.agreement import Agreement, Codec
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.write import answer, offer
from roomtone.softphone.account import Account, PhoneProblem
from roomtone.softphone.agent import Address, Agent, locate
from roomtone.softphone.dialog import ALLOW, Dialog
from roomtone.softphone.sound import Sound
from roomtone.testing.sip_text import Headers, SipMessage, reply_to

Tell = Callable[..., None]
"""Told of what happens: ``tell("answered", codec="PCMU")``."""

SDP = ("Content-Type", "application/sdp")


@dataclass(frozen=True)
class Kit:
    """What a call is made with."""

    account: Account
    agent: Agent
    server: Address | None
    """Where calls that begin go to; None: where their address says."""

    codecs: frozenset[Codec]
    open_sound: Callable[[], Sound]
    tell: Tell


@dataclass(frozen=True, slots=True)
class Over:
    """How a call ended."""

    by: str
    """``us``, ``them``, or ``nobody`` when no answer came at all."""

    status: int = 0
    """SIP status of a call that was never answered; 0 otherwise."""

    reason: str = ""


class Call:
    """One call. Make one by `calling.Calling` or `called.Called`."""

    def __init__(self, kit: Kit, dialog: Dialog, other: str) -> None:
        self.kit, self.dialog, self.other = kit, dialog, other
        self.sound = kit.open_sound()
        self.up, self.over = asyncio.Event(), asyncio.Event()
        self.how_over: Over | None = None
        self.answered_s: float | None = None
        """Of the monotonic clock."""

        self._session, self._version = secrets.randbits(31), 0
        self._tasks: set[asyncio.Task[Any]] = set()

    # What the user does ------------------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """How long it has been up."""
        return 0.0 if self.answered_s is None else time.monotonic() - self.answered_s

    async def hang_up(self) -> None:
        """End it, whatever its state."""
        if self.over.is_set():
            return
        if not self.up.is_set():
            await self._give_up()
            return
        goodbye = self.dialog.request(self.kit.agent, "BYE")
        where = await locate(self.dialog.next_hop)
        self.finish(Over("us"))
        await self.kit.agent.ask(goodbye, where)

    async def _give_up(self) -> None:
        """End what is not up yet."""
        raise NotImplementedError

    # What the other side does ------------------------------------------------------------------------------------------

    def take(self, request: SipMessage, source: Address) -> None:
        """Take a request of this dialog."""
        match request.method:
            case "BYE":
                self.reply(request, source, 200, "OK")
                self.finish(Over("them"))
            case "INVITE" | "UPDATE" if request.body:
                self._take_offer(request, source)
            case "INVITE":  # they want an offer of ours
                self.reply(request, source, 200, "OK", body=self.our_offer())
            case "UPDATE" | "OPTIONS" | "INFO":
                self.reply(request, source, 200, "OK")
            case "ACK":
                self.take_ack(request)
            case _:
                self.reply(request, source, 501, "Not Implemented")

    def take_ack(self, ack: SipMessage) -> None:
        """Take an ACK: it may carry the answer to an offer of ours."""
        if ack.body:
            self.agree(ack.body)

    def _take_offer(self, request: SipMessage, source: Address) -> None:
        try:
            agreed = negotiate(request.body, self.kit.codecs)
        except NotAcceptable as why:
            self.reply(request, source, why.status, "Not Acceptable Here")
            return
        self.sound.agree(agreed)
        self.reply(request, source, 200, "OK", body=self.our_answer(agreed, request.body))

    # Small steps -------------------------------------------------------------------------------------------------------

    def our_offer(self) -> str:
        """Write what we offer."""
        self._version += 1
        return offer(
            host=self.kit.agent.host, port=self.sound.port, session=self._session, version=self._version,
            abilities=self.kit.codecs,
        )  # fmt: skip

    def our_answer(self, agreed: Agreement, offered: str) -> str:
        """Write what we say to an offer."""
        self._version += 1
        return answer(
            agreed, host=self.kit.agent.host, port=self.sound.port, session=self._session,
            version=self._version, offer=offered,
        )  # fmt: skip

    def agree(self, sdp: str) -> bool:
        """Let the sound flow as the answer to our offer says; False: it cannot."""
        try:
            self.sound.agree(negotiate(sdp, self.kit.codecs))
        except NotAcceptable:
            return False
        return True

    def reply(
        self, request: SipMessage, source: Address, status: int, reason: str, *, body: str = ""
    ) -> None:  # fmt: skip
        """Answer a request of this dialog."""
        more: Headers = (("Contact", self.dialog.contact), ("Allow", ALLOW), *([SDP] if body else []))
        said = reply_to(request, status, reason, tag=self.dialog.tag, more=more, body=body)
        self.kit.agent.reply(request, said, source)

    def answered(self) -> None:
        """Take note that it is up."""
        self.answered_s = time.monotonic()
        self.up.set()
        self.kit.tell("answered", other=self.other, codec=self.sound.codec)

    def finish(self, over: Over) -> None:
        """Take note that it is over."""
        if self.over.is_set():
            return
        self.how_over = over
        figures = self.sound.figures
        self.over.set()
        self.kit.tell(
            "ended", other=self.other, by=over.by, status=over.status, reason=over.reason,
            seconds=round(self.seconds, 1), sent=figures.sent, received=figures.received, lost=figures.lost,
            jitter_ms=round(figures.jitter_ms, 1), loudest_heard_db=round(figures.loudest_heard_db, 1),
        )  # fmt: skip

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside; what the network refuses ends the call."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except (PhoneProblem, OSError) as why:
            self.finish(Over("nobody", 0, str(why)))

    async def close(self) -> None:
        """Hang up if need be, and give everything back."""
        try:
            async with asyncio.timeout(3):
                await self.hang_up()
                await self.over.wait()
        except (TimeoutError, PhoneProblem):
            self.finish(Over("us"))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sound.close()
