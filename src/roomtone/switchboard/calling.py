"""Calls of ours: where they may go, as whom, and when each has its turn. The leg does the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from roomtone.core.call import step as life
from roomtone.core.call.pacing import Pace
from roomtone.core.call.parties import user_of
from roomtone.core.call.state import Call
from roomtone.core.call.wishes import Instructions, Invitation
from roomtone.core.exchange import Parameters, Summons
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.routing import Trunk, Way, e164, is_number, way_to
from roomtone.core.values import Caller, Direction, Document
from roomtone.cxml import script as machine
from roomtone.switchboard.phones import Phones
from roomtone.switchboard.trunks import Trunks


@dataclass(frozen=True, slots=True)
class Outward:
    """What an operator says of calls that leave the house."""

    trunks: tuple[Trunk, ...] = ()
    calls_per_s: float = 1.0
    """For each project; 0: as many as come."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A call about to be made: its record to keep, and what the leg needs."""

    call: Call
    script: machine.Script
    summons: Summons
    wait_s: float
    """Until its turn, in seconds."""

    limit_s: float

    async def turn(self) -> None:
        """Wait for its turn."""
        await asyncio.sleep(self.wait_s)


class Calling:
    """Prepares calls."""

    def __init__(self, outward: Outward, phones: Phones | None = None, trunks: Trunks | None = None) -> None:
        self._trunks = outward.trunks
        self._phones = phones
        self._at_work = trunks
        self._pace = Pace(outward.calls_per_s)

    async def way(self, project: Project, to: str, here: str) -> Way:
        """Find the way to somebody: a phone of the project, or whoever else may be called.

        Raises:
            Refused: DESTINATION_INVALID, DESTINATION_NOT_ALLOWED.
        """
        found = await self._phones.way(project, to, here) if self._phones else None
        if found is not None:
            return found
        return await self._at_work.way(to) if self._at_work else way_to(to, self._trunks)

    def place(  # noqa: PLR0917 - all of them make the call
        self,
        call: CallId,
        project: Project,
        wish: tuple[Invitation, Instructions],
        here: str,
        now: Moment,
        way: Way | None = None,
    ) -> Placed:
        """Make the record of a call and the INVITE that will be sent.

        Args:
            call: Its identity.
            project: Who calls.
            wish: Whom, and what for.
            here: Our own host, for the address we call from.
            now: The moment of the wish.
            way: What `way` gave; None: nobody who is called is a phone.

        Raises:
            Refused: DESTINATION_INVALID, DESTINATION_NOT_ALLOWED.
        """
        invitation, instructions = wish
        way = way or way_to(invitation.to, self._trunks)
        script = machine.begin(instructions.document, instructions.fallback, instructions.text, answered=True)
        caller = Caller(_shown(invitation.from_), _shown(invitation.to), Direction.OUTBOUND_API)
        wait_s = self._pace.wait_s(project.id, now)
        return self._placed(call, project, (invitation, way, here), (caller, script, wait_s), now)

    def place_party(  # noqa: PLR0917 - all of them make the call
        self,
        call: CallId,
        project: Project,
        wish: tuple[Invitation, Document | None, CallId],
        here: str,
        now: Moment,
        way: Way | None = None,
    ) -> Placed:
        """Make the record of a call that a `Dial` makes, and the INVITE that will be sent; it waits for no turn.

        Args:
            call: Its identity.
            project: Who calls.
            wish: Whom, what they hear before they are connected, and whose document dials.
            here: Our own host, for the address we call from.
            now: The moment of the wish.
            way: What `way` gave; None: nobody who is called is a phone.

        Raises:
            Refused: DESTINATION_INVALID, DESTINATION_NOT_ALLOWED.
        """
        invitation, greeting, parent = wish
        way = way or way_to(invitation.to, self._trunks)
        script = machine.begin_callee(greeting)
        caller = Caller(_shown(invitation.from_), _shown(invitation.to), Direction.OUTBOUND_DIAL, parent.hex)
        return self._placed(call, project, (invitation, way, here), (caller, script, 0.0), now)

    @contextmanager
    def unless_failed(self, call: CallId) -> Iterator[None]:
        """Let a trunk count a call no more if what is done here fails: it will never be made, and so never end."""
        try:
            yield
        except BaseException:
            if self._at_work:
                self._at_work.ended(call)
            raise

    def _placed(
        self, call: CallId, project: Project, way: tuple[Invitation, Way, str], made: tuple[Caller, machine.Script, float],
        now: Moment,
    ) -> Placed:  # fmt: skip
        invitation, over, _ = way
        caller, script, wait_s = made
        if self._at_work:
            self._at_work.took(call, over)
        record = replace(
            life.outgoing(call, project.id, caller, now),
            queue_ms=round(wait_s * 1_000),
            callback=invitation.callback,
            time_limit_s=invitation.time_limit_s or None,
            record=invitation.record,
        )
        return Placed(
            life.placed(record, machine.dump(script)),
            script,
            _summons(*way),
            wait_s,
            float(invitation.time_limit_s),
        )


def dial_into(name: str) -> str:
    """Write the document of somebody who is called into a conference; how they take part is settled already."""
    return f"<Response><Dial><Conference>{escape(name)}</Conference></Dial></Response>"


def _shown(party: str) -> str:
    """Write a party as both vendors' records do: numbers as E.164, anybody else as they were written."""
    return e164(party) if is_number(party) else party.strip()


def _summons(invitation: Invitation, way: Way, here: str) -> Summons:
    caller = invitation.caller_id or invitation.from_
    user = e164(caller) if is_number(caller) else user_of(caller).removeprefix("client:")
    return Summons(
        target_uri=way.target_uri,
        from_uri=f"sip:{user}@{here}",
        from_display=invitation.display_name,
        username=invitation.username or way.username,
        password=invitation.password or way.password,
        headers=(*_asserted(user, here), *way.headers, *invitation.headers),
        ring_s=invitation.timeout_s,
        hop_uri=way.hop_uri,
        also=way.also,
        keys=invitation.keys,
        codecs=_codecs(invitation.codecs, way.codecs),
        otherwise=way.otherwise,
    )


def _codecs(wished: tuple[str, ...], possible: tuple[str, ...]) -> tuple[str, ...]:
    """Choose what is offered: what the customer wishes, as far as the trunk takes it."""
    if not wished or not possible:
        return wished or possible
    return tuple(one for one in wished if one in possible) or possible


def _asserted(user: str, here: str) -> Parameters:
    """Say who calls to a peer that trusts us (RFC 3325, section 9.1)."""
    return (("P-Asserted-Identity", f"<sip:{user}@{here}>"),) if user.startswith("+") else ()
