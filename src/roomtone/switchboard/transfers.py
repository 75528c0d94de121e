"""Transfers that phones ask for: a REFER within a call puts somebody else in the place of whoever sends it.

Whoever is at the other end is connected with them: the other call of a Dial or of a queue, or the conference. Only a
phone that has proved who it is may do so, and only to where its project may call, for a transfer is a call of ours;
anybody may where the customer has said what is to become of it (`referUrl`).

Sources: RFC 3515; RFC 5589, section 6 (basic transfer); RFC 4488; Twilio "Inbound SIP REFER" (referUrl).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape, quoteattr

from roomtone.core.call.messages import PeerAsked
from roomtone.core.call.parties import user_of
from roomtone.core.call.wishes import Dismissed, Instructions
from roomtone.core.conference.messages import SetEndOnExit
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.refusals import Refused
from roomtone.core.routing import is_number, is_this_machine
from roomtone.core.values import Document
from roomtone.cxml.verbs import Client, Dial, Number, Party, Sip
from roomtone.sip import referral
from roomtone.sip.contacts import host_of
from roomtone.switchboard.attempt import Attempt, News, What
from roomtone.switchboard.attended import WAITING, Consultation, connect, consult, join, let_go, taken_over
from roomtone.switchboard.calling import Calling
from roomtone.switchboard.dialogue import Dialogue
from roomtone.switchboard.handover import Handover, Parting
from roomtone.switchboard.leg import Leg
from roomtone.switchboard.phones import Denied
from roomtone.switchboard.ports import Clock, Media, Signalling, Store
from roomtone.switchboard.room import Room
from roomtone.switchboard.spelling import invitation_of, named
from roomtone.switchboard.tools import RingParty

log = logging.getLogger(__name__)

LONGEST_S = 120.0
"""Seconds a transfer may take; nobody rings for so long."""

WORDS = {
    100: "Trying",
    200: "OK",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    486: "Busy Here",
}


@dataclass(frozen=True, slots=True)
class Means:
    """What transfers are made with."""

    store: Store
    signalling: Signalling
    dialogue: Dialogue
    calling: Calling
    ring_party: RingParty
    leg: Callable[[CallId], Leg | None]
    """Finds a call."""

    leg_of_dialog: Callable[[str], Leg | None]
    """Finds a call by the Call-ID of its dialog."""

    media: Media
    clock: Clock

    @property
    def here(self) -> str:
        """Our own host."""
        return self.media.address


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One that is granted."""

    leg: Leg
    """Whose phone asks for it."""

    party: Party
    other: Leg | Room
    target: str
    """As the phone wrote it."""


class Transfers:
    """All transfers of the house."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._busy: set[CallId] = set()

    async def take(self, asked: PeerAsked) -> None:
        """Answer a REFER, and carry out what it asks for."""
        leg = self._means.leg(asked.call) if asked.call is not None else None
        if leg is None:
            await self._respond(asked, Denied(481, "No such call"))
        elif leg.call.id in self._busy:
            await self._respond(asked, Denied(491, "Request Pending"))
        else:
            self._busy.add(leg.call.id)
            try:
                await self._transfer(leg, asked)
            finally:
                self._busy.discard(leg.call.id)

    async def _transfer(self, leg: Leg, asked: PeerAsked) -> None:
        try:
            found = await self._grant(leg, asked)
        except OSError as fault:
            log.error("call=%s cannot transfer: %s", leg.call.id, fault)  # noqa: TRY400
            found = Denied(503, "No record can be read", (("Retry-After", "5"),))
        if isinstance(found, Denied):
            log.warning("call=%s may not transfer: %d %s", asked.call, found.status, found.reason)
            await self._respond(asked, found)
            return
        silent = (asked.header("Refer-Sub") or "").strip().lower() == "false"
        headers = (("Refer-Sub", "false"),) if silent else ()
        await self._respond(asked, Denied(202, "Accepted", headers))
        await self._carry_out(found, asked.cseq, silent=silent)

    async def _respond(self, asked: PeerAsked, answer: Denied) -> None:
        try:
            await self._means.signalling.respond(asked, answer.status, answer.reason, answer.headers)
        except EngineUnavailable as fault:
            log.info("call=%s a REFER went with the engine: %s", asked.call, fault)

    # Whether it may be -----------------------------------------------------------------------------------------------

    async def _grant(self, leg: Leg, asked: PeerAsked) -> _Transfer | Consultation | Denied:
        said = referral.read(asked.headers)
        if said is None:
            return Denied(400, "Bad Refer-To")
        if said.replaces is not None:
            return consult(leg, self._means.leg_of_dialog(said.replaces), self.far_end)
        other = self.far_end(leg)
        if other is None:
            return Denied(603, "Nobody to transfer")
        try:
            party = await self._party(leg.project, said.uri, asked)
            if isinstance(other, Room) or _document(leg, other) is None:
                if not leg.is_phone:
                    return Denied(403, "Only a registered phone may transfer")
                await self._means.calling.way(leg.project, named(party), self._means.here)
        except (Refused, ValueError) as no:
            log.info("call=%s may not transfer to=%s: %s", leg.call.id, said.uri, no)
            return Denied(403, "No calls may go there")
        return _Transfer(leg, party, other, said.shown)

    def far_end(self, leg: Leg) -> Leg | Room | None:
        """Give whom a call is connected with: another call, or its conference."""
        if leg.room is not None:
            return leg.room
        partner = leg.partner
        return None if partner is None else self._means.leg(partner)

    async def _party(self, project: Project, uri: str, asked: PeerAsked) -> Party:
        """Say whom a phone means: at our own address or the project's domain one of its phones, else a number.

        Raises:
            ValueError: Nobody.
        """
        user, host = user_of(uri), host_of(uri)
        if uri.lower().startswith("tel:"):
            return Number(_number(user))
        authority = referral.authority(uri)
        ours = authority == referral.authority(asked.request_uri) or (
            authority == host and (host == self._means.here or is_this_machine(host))
        )
        domain = await self._means.store.domain_named(host)
        if not ours and (domain is None or domain.project != project.id):
            return Sip(uri)
        if await self._means.store.endpoints_named(user, project.id):
            return Client(user)
        return Number(_number(user))

    # Carrying it out -------------------------------------------------------------------------------------------------

    async def _carry_out(self, transfer: _Transfer | Consultation, cseq: int, *, silent: bool) -> None:
        leg = transfer.leg
        log.info("call=%s transfers to=%s", leg.call.id, _whom(transfer))
        outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def tell(status: int) -> None:
            if not outcome.done():
                outcome.set_result(status)

        is_callee = leg.is_callee
        work = self._begin(transfer, tell)
        try:
            if not silent:
                await self._notify(leg.call.id, cseq, 100)
            try:
                async with asyncio.timeout(LONGEST_S):
                    status = await outcome
            except TimeoutError:
                status = 408
            log.info("call=%s transfer to=%s status=%d", leg.call.id, _whom(transfer), status)
            if not silent:
                await self._notify(leg.call.id, cseq, status)
            if is_callee or (work is not None and status == 200):
                leg.tell(Dismissed())  # a phone that has heard of its success hangs up by itself, as a rule
        finally:
            if work is not None:
                work.cancel()

    def _begin(
        self, transfer: _Transfer | Consultation, tell: Callable[[int], None]
    ) -> asyncio.Task[None] | None:
        """Set out; None: the calls themselves see to it."""
        match transfer:
            case Consultation():
                return asyncio.create_task(self._connect(transfer, tell), name="attended transfer")
            case _Transfer(other=Room() as room):
                return asyncio.create_task(self._into(room, transfer, tell), name="transfer into conference")
            case _Transfer(leg=leg, other=Leg() as other):
                handover = Handover(transfer.party, tell, _document(leg, other), transfer.target)
                leg.tell(Parting(partial(other.tell, handover), partial(tell, 487)))
        return None

    async def _connect(self, transfer: Consultation, tell: Callable[[int], None]) -> None:
        try:
            await connect(transfer, self._means.media, self._means.clock, self._seat)
            tell(200)
        except Refused as no:
            log.info("call=%s does not connect its two: %s", transfer.leg.call.id, no)
            tell(403)
        except OSError as fault:
            log.error("call=%s does not connect its two: %s", transfer.leg.call.id, fault)  # noqa: TRY400
            tell(503)

    async def take_over(self, leg: Leg, replaced: CallId) -> None:
        """Let a call that has just come, and does nothing yet, take the place of another, which is ended."""
        held = self._means.leg(replaced)
        try:
            await leg.ask(Instructions(text=WAITING))  # it is up then
            far = taken_over(leg.project, held, self.far_end)
            match far:
                case Denied(reason=reason):
                    log.info("call=%s takes no place: %s", leg.call.id, reason)
                    leg.tell(Dismissed())
                    return
                case Room() as room if held is not None:
                    await self._seat(room, held, leg)
                case Leg() as other:
                    join(leg, other, self._means.media, self._means.clock)
                    log.info("call=%s takes the place of call=%s", leg.call.id, replaced)
                    let_go(other, held)
                    return
        except (Refused, OSError) as no:
            log.info("call=%s takes no place: %s", leg.call.id, no)
            leg.tell(Dismissed())
            return
        log.info("call=%s takes the place of call=%s", leg.call.id, replaced)
        if held is not None:
            held.tell(Dismissed())

    async def _into(self, room: Room, transfer: _Transfer, tell: Callable[[int], None]) -> None:
        """Ring somebody and let them take a participant's seat."""
        leg, news = transfer.leg, asyncio.Queue[News]()
        attempt = Attempt(transfer.party, news)
        invitation = invitation_of(Dial((transfer.party,)), transfer.party, leg.call)
        try:
            await self._means.ring_party(leg.project, invitation, None, leg.call.id, attempt)
            while not attempt.gone and (await news.get()).what is not What.READY:
                pass
            called = None if attempt.call is None else self._means.leg(attempt.call.id)
            if attempt.gone or called is None:
                tell(attempt.failure)
                return
            await self._seat(room, leg, called)
            tell(200)
        except Refused as no:
            log.info("call=%s is not transferred: %s", leg.call.id, no)
            tell(403)
        except OSError as fault:
            log.error("call=%s is not transferred: %s", leg.call.id, fault)  # noqa: TRY400
            tell(503)
        finally:
            attempt.dismiss()

    @staticmethod
    async def _seat(room: Room, leg: Leg, called: Leg) -> None:
        seat = room.conference.find(leg.call.id)
        attributes = {"beep": "false"}
        if seat is not None:
            attributes |= {
                "muted": str(seat.muted).lower(),
                "startConferenceOnEnter": str(seat.start_on_enter).lower(),
                "endConferenceOnExit": str(seat.end_on_exit).lower(),
            }
        spelt = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
        document = f"<Dial><Conference {spelt}>{escape(room.conference.name)}</Conference></Dial>"
        await called.ask(Instructions(text=f"<Response>{document}</Response>"))
        if seat is not None:  # only now: had nobody come, nothing would have changed
            await room.ask(SetEndOnExit(leg.call.id, on=False))

    async def _notify(self, call: CallId, cseq: int, status: int) -> None:
        over = status >= 200
        state = "terminated;reason=noresource" if over else f"active;expires={LONGEST_S:.0f}"
        headers = [("Event", f"refer;id={cseq}"), ("Subscription-State", state)]
        words = WORDS.get(status, "Failed" if status >= 300 else "OK")
        await self._means.dialogue.ask(
            call, "NOTIFY", headers, (referral.SIPFRAG, referral.fragment(status, words))
        )


def _whom(transfer: _Transfer | Consultation) -> str:
    return named(transfer.party) if isinstance(transfer, _Transfer) else "whom it talks with besides"


def _document(leg: Leg, other: Leg) -> Document | None:
    return leg.refer_document or other.refer_document


def _number(user: str) -> str:
    if not is_number(user):
        raise ValueError(f"{user[:40]!r} is neither a phone nor a number")
    return user
