"""The phone tells its registrar where it is, again before that is forgotten, and takes it back at the end.

Source: RFC 3261, section 10.2.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Callable

from roomtone.sip import contacts
from roomtone.softphone.account import Account, PhoneProblem
from roomtone.softphone.agent import Address, Agent
from roomtone.softphone.asking import ask_as
from roomtone.testing.sip_text import SipMessage

EXPIRES_S = 300
"""How long it wants to be remembered."""

AGAIN_S = 20.0
"""When it tries again after it could not renew."""


class Registration:
    """One phone at one registrar."""

    def __init__(
        self, account: Account, agent: Agent, registrar: Address, failed: Callable[[str], None]
    ) -> None:
        self._account, self._agent, self._registrar, self._failed = account, agent, registrar, failed
        self._call_id, self._tag, self._number = secrets.token_hex(12), secrets.token_hex(6), 0
        self._renewing: asyncio.Task[None] | None = None

    async def begin(self) -> int:
        """Register, and go on renewing; give for how many seconds it holds.

        Raises:
            PhoneProblem: The registrar refuses, or is not there.
        """
        granted_s = await self._register(EXPIRES_S)
        self._renewing = asyncio.create_task(self._renew(granted_s), name="registration")
        return granted_s

    async def end(self) -> None:
        """Take it back, if the registrar still listens."""
        if self._renewing is None:
            return
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)
        with contextlib.suppress(PhoneProblem, TimeoutError):
            async with asyncio.timeout(2):
                await self._register(0)

    async def _renew(self, granted_s: int) -> None:
        while True:
            await asyncio.sleep(max(granted_s / 2, 5))
            try:
                granted_s = await self._register(EXPIRES_S)
            except PhoneProblem as why:
                self._failed(str(why))
                granted_s = round(2 * AGAIN_S)

    async def _register(self, expires_s: int) -> int:
        _, reply = await ask_as(self._account, self._agent, lambda: self._compose(expires_s), self._registrar)
        if reply is None:
            raise PhoneProblem(f"nobody answers at {self._account.server}")
        if reply.status >= 300:
            raise PhoneProblem(_why(reply, self._account))
        return _granted_s(reply, self._contact, expires_s)

    @property
    def _contact(self) -> str:
        return f"sip:{self._account.user}@{self._agent.host_port}"

    def _compose(self, expires_s: int) -> SipMessage:
        self._number += 1
        headers = (
            self._agent.via(),
            ("Max-Forwards", "70"),
            ("From", f"<{self._account.uri}>;tag={self._tag}"),
            ("To", f"<{self._account.uri}>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._number} REGISTER"),
            ("Contact", f"<{self._contact}>"),
            ("Expires", str(expires_s)),
            ("User-Agent", "roomtone phone"),
        )
        return SipMessage(f"REGISTER sip:{self._account.server} SIP/2.0", headers)


def _granted_s(reply: SipMessage, contact: str, asked_s: int) -> int:
    """Find out for how long: our own contact's word goes before the header's (RFC 3261, section 10.3, 8)."""
    told = contacts.read(reply.headers)
    ours = [one.expires_s for one in told.each if contacts.same(one.uri, contact)] if told else []
    granted_s = next((one for one in ours if one is not None), told.expires_s if told else None)
    return asked_s if granted_s is None else granted_s


def _why(reply: SipMessage, account: Account) -> str:
    said = f"{account.server} says {reply.status} {reply.reason}"
    if reply.status in {401, 407}:
        return f"{said}: a password is needed" if account.password is None else f"{said}: another password"
    if reply.status in {403, 404}:
        return f"{said}: the name {account.user!r} or its password is not known there"
    return re.sub(r"\s+", " ", said).strip()
