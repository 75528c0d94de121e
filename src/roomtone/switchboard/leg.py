"""One task owns one call: its life and its document.

The same loop as a room's, over `core.call` and `cxml.script`: take a message, step, commit, perform. What a document
means is the script's to say; who is in a conference is the room's. A leg asks rooms; rooms only tell legs. What it has
to do with others stands in its sides: its own life (`life_side`), conferences, queues, the call it makes; what its
document orders goes through `performing`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from roomtone.core.call import keypad
from roomtone.core.call import step as life
from roomtone.core.call.messages import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgressed,
    CallReanswered,
    CallReoffered,
    DigitPressed,
    EndedBy,
    EngineReplaced,
    PeerAsked,
    StreamFigures,
    StreamWasHeard,
    StreamWentSilent,
)
from roomtone.core.call.silence import SilenceOver, patience_s
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.call.wishes import Change, Dismissed, Finish, Instructions, Terms, TimeOver, Wish, too_late
from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.exchange import EngineUnavailable, Parameters, Summons
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Direction, Document
from roomtone.cxml import messages as cxml
from roomtone.cxml import script as machine
from roomtone.cxml.verbs.dial import transfer_parameters
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.calling_side import CallingSide
from roomtone.switchboard.conference_side import ConferenceSide
from roomtone.switchboard.dial_side import DialSide
from roomtone.switchboard.farewell import Farewell
from roomtone.switchboard.handover import Handover, Joined, Moving, Parting, noun_of, refuse
from roomtone.switchboard.inbox import Asked, Due, LegSignal, Message, StreamSignal
from roomtone.switchboard.joined_side import JoinedSide
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.life_side import LifeSide
from roomtone.switchboard.line import Line
from roomtone.switchboard.listening_side import ListeningSide
from roomtone.switchboard.performing import Performer
from roomtone.switchboard.queue_side import QueueSide
from roomtone.switchboard.recording_side import RecordingSide
from roomtone.switchboard.refer_side import ReferSide
from roomtone.switchboard.resting import Resting
from roomtone.switchboard.restoring_side import RestoringSide
from roomtone.switchboard.room import Room
from roomtone.switchboard.sides import Sides
from roomtone.switchboard.spelling import dial_extras
from roomtone.switchboard.streaming_side import StreamingSide
from roomtone.switchboard.tools import Tools
from roomtone.switchboard.undertaking import Outcome, Undertaking
from roomtone.telemetry import about

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds until the store is asked again to keep how a call ended."""


class Leg:
    """The running side of one call."""

    def __init__(
        self,
        call: Call,
        project: Project,
        script: machine.Script,
        line: Line,
        tools: Tools,
        *,
        attempt: Attempt | None = None,
    ) -> None:
        self.figures: StreamFigures | None = None
        self.sip_call_id = ""
        """Of its dialog with the phone; empty: not known yet."""

        self.is_phone = False
        """Whether at the other end is a phone that has proved who it is."""

        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._ledger = Ledger(call, tools.records)
        self._project = project
        self._script = script
        self._line = line
        self._tools = tools
        self._undertaking = Undertaking(f"call {call.id}", self._inbox.put_nowait)
        self._life = LifeSide(self._ledger, line, tools.clock, self.tell)
        self._calling = CallingSide(call.id, line, self.tell)
        self._restoring = RestoringSide(call.id, line, self.tell)
        self._conference = ConferenceSide(self._ledger, project, tools, self.tell)
        self._queue = QueueSide(call.id, project, tools.queues, tools.media, tools.clock, self.tell)
        self._joined = JoinedSide(project, self._queue, self.tell)
        self._recording = RecordingSide(self._ledger, project, tools.recordings, tools.house)
        self._dial = DialSide(self._ledger, project, self._life, tools, self.tell, recording=self._recording)
        self._listening = ListeningSide(call.id, tools.media, tools.sources, tools.clock, self._recording)
        self._sides = Sides(
            self._ledger,
            project,
            self._life,
            self._conference,
            self._queue,
            self._dial,
            self._listening,
            self._recording,
            ReferSide(call.id, tools.dialogue),
            StreamingSide(call.id, project, tools.streams, tools.media, tools.clock),
            self._undertaking,
            attempt,
        )
        self._performer = Performer(self._sides, tools, self.tell)
        self._resting = Resting(self._ledger, self._life, tools.media, tools.clock)
        self._keypad: keypad.Keypad = ()

    @property
    def call(self) -> Call:
        """The call as it is now."""
        return self._ledger.call

    @call.setter
    def call(self, call: Call) -> None:
        self._ledger.call = call

    @property
    def project(self) -> Project:
        """Whose it is."""
        return self._project

    @property
    def is_to_come(self) -> bool:
        """Whether it is a call of ours that no engine has begun yet."""
        return self._calling.is_to_come

    @property
    def is_callee(self) -> bool:
        """Whether a dial had it made, and has it still."""
        return self._sides.attempt is not None

    @property
    def partner(self) -> CallId | None:
        """The call it is connected with, outside a conference."""
        if self._joined.partner is not None:
            return self._joined.partner
        if self._sides.attempt is not None and self._script.stage is machine.Stage.CONNECTED:
            return CallId.from_hex(self.call.caller.parent) if self.call.caller.parent else None
        bridge = self._queue.bridge
        if bridge is not None and bridge.started_ms is not None:
            return bridge.other if bridge.dialler == self.call.id else bridge.dialler
        return self._dial.partner

    @property
    def refer_document(self) -> Document | None:
        """What is to be asked when somebody it has dialled, or itself, is transferred; None: nothing is."""
        dial = machine.dial_of(self._script)
        return None if dial is None or dial.refer_url is None else Document(dial.refer_url, dial.refer_method)

    @property
    def room(self) -> Room | None:
        """The conference it is in."""
        return self._conference.room

    def tell(self, message: LegSignal | cxml.Message | TimeOver | Dismissed | Moving) -> None:
        """Let the leg know that something happened; never waits."""
        if isinstance(message, Moving) and self.call.over:
            refuse(message)  # nobody takes it up any more
            return
        self._inbox.put_nowait(message)

    async def begin(self) -> None:
        """Keep the record of a call that has just come in, let the caller hear that it rings, and begin the document."""
        orders = self._advance(cxml.Started())
        script = self._script
        if await self._life.begin():
            self._inbox.put_nowait(Due(orders, script))

    async def enrol(self) -> bool:
        """Keep the record of a call that is going to be made, and say whether it is kept."""
        return await self._ledger.commit()

    def expect_in(self, room: Room) -> None:
        """Note which conference waits for a call of ours to be answered."""
        self._conference.expected_in = room

    def dial(self, summons: Summons, turn: Awaitable[None], limit_s: float) -> None:
        """Call somebody when it is our turn; the record is kept already."""
        self._calling.dial(summons, turn, limit_s)

    async def ask(self, wish: Wish) -> Call:
        """Do what a customer wishes of the call, and give it as it is after the commit.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS: it is led elsewhere, and not answered yet, or over; CALL_OVER; CALL_STATUS_INVALID: it is answered already.
        """
        if self.call.over:  # nobody may be there any more to say so
            raise too_late(self.call.id, wish)
        reply: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait(Asked(wish, reply))
        return await reply

    def resume(self, room: Room | None, limit_s: float = 0.0, *, was_connected: bool = False) -> None:
        """Take up a call of an earlier brain.

        Args:
            room: The live conference it is in, if it is in one.
            limit_s: Seconds it may stay there.
            was_connected: Whether somebody it dialled had been connected with it, and is so no more.
        """
        self.heed_limit()
        if room is not None:
            self._conference.resume(room, limit_s)
        self.tell(cxml.Resumed(in_conference=room is not None, was_connected=was_connected))

    def resume_with(self, other: Leg) -> None:
        """Take up a connection of an earlier brain, with whom this call's document dialled."""
        dial = machine.dial_of(self._script)
        assert dial is not None, "it dials"
        assert isinstance(dial.to, tuple), "it dials parties"
        attempt = Attempt(dial.to[0], asyncio.Queue())
        attempt.begun(other.call, lambda: other.tell(Dismissed()))
        other._sides.attempt = attempt
        self._undertaking.begin(self._dial.resume(attempt, dial, self._conference.limit))
        for one in (self, other):
            one.heed_limit()
            one.tell(cxml.Resumed(in_conference=True))

    async def run(self) -> None:
        """Live until the call is over. Cancelled, it lets go and leaves the call to the engine and the next brain."""
        try:
            while not self.call.over:
                await self._take(await self._inbox.get())
        except asyncio.CancelledError:
            self._dial.let_be()
            self._undertaking.drop()
            self._calling.close()
            raise
        except BaseException:
            await self._close(hang_up=True)
            raise
        farewell = Farewell(self._sides, self._tools, self._script)
        await self._close(hang_up=False)
        farewell.begin()
        while not await self._ledger.commit():  # noqa: ASYNC110 - nobody tells when the store is back
            await asyncio.sleep(RETRY_S)

    async def _close(self, *, hang_up: bool) -> None:
        """Leave nothing behind: no seat, no stream, no task, no timer."""
        self._undertaking.drop()
        self._dial.drop()
        self._life.await_sound(None)
        self._conference.stop_limit()
        self._calling.close()
        if self._refuse_wishes():
            await self._line.part()
        self._queue.close()
        self._conference.close()
        self._sides.streaming.close()
        self.leave_dial()
        await self._line.close(hang_up=hang_up)

    # Messages --------------------------------------------------------------------------------------------------------

    async def _take(self, message: Message) -> None:
        about(call=self.call.id, conference="" if self.room is None else self.room.conference.id)
        log.debug("call=%s takes message=%s", self.call.id, type(message).__name__)  # descriptions hold keys
        try:
            match message:
                case CallEnded():
                    await self._end(message)
                case (
                    CallProgressed() | CallAnswered() | Asked() | Due() | TimeOver() | Dismissed() | Outcome()
                ):  # fmt: skip
                    await self._steer(message)
                case Handover() | Parting() | Joined():
                    await self._move(message)
                case CallReoffered() | CallConfirmed() | CallReanswered() | EngineReplaced():
                    await self._negotiate(message)
                case DigitPressed():
                    await self._press(message)
                case PeerAsked():
                    self._sides.refer.note(message)
                case (
                    SpeechStarted() | SpeechStopped() | StreamFigures() | StreamWentSilent() | StreamWasHeard()
                    | SilenceOver()
                ):  # fmt: skip
                    await self._follow_stream(message)
                case _:
                    if isinstance(message, cxml.Redirected):
                        self._part_from_queue()
                    await self._step(message)
        except EngineUnavailable as fault:
            log.warning("call=%s cannot go on: %s", self.call.id, fault)
            await self._life.give_up()
            self.tell(CallEnded(self.call.id, EndedBy.INTERNAL, 500, str(fault), answered=False))

    async def _negotiate(
        self, message: CallReoffered | CallConfirmed | CallReanswered | EngineReplaced
    ) -> None:
        match message:
            case CallReoffered(_, offer):
                await self._line.renegotiate(offer)
            case CallConfirmed(_, answer):
                await self._line.confirm(answer)
            case CallReanswered() | EngineReplaced():
                answered = self.call.status is CallStatus.IN_PROGRESS
                await self._restoring.take(message, answered=answered)

    async def _end(self, message: CallEnded) -> None:
        """Note the end; a document that is owed word of it is asked for."""
        owed = machine.farewell(self._script, self._listening.so_far) or self._parting(elsewhere=False)
        await self._life.note_end(message)
        if owed is not None and message.by is EndedBy.REMOTE:
            self._performer.say_farewell(owed)

    def _parting(self, *, elsewhere: bool) -> cxml.FetchDocument | None:
        """Give what a customer is owed whose call is in a queue and leaves it without having been let go."""
        return machine.parting(self._script, *self._queue.parting(elsewhere=elsewhere))

    def _part_from_queue(self) -> None:
        if (owed := self._parting(elsewhere=True)) is not None:
            self._performer.say_farewell(owed)

    async def _press(self, message: DigitPressed) -> None:
        self._keypad, is_news = keypad.press(self._keypad, message, self._tools.clock.now())
        if is_news:
            self._sides.streaming.press(message.digit)
            await self._step(cxml.DigitPressed(message.digit))

    async def _follow_stream(self, message: StreamSignal) -> None:
        match message:
            case SpeechStarted() | SpeechStopped():
                self._conference.note_speech(message)
                self._listening.note_speech(message)
            case StreamFigures():
                self.figures = message
            case StreamWentSilent():
                self._life.await_sound(patience_s(message, self._tools.silent_hang_up_s))
            case StreamWasHeard():
                self._life.await_sound(None)
            case SilenceOver():
                log.warning("call=%s sends nothing any more and is ended", self.call.id)
                await self._life.hang_up()

    async def _steer(
        self,
        message: CallProgressed | CallAnswered | Asked | Due | TimeOver | Dismissed | Outcome,
    ) -> None:
        match message:
            case Outcome(_, outcome):
                if isinstance(outcome, BaseException):
                    raise outcome
                if self._undertaking.is_news(message):
                    settled, self._undertaking.settling = self._undertaking.settling, False
                    await (self._go_on if settled else self._step)(outcome)
            case Due(orders, script):
                await self._perform(orders if script is self._script else ())
            case CallProgressed():
                await self._ring(message)
            case CallAnswered():
                await self._connect(message)
            case Asked(wish, reply):
                await self._answer_to(wish, reply)
            case TimeOver() | Dismissed():
                begun = isinstance(message, TimeOver) or self._life.is_answered
                await self._finish(CallStatus.COMPLETED if begun else CallStatus.CANCELED)

    async def _ring(self, message: CallProgressed) -> None:
        """Note that whom we call has been reached, and hear what comes from there."""
        if await self._life.note_ringing():
            self._conference.note_ringing()
        attempt, expected = self._sides.attempt, self._conference.expected_in is not None
        if (attempt is not None or expected) and message.sdp and await self._line.listen(message.sdp):
            self._conference.note_early_sound()
            if attempt is not None:
                attempt.sounds()

    async def _connect(self, message: CallAnswered) -> None:
        """Let a call of ours begin; an answer we can do nothing with ends it."""
        try:
            await self._line.connect(message.sdp)
        except NotAcceptable as no:
            log.warning("call=%s was answered with what we cannot do: %s", self.call.id, no)
            await self._finish(CallStatus.FAILED)
            return
        self._life.note_answer()
        self.sip_call_id = message.sip_call_id
        self._calling.answered()
        self._recording.begin_call()
        if self._sides.attempt is not None:
            self._sides.attempt.answered(self.call, message.sip_call_id)
        if self._calling.keys:
            await self._ledger.commit()
            self._undertaking.begin(self._performer.press(self._calling.keys))
        else:
            await self._step(cxml.Started())

    async def _finish(self, status: CallStatus) -> None:
        self._undertaking.drop()
        self._dial.drop()
        await self._life.finish(status)

    async def _step(self, message: cxml.Message) -> None:
        if isinstance(message, cxml.DialEnded):
            if self._conference.expected_in is not None and self.call.status is not CallStatus.IN_PROGRESS:
                await self._finish(CallStatus.CANCELED)  # the conference does not wait any more
                return
            if self._undertaking.settling:
                return  # told twice
            if self._conference.seated:
                return  # old news: a removal that crossed our own leaving, told again when we sat elsewhere already
            self._conference.let_go()
            if message.status is cxml.DialStatus.ANSWERED:
                message = replace(message, parameters=dial_extras(self._project))
            if (sound := self._recording.end_dial()) is not None:
                self._resting.lie_down()
                self._undertaking.begin(self._settle(message, sound), settling=True)
                return
        await self._go_on(message)

    @staticmethod
    async def _settle(ended: cxml.DialEnded, sound: Callable[[], Awaitable[Parameters]]) -> cxml.Message:
        """Wait for the sound of a dial that is over; the call takes keys, wishes and its own end meanwhile."""
        return replace(ended, parameters=(*ended.parameters, *await sound()))

    async def _go_on(self, message: cxml.Message) -> None:
        orders = self._advance(message)
        if not (
            orders and isinstance(orders[0], cxml.Answer)
        ):  # which keeps itself and this step in one commit
            await self._ledger.commit()
        await self._perform(orders)

    def _advance(self, message: cxml.Message) -> Sequence[cxml.Order]:
        """Step the document; whoever asks for it commits the call and then performs the orders."""
        result = machine.step(self._script, message)
        if result.script != self._script:
            self._script = result.script
            self.call = life.placed(self.call, machine.dump(result.script))
        return result.orders

    async def _perform(self, orders: Sequence[cxml.Order]) -> None:
        for order in orders:
            self._resting.before(order)
            await self._performer.perform(order, self._document)

    @property
    def _document(self) -> Document:
        asked = self._script.asked
        return replace(asked, url=self._script.url or asked.url)

    # Wishes ----------------------------------------------------------------------------------------------------------

    async def _answer_to(self, wish: Wish, reply: asyncio.Future[Call]) -> None:
        try:
            await self._grant(wish)
        except Refused as no:
            if not reply.done():
                reply.set_exception(no)
        else:
            if not reply.done():
                reply.set_result(self.call)

    async def _grant(self, wish: Wish) -> None:
        in_progress = self.call.status is CallStatus.IN_PROGRESS
        then = wish.then if isinstance(wish, Change) else wish
        if then is Finish.CANCELED and in_progress:
            raise Refused(Reason.CALL_STATUS_INVALID, call=self.call.id.hex, status=self.call.status)
        if isinstance(then, Instructions) and not in_progress:
            raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=self.call.id.hex)
        if isinstance(wish, Change):
            await self._take_terms(wish.terms)
        match then:
            case Finish():
                await self._finish(CallStatus.COMPLETED if in_progress else CallStatus.CANCELED)
            case Instructions():
                await self._lead_elsewhere(then)

    async def _take_terms(self, terms: Terms) -> None:
        now = self._tools.clock.now()
        self.call = life.reported(self.call, terms.callback(self.call.callback), now)
        if terms.time_limit_s is not None:
            self.call = replace(self.call, time_limit_s=terms.time_limit_s)
            self.heed_limit()
        await self._ledger.commit()

    def heed_limit(self) -> None:
        """Let the call last for as long as it may and no longer."""
        if self.call.time_limit_s is None:
            return
        now_ms = self._tools.clock.now().wall_ms
        ours = self.call.caller.direction is not Direction.INBOUND
        since_ms = self.call.started_ms if ours else self.call.started_ms or now_ms
        self._calling.limit(self.call.time_limit_s, None if since_ms is None else (now_ms - since_ms) / 1_000)

    async def _lead_elsewhere(self, instructions: Instructions) -> None:
        """Take the call out of whatever it does, its conference first, and begin with new instructions."""
        self._part_from_queue()
        self._undertaking.drop()
        self._dial.drop()
        self._queue.close()
        self._recording.let_dial_go()
        self.leave_dial()
        await self._conference.be_taken_out()
        await self._step(cxml.Redirected(instructions.document, instructions.fallback, instructions.text))

    async def _move(self, message: Moving) -> None:
        match message:
            case Handover():
                await self._hand_over(message)
            case Parting(then):  # first of all: what ends with the dial must not end the call that goes on
                self.leave_dial()
                then()
            case Joined():
                self._join(message)

    def _join(self, joined: Joined) -> None:
        """Be connected with somebody who is up already; whoever makes way for them ends their call by themselves."""
        self._dial.let_be()
        self._undertaking.drop()
        self._conference.stop_limit()
        self._recording.let_dial_go()
        self.leave_dial()
        self._undertaking.begin(self._joined.join(joined, self._script.stage))

    async def _hand_over(self, handover: Handover) -> None:
        """Be connected with somebody else; a dial of ours is not over by that."""
        self._part_from_queue()
        self._undertaking.drop()
        self._queue.close()
        self._recording.let_dial_go()
        self.leave_dial()
        if handover.document is not None:
            handover.told(200)
            told = transfer_parameters(handover.target)
            await self._step(cxml.Redirected(handover.document, parameters=told))
            return
        self._dial.tell_outcome = handover.told
        if machine.dial_of(self._script) is not None:
            await self._step(cxml.Transferred(handover.party))
        else:
            document = f"<Response><Dial>{noun_of(handover.party)}</Dial></Response>"
            await self._step(cxml.Redirected(None, text=document))

    def leave_dial(self) -> None:
        """Be no business any more of the dial that had this call made."""
        attempt, self._sides.attempt = self._sides.attempt, None
        if attempt is not None:
            attempt.left(self.call)

    def _refuse_wishes(self) -> bool:
        """Tell those who still wait that there is no call any more, and whether another engine was to go on with it."""
        replaced = False
        while not self._inbox.empty():
            match self._inbox.get_nowait():
                case Asked(wish, reply) if not reply.done():
                    reply.set_exception(too_late(self.call.id, wish))
                case Handover() | Parting() | Joined() as moving:
                    refuse(moving)
                case EngineReplaced():
                    replaced = True
        return replaced
