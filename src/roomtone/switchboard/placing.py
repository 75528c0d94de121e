"""Calls of ours, from the wish for one to the leg that makes it: where they go, their record, their turn.

The record is kept before anybody is called, and before whoever asked is answered; a call whose record cannot be kept is
not made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from roomtone.core.call.state import Call
from roomtone.core.call.wishes import Dismissed, Instructions, Invitation
from roomtone.core.conference.messages import CallStatus, Expect, LegEnded, Seating
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.pressure import RETRY_S
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.calling import Calling, Placed, dial_into
from roomtone.switchboard.directory import Directory
from roomtone.switchboard.leg import Leg
from roomtone.switchboard.ports import Clock, Dice, Media
from roomtone.switchboard.room import Room

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What calls are placed with."""

    clock: Clock
    dice: Dice
    media: Media
    calling: Calling
    directory: Directory
    leg: Callable[[Placed, Project, Attempt | None], Leg]
    """Makes the leg of a call, which does nothing yet."""

    house: Callable[[Leg], None]
    """Lets it live."""

    is_closing: Callable[[], bool]
    is_busy: Callable[[], bool]
    """Whether there is too much to do for another call."""


class Placing:
    """All calls of ours."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, project: Project, invitation: Invitation, instructions: Instructions) -> Call:
        """Call somebody, and give the call's record: kept, and waiting for its turn.

        Raises:
            Refused: Nothing leads there, or the house is closing, has too much to do, or cannot keep the record.
        """
        self._insist_on_room()
        site = self._site
        here = site.media.address
        now, way = site.clock.now(), await site.calling.way(project, invitation.to, here)
        wish = (invitation, instructions)
        placed = site.calling.place(self._new_call(), project, wish, here, now, way)
        leg = await self._enrolled(placed, project, registered=way.registered)
        log.info("call=%s is made to=%s project=%s", placed.call.id, placed.call.caller.to, project.id)
        self._set_out(leg, placed)
        return leg.call

    async def invite(
        self, project: Project, where: Conference | str, invitation: Invitation, join: Seating
    ) -> tuple[Conference, Call]:
        """Call somebody into a conference, given or by its name; they are expected there from now on.

        Raises:
            Refused: The conference does not want them, nothing leads there, or the house is closing or has too much to do.
        """
        self._insist_on_room()
        site = self._site
        name = where if isinstance(where, str) else where.name
        here = site.media.address
        now, way = site.clock.now(), await site.calling.way(project, invitation.to, here)
        wish = (invitation, Instructions(text=dial_into(name)))
        placed = site.calling.place(self._new_call(), project, wish, here, now, way)
        seat = join(ParticipantId(site.dice.bits128()), placed.call.id, placed.call.caller)
        with site.calling.unless_failed(placed.call.id):
            room = await self._expect(project, where, Expect(seat))
        leg = await self._enrolled(placed, project, room, registered=way.registered)
        self._set_out(leg, placed)
        return room.conference, leg.call

    async def ring_party(
        self,
        project: Project,
        invitation: Invitation,
        greeting: Document | None,
        parent: CallId,
        attempt: Attempt,
    ) -> None:
        """Call somebody for a dial; raises `Refused` as `call` does.

        Dropped in the middle it still comes to its end: a record that is kept has a leg, which is told at once to let go.
        """
        work = self._ring_them(project, (invitation, greeting, parent), attempt)
        ringing = asyncio.create_task(work, name=f"dial {parent}")
        self._tasks.add(ringing)
        ringing.add_done_callback(self._forget)
        await asyncio.shield(ringing)

    async def stop(self) -> None:
        """Stop where everything is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told to whoever waited, if somebody still did

    async def _ring_them(
        self, project: Project, wish: tuple[Invitation, Document | None, CallId], attempt: Attempt
    ) -> None:
        self._insist_on_open()
        site = self._site
        here = site.media.address
        now, way = site.clock.now(), await site.calling.way(project, wish[0].to, here)
        placed = site.calling.place_party(self._new_call(), project, wish, here, now, way)
        leg = await self._enrolled(placed, project, attempt=attempt, registered=way.registered)
        log.info("call=%s is dialled to=%s parent=%s", placed.call.id, placed.call.caller.to, wish[2])
        attempt.begun(leg.call, lambda: leg.tell(Dismissed()))
        self._set_out(leg, placed)

    async def _enrolled(
        self,
        placed: Placed,
        project: Project,
        room: Room | None = None,
        *,
        attempt: Attempt | None = None,
        registered: bool,
    ) -> Leg:
        """Give the leg of a call whose record is kept.

        Raises:
            Refused: It cannot be kept.
        """
        leg = self._site.leg(placed, project, attempt)
        leg.is_phone = registered
        if room is not None:
            leg.expect_in(room)
        with self._site.calling.unless_failed(placed.call.id):
            if not await leg.enrol():
                if room is not None:
                    room.tell(LegEnded(placed.call.id, CallStatus.FAILED))
                raise Refused(Reason.UNAVAILABLE, problem="no record can be kept")
        return leg

    def _set_out(self, leg: Leg, placed: Placed) -> None:
        self._site.house(leg)
        leg.dial(placed.summons, placed.turn(), placed.limit_s)

    async def _expect(self, project: Project, where: Conference | str, wish: Expect) -> Room:
        directory = self._site.directory
        if isinstance(where, str):
            return await directory.join(project, where, wish)
        room = directory.find(where.id)
        if room is None:
            raise Refused(Reason.CONFERENCE_COMPLETED, conference=where.id.hex)
        await room.ask(wish)
        return room

    def _new_call(self) -> CallId:
        return CallId(self._site.dice.bits128())

    def _insist_on_room(self) -> None:
        """Refuse a call that belongs to none that is up, if there is too much to do."""
        self._insist_on_open()
        if self._site.is_busy():
            raise Refused(Reason.UNAVAILABLE, problem="too much to do", retry_s=RETRY_S)

    def _insist_on_open(self) -> None:
        if self._site.is_closing():
            raise Refused(Reason.UNAVAILABLE, problem="shutting down")
