"""Calls that come in: whom each is for, what it begins with, and why one is not taken. Decides nothing of that itself.

A call that is to take the place of another (an INVITE with Replaces) is for nobody new: it goes on where that one is.

Sources: RFC 3261, section 21; RFC 3891, section 3.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from roomtone.core.call import step as life
from roomtone.core.call.messages import IncomingCall, PeerAsked
from roomtone.core.call.parties import caller_of
from roomtone.core.call.state import Call
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.core.pressure import RETRY_S
from roomtone.core.project import Project
from roomtone.cxml import script as machine
from roomtone.dialects.sip_parameters import brought_along
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.attended import WAITING, taken_over
from roomtone.switchboard.entry import Admitted, Entry
from roomtone.switchboard.leg import Leg
from roomtone.switchboard.line import Line, Offered
from roomtone.switchboard.phones import Denied
from roomtone.switchboard.ports import Clock, Media, Signalling
from roomtone.switchboard.sealing import Sealing
from roomtone.switchboard.transfers import Transfers
from roomtone.switchboard.trunks import Trunks

log = logging.getLogger(__name__)

SECURE = frozenset({"tls", "wss"})
"""By what signalling goes where others cannot read the keys in it."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What calls are taken with."""

    clock: Clock
    signalling: Signalling
    media: Media
    entry: Entry
    trunks: Trunks
    transfers: Transfers
    leg: Callable[[CallId], Leg | None]
    """Finds a call."""

    adopt: Callable[[Call, Project, machine.Script, Line], Leg]
    """Lets a call run."""

    line: Callable[[CallId, Offered, Sealing], Line]
    sealing: Callable[[bool], Sealing]
    closing: Callable[[], bool]
    """Whether no calls are taken any more."""

    busy: Callable[[], bool]
    """Whether there is too much to do for more calls."""


class Arrivals:
    """Takes each call that comes in, or refuses it with a reason."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def take(self, signal: IncomingCall) -> None:
        """Find whom a call is for and start its document; what cannot be taken is refused with a reason."""
        try:
            if self._reception.closing():
                await self._refuse(signal, Denied(503, "Shutting down"))
                return
            if self._reception.busy():
                await self._refuse(signal, Denied(503, "Too much to do", (("Retry-After", str(RETRY_S)),)))
                return
            sealing = self._reception.sealing(signal.transport in SECURE)
            offered = Offered.read(signal.sdp, self._reception.media.codecs, sealing.demand)
            entered = await self._admit(signal)
            if isinstance(entered, Denied):
                await self._refuse(signal, entered)
                return
            if offered.sdp is not None and self._reception.trunks.is_at(signal.source_host):
                offered = replace(offered, from_trunk=True)
            await self.welcome(signal, entered, self._reception.line(signal.call, offered, sealing))
        except NotAcceptable as no:
            await self._refuse(signal, Denied(no.status, str(no)))
        except OSError as fault:
            log.error("call=%s the store does not answer: %s", signal.call, fault)  # noqa: TRY400
            await self._refuse(signal, Denied(503, "No record can be read"))
        except EngineUnavailable as fault:
            log.warning("call=%s lost with the engine: %s", signal.call, fault)

    async def _admit(self, signal: IncomingCall) -> Admitted | Denied:
        entry, here = self._reception.entry, self._reception.media.address
        if signal.replaces is None:
            return await entry.admit(signal, here)
        project = await entry.phone(signal, here)
        if isinstance(project, Denied):
            return project
        held = self._reception.leg(signal.replaces)
        far = taken_over(project, held, self._reception.transfers.far_end)
        return far if isinstance(far, Denied) else Admitted(project, None, text=WAITING, registered=True)

    async def welcome(self, signal: IncomingCall, entered: Admitted, line: Line) -> None:
        """Let a call that is let in begin with what it is for."""
        project = entered.project
        call = life.incoming(
            signal,
            project.id,
            caller_of(signal),
            self._reception.clock.now(),
            number=entered.number,
            parameters=brought_along(signal),
        )
        call = replace(call, callback=entered.callback)
        log.info(
            "call=%s comes from=%s to=%s project=%s", call.id, call.caller.from_, call.caller.to, project.id
        )
        script = machine.begin(entered.voice, entered.fallback, entered.text)
        leg = self._reception.adopt(call, project, script, line)
        leg.is_phone, leg.sip_call_id = entered.registered, signal.sip_call_id
        await leg.begin()
        if signal.replaces is not None:
            await self._reception.transfers.take_over(leg, signal.replaces)

    async def _refuse(self, signal: IncomingCall, denied: Denied) -> None:
        level = logging.INFO if denied.status == 407 else logging.WARNING
        log.log(
            level,
            "call=%s to=%s refused: %d %s",
            signal.call,
            signal.request_uri,
            denied.status,
            denied.reason,
        )
        try:
            await self._reception.signalling.refuse(signal.call, denied.status, denied.reason, denied.headers)
        except EngineUnavailable as fault:
            log.info("call=%s gone with the engine: %s", signal.call, fault)

    async def decline(self, asked: PeerAsked) -> None:
        """Answer what tells, or asks for nothing that is done here."""
        status, reason = (200, "OK") if asked.method == "NOTIFY" else (603, "Decline")
        try:
            await self._reception.signalling.respond(asked, status, reason)
        except EngineUnavailable as fault:
            log.info("request=%s gone with the engine: %s", asked.request, fault)
