"""A leg's Dial of parties: they are rung, the first who can be connected is, and all others are let go.

With several at once, the winner is the first who has answered *and* heard what they were to hear before the connection:
so a mailbox that answers at once, and is asked to press a key, takes no call away from people. The caller hears it ring
meanwhile, or whatever the only party's side lets be heard.

Sources: SignalWire cXML and Twilio TwiML, "Dial" and its nouns.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace

from roomtone.core.call.state import CallStatus
from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import EngineUnavailable, Parameters, PlayClip
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.refusals import Refused
from roomtone.cxml import messages as cxml
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs import Dial
from roomtone.cxml.verbs.dial import sip_parameters
from roomtone.switchboard.attempt import Attempt, News, What
from roomtone.switchboard.bridge import Bridge
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.life_side import LifeSide
from roomtone.switchboard.recording_side import RecordingSide
from roomtone.switchboard.spelling import dialled_parameters, invitation_of
from roomtone.switchboard.tools import Tools

log = logging.getLogger(__name__)

TELLING = (CallStatus.NO_ANSWER, CallStatus.BUSY, CallStatus.CANCELED, CallStatus.FAILED)
"""Of several parties who were not reached, whose outcome is the dial's: the first of these that one had."""

Warning_ = Callable[[Warned], None]
Limit = Callable[[float], None]
Outcome = Callable[[int], None]
Telling = Coroutine[None, None, cxml.Message]


def _nobody(_status: int) -> None:
    """Nobody wants to know."""


class DialSide:
    """Of one call; idle unless it dials."""

    def __init__(
        self,
        ledger: Ledger,
        project: Project,
        life: LifeSide,
        tools: Tools,
        tell: Callable[[cxml.Message], None],
        *,
        recording: RecordingSide,
    ) -> None:
        self.active = False
        """Whether it dials, or is connected with whom it dialled."""

        self.partner: CallId | None = None
        """Whom it is connected with."""

        self.tell_outcome: Outcome = _nobody
        """Told how the next dial fares, as a SIP status; the first word counts."""

        self._outcome: Outcome = _nobody
        """Of the dial that is under way, which may be dropped before it ran for the first time."""

        self._ledger = ledger
        self._project = project
        self._life = life
        self._tools = tools
        self._tell = tell
        self._recording = recording
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._revision = 0
        self._ringing: asyncio.Task[None] | None = None
        self._hears = False
        """Whether the caller hears what we make of the ringing: a tone, or what comes from a party before the answer."""

        self._let_be = False
        self._turn = 0
        self._adopted: Attempt | None = None
        """Whom a connection of an earlier brain leads to, until it is taken up."""

    # What the leg asks -----------------------------------------------------------------------------------------------

    def dial(self, order: cxml.DialParties, warn: Warning_, limit: Limit) -> Telling:
        """Ring them, connect the first, and wait until that is over; gives what the script is told.

        Args:
            order: Whom, and how.
            warn: Told of a party that cannot be called.
            limit: Called with the longest time of the connection, in seconds, as soon as there is one.
        """
        turn = self._wake()
        self._outcome, self.tell_outcome = self.tell_outcome, _nobody
        return self._dial(turn, self._outcome, order, warn, limit)

    async def _dial(
        self, turn: int, outcome: Outcome, order: cxml.DialParties, warn: Warning_, limit: Limit
    ) -> cxml.Message:
        dial = order.dial
        rounds = [(party,) for party in order.parties] if dial.sequential else [order.parties]
        attempts: list[Attempt] = []
        try:
            await self._let_ring(dial)
            self._recording.begin_dial(dial, rings=True)
            for number, parties in enumerate(rounds):
                if number:
                    self._let_ring_again(dial)  # in place of what came from who was tried before
                begun = [Attempt(party, self._news) for party in parties]
                attempts += begun  # before any of them rings, so that none is forgotten if we are dropped
                for attempt in begun:
                    await self._begin(dial, attempt, warn)
                winner, stopped = await self._first_ready(dial, begun)
                if winner is not None:
                    outcome(200)
                    return await self._connect(winner, attempts, dial, limit)
                if stopped:
                    return self._ended(cxml.DialStatus.CANCELED, attempts[-1])
            outcome(self._telling(attempts).failure)
            return self._unanswered(attempts)
        finally:
            outcome(487)
            self._quieten()
            self._let_go(attempts, turn)

    def resume(self, attempt: Attempt, dial: Dial, limit: Limit) -> Telling:
        """Take up a connection of an earlier brain; gives what the script is told when it is over."""
        turn, self._adopted = self._wake(), attempt
        attempt.adopt(self._news)
        return self._resume(turn, attempt, dial, limit)

    async def _resume(self, turn: int, attempt: Attempt, dial: Dial, limit: Limit) -> cxml.Message:
        self._adopted = None
        assert attempt.call is not None, "who is connected has a call"
        spent_s = (self._tools.clock.now().wall_ms - (attempt.call.started_ms or 0)) // 1_000
        left = replace(dial, time_limit_s=max(0, dial.time_limit_s - spent_s))
        try:
            return await self._connected(attempt, left, limit)
        finally:
            self._let_go([attempt], turn)

    def drop(self) -> None:
        """Take note that what was begun is dropped, which may be before it ran for the first time."""
        for unheard in (self._outcome, self.tell_outcome):
            unheard(487)
        self._outcome = self.tell_outcome = _nobody
        adopted, self._adopted = self._adopted, None
        self._let_go([adopted] if adopted is not None else [], self._turn)

    def _wake(self) -> int:
        """Be at work from now on, not only when the task runs first: a key may come before. Gives the number of this turn."""
        self.active, self._news, self._let_be = True, asyncio.Queue(), False
        self._turn += 1
        return self._turn

    def stop(self) -> None:
        """Give the dial up, or end the connection; `DialEnded` comes of it."""
        self._news.put_nowait(News(What.STOPPED))

    def let_be(self) -> None:
        """Let the connection stand when the dial is dropped: the next brain takes it up."""
        self._let_be = True

    # Ringing ---------------------------------------------------------------------------------------------------------

    async def _begin(self, dial: Dial, attempt: Attempt, warn: Warning_) -> None:
        party = attempt.party
        caller = self._ledger.call
        try:
            wish = invitation_of(dial, party, caller)
            await self._tools.ring_party(self._project, wish, party.ringing.document, caller.id, attempt)
        except (
            Refused,
            OSError,
        ) as why:  # the store may be away: the caller goes on with what comes after the dial
            attempt.gone = True
            warn(Warned(Oddity.PARTY_NOT_CALLED, f"{type(party).__name__} is not called: {why}"))

    async def _first_ready(self, dial: Dial, attempts: list[Attempt]) -> tuple[Attempt | None, bool]:
        """Give who can be connected first, or nobody; and whether the dial was given up."""
        while any(not one.gone for one in attempts):
            news = await self._news.get()
            if news.what is What.STOPPED:
                return None, True
            if news.attempt not in attempts:
                continue  # of an earlier round
            if news.what is What.READY and not news.attempt.gone:
                return news.attempt, False
            if news.what is What.EARLY_SOUND and len(attempts) == 1:
                await self._let_hear(news.attempt)
            if news.what is What.ANSWERED and news.attempt.party.ringing.url is not None:
                self._let_ring_again(dial)  # what they hear before is for their ears alone
        return None, False

    def _unanswered(self, attempts: list[Attempt]) -> cxml.Message:
        """Tell of the one whose outcome says most; somebody who answered and was not connected comes first of all."""
        one = self._telling(attempts)
        known = one.status if one.status in {CallStatus.COMPLETED, *TELLING} else CallStatus.FAILED
        return self._ended(cxml.DialStatus(known.value), one)

    @staticmethod
    def _telling(attempts: list[Attempt]) -> Attempt:
        answered = [one for one in attempts if one.status is CallStatus.COMPLETED]
        telling = [one for status in TELLING for one in attempts if one.status is status]
        return (answered or telling or attempts)[0]

    # Connected -------------------------------------------------------------------------------------------------------

    async def _connect(
        self, winner: Attempt, attempts: list[Attempt], dial: Dial, limit: Limit
    ) -> cxml.Message:
        for other in attempts:
            if other is not winner:
                other.dismiss()
        self._tell(cxml.DialBridged())
        await self._life.until_answered()
        if not winner.gone:
            self._recording.begin_dial(dial, rings=False)
        return await self._connected(winner, dial, limit)

    async def _connected(self, winner: Attempt, dial: Dial, limit: Limit) -> cxml.Message:
        """Let them hear each other until one of them, or a customer, ends it."""
        assert winner.call is not None, "who answered has a call"
        bridge = Bridge(self._ledger.call.id, winner.call.id, self._tools.media, self._tools.clock)
        try:
            if not winner.gone:
                bridge.start(self._revision)
                self.partner = winner.call.id
                self._hush()
                limit(dial.time_limit_s)
            while not winner.gone and (await self._news.get()).what is not What.STOPPED:
                pass
        except asyncio.CancelledError:
            if self._let_be:
                raise  # the next brain finds them connected
            bridge.end()
            raise
        finally:
            self.partner = None
        bridge.end()
        return self._ended(cxml.DialStatus.COMPLETED, winner, bridged=bridge.started_ms is not None)

    def _ended(self, status: cxml.DialStatus, attempt: Attempt, *, bridged: bool = False) -> cxml.Message:
        call = attempt.call
        lasted_s = None
        if call is not None and call.started_ms is not None:
            until_ms = call.ended_ms or self._tools.clock.now().wall_ms
            lasted_s = max(0, until_ms - call.started_ms) // 1_000
        sip: Parameters = ()
        if attempt.dialled_by_address and call is not None:
            sip = sip_parameters(attempt.sip_call_id, 200 if lasted_s is not None else call.sip_status)
        told = dialled_parameters(self._project, call, lasted_s, sip, bridged=bridged)
        return cxml.DialEnded(status, told)

    def _let_go(self, attempts: list[Attempt], turn: int) -> None:
        """Dismiss them; one dial may still end when the next has begun."""
        self.active = self.active and turn != self._turn
        if self._let_be:
            return
        for one in attempts:
            one.dismiss()

    # What the caller hears meanwhile ---------------------------------------------------------------------------------

    async def _let_ring(self, dial: Dial) -> None:
        """Let the caller hear a ringing tone; one who is not answered hears their own phone's, unless one is named."""
        self._hears = self._life.is_answered or (
            dial.ring_tone is not None and await self._life.sound_early()
        )
        self._let_ring_again(dial)

    async def _ring(self, country: str | None) -> None:
        clip = self._tools.documents.ring_tone(country)
        with contextlib.suppress(EngineUnavailable):
            await self._tools.sources.play(self._key, PlayClip(clip, 0))

    def _let_ring_again(self, dial: Dial) -> None:
        if not self._hears:
            return
        if self._ringing is None:
            name = f"ringing {self._ledger.call.id}"
            self._ringing = asyncio.create_task(self._ring(dial.ring_tone), name=name)
        self._draw(Seat(self._ledger.call.id, Towards.NOBODY, hears=self._key))

    async def _let_hear(self, attempt: Attempt) -> None:
        """Let the caller hear what comes from there before the answer, and nobody hear the caller."""
        if await self._life.sound_early() and attempt.call is not None and not attempt.gone:
            self._hears = True
            here, there = self._ledger.call.id, attempt.call.id
            self._draw(Seat(here, Towards.NOBODY, None), Seat(there, Towards.ROOM, None))

    def _draw(self, *seats: Seat) -> None:
        self._revision = max(self._tools.clock.now().wall_ms, self._revision + 1)
        ordered = tuple(sorted(seats, key=lambda seat: seat.call.value))
        self._tools.media.apply(self._ledger.call.id, MixPlan(self._revision, ordered))

    def _quieten(self) -> None:
        if self._hears:
            self._hush()
            self._tools.media.drop(self._ledger.call.id)

    def _hush(self) -> None:
        """Stop the ringing tone, and what was heard before the answer."""
        ringing, self._ringing, self._hears = self._ringing, None, False
        if ringing is not None:
            ringing.cancel()
            self._tools.sources.stop(self._key)

    @property
    def _key(self) -> str:
        return f"ring:{self._ledger.call.id}"
