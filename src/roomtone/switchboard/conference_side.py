"""A leg's dealings with conferences: it comes in, leaves, and is let go. Who is in one is the room's to say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from roomtone.core.call import step as life
from roomtone.core.call.state import CallStatus
from roomtone.core.conference.messages import (
    CallRings,
    CallSounds,
    LegEnded,
    LegLeft,
    SpeechStarted,
    SpeechStopped,
)
from roomtone.core.ids import ParticipantId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.cxml import messages as cxml
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs import Dial
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.room import Room
from roomtone.switchboard.spelling import join_of
from roomtone.switchboard.tools import REFUSED_JOINS, Tools

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""When to try again to leave a conference whose store does not answer, in seconds."""


class ConferenceSide:
    """Of one call."""

    def __init__(
        self, ledger: Ledger, project: Project, tools: Tools, tell: Callable[[cxml.Message], None]
    ) -> None:
        self.room: Room | None = None
        """The conference it is in."""

        self.expected_in: Room | None = None
        """The conference that waits for a call of ours to be answered."""

        self._ledger = ledger
        self._project = project
        self._tools = tools
        self._tell = tell
        self._time_limit: asyncio.TimerHandle | None = None

    @property
    def seated(self) -> bool:
        """Whether the conference still has it."""
        return self.room is not None and self.room.conference.find(self._ledger.call.id) is not None

    def resume(self, room: Room, limit_s: float) -> None:
        """Take up the place of a call of an earlier brain."""
        self.room = room
        self._ledger.call = life.entered(life.left(self._ledger.call), room.conference.id)
        self.limit(limit_s)

    async def join(self, dial: Dial) -> None:
        """Come in; a refusal is told to the script."""
        ledger = self._ledger
        participant = ParticipantId(self._tools.dice.bits128())
        try:
            join = join_of(dial.conference, self._project, ledger.call, participant)
            self.room = await self._tools.directory.join(self._project, dial.conference.name, join)
        except Refused as no:
            log.warning("call=%s conference=%r refused: %s", ledger.call.id, dial.conference.name, no)
            self._tell(cxml.DialRefused(str(no), REFUSED_JOINS.get(no.reason, Oddity.DIAL_REFUSED)))
            return
        self.expected_in = None
        ledger.call = life.entered(ledger.call, self.room.conference.id)
        await ledger.commit()
        self.limit(dial.time_limit_s)
        await self._carry(dial)

    async def _carry(self, dial: Dial) -> None:
        """Begin the conference's streams that the document names, unless somebody who came before has."""
        streams, room = self._tools.streams, self.room
        for wish in dial.conference.carried:
            known = () if room is None else streams.of(room.conference.id)
            if room is not None and not any(
                (one.name, one.wish.url) == (wish.name, wish.url) for one in known
            ):
                try:
                    await streams.start(self._project, room.conference.id, wish)
                except OSError as fault:
                    log.error("call=%s no stream: the store does not answer: %s", self._ledger.call.id, fault)  # noqa: TRY400

    async def walk_out(self) -> None:
        """Leave of our own accord; the document goes on once the room has noted it."""
        assert self.room is not None, "it is in one"
        try:
            await self.room.ask(LegLeft(self._ledger.call.id))
        except Refused as no:
            if no.reason is Reason.UNAVAILABLE:
                self.limit(RETRY_S)  # the store does not answer; the room stays as it is until it does
            return  # else it has just ended, and releases us by itself
        self._tell(cxml.DialEnded())

    async def be_taken_out(self) -> None:
        """Leave because the call is led elsewhere.

        Raises:
            Refused: UNAVAILABLE: the conference cannot note it now.
        """
        if self.room is None:
            return
        try:
            await self.room.ask(LegLeft(self._ledger.call.id))
        except Refused as no:
            if no.reason is Reason.UNAVAILABLE:
                raise
        self.let_go()

    def let_go(self) -> None:
        """Note that the call is in no conference any more."""
        self.room = None
        self._ledger.call = life.left(self._ledger.call)
        self.stop_limit()

    def limit(self, seconds: float) -> None:
        """Let the script be told when it has been connected for so long."""
        self.stop_limit()
        loop = asyncio.get_running_loop()
        self._time_limit = loop.call_later(seconds, self._tell, cxml.TimeLimitReached())

    def stop_limit(self) -> None:
        """Let no limit run."""
        if self._time_limit is not None:
            self._time_limit.cancel()

    def note_ringing(self) -> None:
        """Let the conference that waits for the call know that it rings."""
        if self.expected_in is not None:
            self.expected_in.tell(CallRings(self._ledger.call.id))

    def note_early_sound(self) -> None:
        """Let the conference that waits for the call know that something comes from it before the answer."""
        if self.expected_in is not None:
            self.expected_in.tell(CallSounds(self._ledger.call.id))

    def note_speech(self, message: SpeechStarted | SpeechStopped) -> None:
        """Pass on that the caller speaks, or does not any more."""
        if self.room is not None:
            self.room.tell(message)

    def close(self) -> None:
        """Leave nothing behind: no seat, no timer."""
        self.stop_limit()
        if (room := self.room or self.expected_in) is not None:
            call = self._ledger.call
            room.tell(LegEnded(call.id, call.status if call.over else CallStatus.COMPLETED))
