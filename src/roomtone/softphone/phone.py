"""The phone itself: one line, registered or not, and at most one call at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from roomtone.sdp.agreement import Codec
from roomtone.softphone.account import Account, PhoneProblem, target
from roomtone.softphone.agent import Address, Agent, locate, way_to
from roomtone.softphone.call import Call, Kit, Tell
from roomtone.softphone.called import Called
from roomtone.softphone.calling import Calling
from roomtone.softphone.dialog import ALLOW
from roomtone.softphone.registration import Registration
from roomtone.softphone.sound import Microphone, Sound, Speaker
from roomtone.testing.sip_text import Headers, SipMessage, address_of, reply_to, uri_in

CODECS = frozenset({Codec.PCMU, Codec.PCMA})


@dataclass(frozen=True)
class Wishes:
    """What a phone is to be like, besides whose it is."""

    microphone: Microphone
    speaker: Speaker
    codecs: frozenset[Codec] = CODECS
    answers: bool = False
    """Takes every call at once."""

    headers: Headers = field(default=())
    """More headers of its INVITEs (X-…)."""


class Phone:
    """A user agent with one line. Open it; it tells what happens."""

    def __init__(self, account: Account, wishes: Wishes, tell: Tell) -> None:
        self.account, self.wishes, self.tell = account, wishes, tell
        self.call: Call | None = None
        """The last one; it may be over."""

        self.called = asyncio.Event()
        """Somebody has called."""

        self._agent: Agent | None = None
        self._kit: Kit | None = None
        self._registration: Registration | None = None
        self._ending: asyncio.Task[None] | None = None
        """Gives back what the call before the last one had."""

    async def open(self, reach: str | None = None) -> Self:
        """Take a port, and register if the account says where.

        Args:
            reach: Of a phone without a server, the address it will call, to find out from where.

        Raises:
            PhoneProblem: The port is taken, the server not there, or it does not know us.
        """
        server = await locate(self.account.server) if self.account.server else None
        remote = server or (await locate(reach) if reach else None)
        local = self.account.local or (way_to(remote) if remote else "127.0.0.1")
        self._agent = await Agent.open(local, self.account.port, self._take)
        self._kit = Kit(
            self.account, self._agent, server, self.wishes.codecs, self._open_sound(local), self.tell
        )
        self.tell("listening", uri=f"sip:{self.account.user}@{self._agent.host_port}")
        if server is not None:
            self._registration = Registration(
                self.account, self._agent, server, lambda why: self.tell("unregistered", why=why)
            )
            granted_s = await self._registration.begin()
            self.tell("registered", uri=self.account.uri, expires_s=granted_s)
        return self

    async def close(self) -> None:
        """Hang up, sign off, and give the port back."""
        if self.call is not None:
            await self.call.close()
        if self._registration is not None:
            await self._registration.end()
        if self._agent is not None:
            self._agent.close()

    async def dial(self, asked: str) -> Call:
        """Call somebody.

        Raises:
            PhoneProblem: That is no address, or there is a call already.
        """
        assert self._kit is not None, "open it first"
        await self._free()
        call = Calling(self._kit, target(asked, self.account.server), self.wishes.headers)
        self.call = call
        call.start()
        return call

    def answer(self) -> None:
        """Take the call that rings, if one does."""
        if isinstance(self.call, Called):
            self.call.answer()

    async def _free(self) -> None:
        if self.call is not None:
            if not self.call.over.is_set():
                raise PhoneProblem("there is a call already: hang up first")
            await self.call.close()

    def _open_sound(self, local: str) -> Callable[[], Sound]:
        return lambda: Sound(local, self.wishes.microphone, self.wishes.speaker)

    # What comes in -----------------------------------------------------------------------------------------------------

    def _take(self, request: SipMessage, source: Address) -> None:
        call = self.call
        if call is not None and request.get("call-id") == call.dialog.call_id and not call.over.is_set():
            call.take(request, source)
        elif request.method == "INVITE" and ";tag=" not in request.get("to"):
            self._ring(request, source)
        elif request.method == "OPTIONS":
            self._say(request, source, 200, "OK")
        elif request.method != "ACK":
            self._say(request, source, 481, "Call/Transaction Does Not Exist")

    def _ring(self, invite: SipMessage, source: Address) -> None:
        assert self._kit is not None
        if self.call is not None and not self.call.over.is_set():
            self._say(invite, source, 486, "Busy Here")
            return
        try:
            address_of(uri_in(invite.get("contact")))
        except ValueError:
            self._say(invite, source, 400, "Bad Contact")
            return
        if self.call is not None:
            self._ending = asyncio.create_task(self.call.close())
        call = self.call = Called(self._kit, invite, source)
        call.ring()
        self.called.set()
        if self.wishes.answers:
            call.answer()

    def _say(self, request: SipMessage, source: Address, status: int, reason: str) -> None:
        assert self._agent is not None
        said = reply_to(request, status, reason, tag="phone", more=(("Allow", ALLOW),))
        self._agent.reply(request, said, source)
