"""One task owns one call: its life and its document.

The same loop as a room's, over `core.call` and `cxml.script`: take a message, step, commit, perform. What a document
means is the script's to say; who is in a conference is the room's. A leg asks rooms; rooms only tell legs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, replace

from roomtone.core.call import keypad
from roomtone.core.call import step as life
from roomtone.core.call.messages import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgressed,
    CallReoffered,
    DigitPressed,
    EndedBy,
    StreamFigures,
    StreamWasHeard,
    StreamWentSilent,
)
from roomtone.core.call.silence import SilenceOver, patience_s
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.call.wishes import Finish, Instructions, TimeOver, Wish
from roomtone.core.conference.messages import CallRings, LegEnded, LegLeft, SpeechStarted, SpeechStopped
from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import (
    Clip,
    EngineUnavailable,
    Fetched,
    FetchedAudio,
    FetchRequest,
    PlayClip,
    Summons,
    Utterance,
)
from roomtone.core.ids import ParticipantId
from roomtone.core.notification import MOST_OF_A_CALL
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Direction, Method
from roomtone.cxml import messages as cxml
from roomtone.cxml import script as machine
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs import Dial
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.calling_side import CallingSide
from roomtone.switchboard.line import Line
from roomtone.switchboard.queue_side import QueueSide
from roomtone.switchboard.room import Room
from roomtone.switchboard.spelling import dial_extras, join_of, voice_parameters, voiced
from roomtone.switchboard.tools import COACH_REASONS, REJECTIONS, Tools

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds until the store is asked again to keep how a call ended."""

StreamSignal = SpeechStarted | SpeechStopped | StreamFigures | StreamWentSilent | StreamWasHeard | SilenceOver
"""How a call's audio fares."""

LegSignal = (
    CallProgressed | CallAnswered | CallConfirmed | CallReoffered | CallEnded | DigitPressed | StreamSignal
)
"""What the engine can say about one call."""


RETRY_S = 1.0
"""When to try again to leave a conference whose store does not answer, in seconds."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of something that took its time."""

    turn: int
    """Which; the outcome of what was dropped meanwhile is old news."""

    message: cxml.Message | BaseException
    """What the script is told; or the bug it ended with."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A customer's wish, and who waits for what came of it."""

    wish: Wish
    reply: asyncio.Future[Call]


class Leg:
    """The running side of one call."""

    def __init__(
        self, call: Call, project: Project, script: machine.Script, line: Line, tools: Tools
    ) -> None:
        self.call = call
        self.room: Room | None = None
        self.expected_in: Room | None = None
        """The conference that waits for a call of ours to be answered."""

        self._stored: Call | None = call if call.revision else None
        self._keeping = asyncio.Lock()
        self._project = project
        self._script = script
        self._line = line
        self._tools = tools
        self._inbox: asyncio.Queue[LegSignal | cxml.Message | _Outcome | _Asked | TimeOver] = asyncio.Queue()
        self._pending: asyncio.Task[cxml.Message] | None = None
        self._turn = 0
        self._warnings = 0
        self._time_limit: asyncio.TimerHandle | None = None
        self._calling = CallingSide(call.id, line, self.tell)
        self._queue = QueueSide(call.id, project, tools.queues, tools.media, tools.clock, self.tell)
        self._audio: FetchedAudio | None = None
        self.figures: StreamFigures | None = None
        self._keypad: keypad.Keypad = ()
        self._silence: asyncio.TimerHandle | None = None

    def tell(self, message: LegSignal | cxml.Message | TimeOver) -> None:
        """Let the leg know that something happened; never waits."""
        self._inbox.put_nowait(message)

    async def begin(self) -> None:
        """Keep the record of a call that has just come in, and let the caller hear that it rings."""
        self.call = life.ringing(self.call, self._tools.clock.now())
        if not await self._commit():
            self.call = life.ended_by_us(self.call, CallStatus.FAILED, self._tools.clock.now(), 503)
            await self._line.refuse(503, "No record can be kept")
            return
        await self._line.ring()
        self.tell(cxml.Started())

    async def enrol(self) -> bool:
        """Keep the record of a call that is going to be made, and say whether it is kept."""
        return await self._commit()

    def dial(self, summons: Summons, turn: Awaitable[None], limit_s: float) -> None:
        """Call somebody when it is our turn; the record is kept already."""
        self._calling.dial(summons, turn, limit_s)

    async def ask(self, wish: Wish) -> Call:
        """Do what a customer wishes of the call, and give it as it is after the commit.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS: it is not answered yet, or over; CALL_STATUS_INVALID: it is answered already.
        """
        reply: asyncio.Future[Call] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait(_Asked(wish, reply))
        return await reply

    def resume(self, room: Room | None, limit_s: float = 0.0) -> None:
        """Take up a call of an earlier brain.

        Args:
            room: The live conference it is in, if it is in one.
            limit_s: Seconds it may stay there.
        """
        self.room = room
        if room is not None:
            self.call = life.entered(life.left(self.call), room.conference.id)
            self._limit(limit_s)
        self.tell(cxml.Resumed(in_conference=room is not None))

    async def run(self) -> None:
        """Live until the call is over. Cancelled, it lets go and leaves the call to the engine and the next brain."""
        try:
            while not self.call.over:
                await self._take(await self._inbox.get())
        except asyncio.CancelledError:
            self._drop_pending()
            self._calling.close()
            raise
        except BaseException:
            await self._close(hang_up=True)
            raise
        await self._close(hang_up=False)
        while not await self._commit():  # noqa: ASYNC110 - nobody tells when the store is back
            await asyncio.sleep(RETRY_S)

    # Messages --------------------------------------------------------------------------------------------------------

    async def _take(self, message: LegSignal | cxml.Message | _Outcome | _Asked | TimeOver) -> None:
        log.debug("call=%s message=%r", self.call.id, message)
        try:
            match message:
                case CallEnded():
                    await self._end(message)
                case CallProgressed() | CallAnswered() | _Asked() | TimeOver() | _Outcome():
                    await self._steer(message)
                case CallReoffered(_, offer):
                    await self._line.renegotiate(offer)
                case CallConfirmed(_, answer):
                    await self._line.confirm(answer)
                case DigitPressed():
                    await self._press(message)
                case (
                    SpeechStarted() | SpeechStopped() | StreamFigures() | StreamWentSilent() | StreamWasHeard()
                    | SilenceOver()
                ):  # fmt: skip
                    await self._follow_stream(message)
                case _:
                    await self._step(message)
        except EngineUnavailable as fault:
            log.warning("call=%s cannot go on: %s", self.call.id, fault)
            await self._give_up()
            self.tell(CallEnded(self.call.id, EndedBy.INTERNAL, 500, str(fault), answered=False))

    async def _press(self, message: DigitPressed) -> None:
        self._keypad, is_news = keypad.press(self._keypad, message, self._tools.clock.now())
        if is_news:
            await self._step(cxml.DigitPressed(message.digit))

    async def _follow_stream(self, message: StreamSignal) -> None:
        match message:
            case SpeechStarted() | SpeechStopped():
                if self.room is not None:
                    self.room.tell(message)
            case StreamFigures():
                self.figures = message
            case StreamWentSilent():
                self._await_sound(patience_s(message, self._tools.silent_hang_up_s))
            case StreamWasHeard():
                self._await_sound(None)
            case SilenceOver():
                log.warning("call=%s sends nothing any more and is ended", self.call.id)
                await self._hang_up()

    async def _give_up(self) -> None:
        """End at the phone what cannot go on here (no port is left); if the engine is gone, so is the phone's call."""
        with contextlib.suppress(EngineUnavailable):
            if self._can_refuse:
                await self._line.refuse(503, "Service Unavailable")
            else:
                await self._line.hang_up()

    async def _step(self, message: cxml.Message) -> None:
        if isinstance(message, cxml.DialEnded):
            if self.expected_in is not None and self.call.status is not CallStatus.IN_PROGRESS:
                await self._finish(CallStatus.CANCELED)  # the conference does not wait any more
                return
            if self._seated:
                return  # old news: a removal that crossed our own leaving, told again when we sat elsewhere already
            self._leave()
            if message.status is cxml.DialStatus.ANSWERED:
                message = replace(message, parameters=dial_extras(self._project))
        result = machine.step(self._script, message)
        if result.script != self._script:
            self._script = result.script
            self.call = life.placed(self.call, machine.dump(result.script))
        await self._commit()
        for order in result.orders:
            await self._perform(order)

    async def _commit(self) -> bool:
        """Keep the call as it is now, and say whether it is kept.

        A store that does not answer ends no call: it goes on, and the next commit keeps all of it.
        """
        async with self._keeping:
            call = self.call
            try:
                kept = await self._tools.records.keep(self._stored, call)
            except OSError as fault:
                log.error("call=%s the store does not answer: %s", call.id, fault)  # noqa: TRY400
                return False
            self._stored = kept
            changed = self.call is not call  # meanwhile: the caller hung up while the ringing was being kept
            self.call = replace(self.call, last_sequence=kept.last_sequence) if changed else kept
        return True

    # Orders ----------------------------------------------------------------------------------------------------------

    async def _perform(self, order: cxml.Order) -> None:  # noqa: C901, PLR0912 - one line for each order
        match order:
            case cxml.Answer():
                await self._answer()
            case cxml.FetchDocument(url, method, parameters):
                told = parameters + self._queue.wait_parameters()
                spelled = voice_parameters(self._project, self.call, told)
                self._later(self._fetch(FetchRequest(self._project, url, method, spelled)))
            case cxml.FetchAudio(url):
                self._later(self._fetch(FetchRequest(self._project, url, Method.GET, (), audio_only=True)))
            case cxml.FetchSpeech(utterance):
                self._later(self._speak(voiced(self._project, utterance)))
            case cxml.PlayAudio(_, loops):
                assert self._audio is not None, "PlayAudio follows the audio it means"
                self._later(self._play(self._audio.clip, loops))
            case cxml.PlayKeys(keys, loops):
                self._later(self._play(self._tools.documents.key_tones(keys), loops))
            case cxml.Wait(seconds):
                self._later(self._wait(seconds))
            case cxml.JoinConference(dial):
                self._drop_pending()
                await self._join(dial)
            case cxml.DialQueue():
                self._later(self._queue.dial(order, self._limit))
            case cxml.EnterQueue(enqueue, since_ms):
                self._drop_pending()
                self.tell(await self._queue.enter(enqueue, since_ms))
            case cxml.LeaveQueue():
                self._drop_pending()
                self.tell(self._queue.leave())
            case cxml.ConnectCaller():
                self._later(self._queue.connected())
            case cxml.PlayHouseMusic():
                self._later(self._play(self._tools.documents.house_music(), 0))
            case cxml.DialParties():
                self._warn(
                    Warned(
                        Oddity.NOUN_NOT_SUPPORTED, "numbers, SIP addresses and clients are not dialled yet"
                    )
                )
                self.tell(cxml.DialEnded(cxml.DialStatus.FAILED))
            case cxml.LeaveConference():
                await self._walk_out()
            case cxml.RejectCall(reason):
                status, phrase, final = REJECTIONS[reason]
                await self._refuse(status, phrase, final)
            case cxml.HangUp():
                await self._hang_up()
            case cxml.Warn(warned):
                self._warn(warned)

    def _warn(self, warned: Warned) -> None:
        log.warning("call=%s %s: %s", self.call.id, warned.reason, warned.detail)
        self._warnings += 1
        if self._warnings <= MOST_OF_A_CALL:
            document = replace(self._script.asked, url=self._script.url or self._script.asked.url)
            self._tools.notifier.warn(self._project, self.call.id, warned, document)

    def _later(self, work: Coroutine[None, None, cxml.Message]) -> None:
        """Let something take its time; what was under way before is dropped."""
        self._drop_pending()
        turn = self._turn

        def tell_outcome(task: asyncio.Task[cxml.Message]) -> None:
            if not task.cancelled():
                self._inbox.put_nowait(_Outcome(turn, task.exception() or task.result()))

        self._pending = asyncio.create_task(work, name=f"call {self.call.id}")
        self._pending.add_done_callback(tell_outcome)

    def _drop_pending(self) -> None:
        self._turn += 1
        if self._pending is not None:
            self._pending.cancel()

    async def _fetch(self, request: FetchRequest) -> cxml.Message:
        return self._arrived(await self._tools.documents.fetch(request))

    async def _speak(self, utterance: Utterance) -> cxml.Message:
        return self._arrived(await self._tools.documents.speak(utterance))

    def _arrived(self, fetched: Fetched) -> cxml.Message:
        self._audio = fetched if isinstance(fetched, FetchedAudio) else None
        return cxml.arrival(fetched)

    async def _play(self, clip: Clip, loops: int) -> cxml.Message:
        key = f"play:{self.call.id}"
        seat = Seat(self.call.id, Towards.NOBODY, hears=key)
        self._tools.media.apply(
            self.call.id, MixPlan(revision=self._tools.clock.now().wall_ms, seats=(seat,))
        )
        try:
            await self._tools.sources.play(key, PlayClip(clip, loops))
        except EngineUnavailable as fault:
            log.warning("call=%s not played: %s", self.call.id, fault)
        finally:
            self._tools.sources.stop(key)
        return cxml.PlaybackEnded()

    async def _wait(self, seconds: float) -> cxml.Message:
        await asyncio.sleep(seconds)
        return cxml.PauseEnded()

    # The call's own life ---------------------------------------------------------------------------------------------

    async def _answer(self) -> None:
        description = await self._line.prepare()
        self.call = life.answered(self.call, self._tools.clock.now())
        await self._commit()
        await self._line.pick_up(description)

    async def _refuse(self, status: int, phrase: str, final: CallStatus) -> None:
        self.call = life.ended_by_us(self.call, final, self._tools.clock.now(), status)
        await self._commit()
        await self._line.refuse(status, phrase)

    async def _hang_up(self) -> None:
        if self._can_refuse:
            await self._refuse(500, "No usable document", CallStatus.FAILED)
        else:
            await self._line.hang_up()

    @property
    def _can_refuse(self) -> bool:
        """Whether somebody who calls us waits for a yes or no."""
        called_us = self.call.caller.direction is Direction.INBOUND
        return called_us and self.call.status is not CallStatus.IN_PROGRESS

    def _await_sound(self, seconds: float | None) -> None:
        """Let the call end when its phone stays silent for so long; None: let it be."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if seconds is not None:
            over = SilenceOver(self.call.id)
            self._silence = asyncio.get_running_loop().call_later(seconds, self.tell, over)

    async def _end(self, signal: CallEnded) -> None:
        log.info(
            "call=%s ended by=%s status=%d reason=%r", self.call.id, signal.by, signal.status, signal.reason
        )
        self.call = life.ended(self.call, signal, self._tools.clock.now())
        await self._commit()

    async def _close(self, *, hang_up: bool) -> None:
        """Leave nothing behind: no seat, no stream, no task, no timer."""
        self._drop_pending()
        self._await_sound(None)
        if self._time_limit is not None:
            self._time_limit.cancel()
        self._calling.close()
        self._refuse_wishes()
        self._queue.close()
        if (room := self.room or self.expected_in) is not None:
            status = self.call.status if self.call.over else CallStatus.COMPLETED
            room.tell(LegEnded(self.call.id, status))
        await self._line.close(hang_up=hang_up)

    # Calls of ours ---------------------------------------------------------------------------------------------------

    async def _steer(self, message: CallProgressed | CallAnswered | _Asked | TimeOver | _Outcome) -> None:
        match message:
            case _Outcome(turn, outcome):
                if isinstance(outcome, BaseException):
                    raise outcome
                if turn == self._turn:
                    await self._step(outcome)
            case CallProgressed():
                await self._ring()
            case CallAnswered(_, answer):
                await self._connect(answer)
            case _Asked(wish, reply):
                await self._answer_to(wish, reply)
            case TimeOver():
                await self._finish(CallStatus.COMPLETED)

    async def _ring(self) -> None:
        if self.call.status is CallStatus.QUEUED:
            self.call = life.ringing(self.call, self._tools.clock.now())
            await self._commit()
            if self.expected_in is not None:
                self.expected_in.tell(CallRings(self.call.id))

    async def _connect(self, description: str | None) -> None:
        """Let the call begin; an answer we can do nothing with ends it."""
        try:
            await self._line.connect(description)
        except NotAcceptable as no:
            log.warning("call=%s was answered with what we cannot do: %s", self.call.id, no)
            await self._finish(CallStatus.FAILED)
            return
        self.call = life.answered(self.call, self._tools.clock.now())
        self._calling.answered()
        await self._step(cxml.Started())

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
        match wish:
            case Finish.CANCELED if in_progress:
                raise Refused(Reason.CALL_STATUS_INVALID, call=self.call.id.hex, status=self.call.status)
            case Finish():
                await self._finish(CallStatus.COMPLETED if in_progress else CallStatus.CANCELED)
            case Instructions():
                if not in_progress:
                    raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=self.call.id.hex)
                await self._lead_elsewhere(wish)

    async def _finish(self, status: CallStatus) -> None:
        """End the call now; the engine's word of it will be old news."""
        self.call = life.ended_by_us(self.call, status, self._tools.clock.now())
        await self._commit()
        self._drop_pending()
        await self._line.hang_up()

    async def _lead_elsewhere(self, instructions: Instructions) -> None:
        """Take the call out of whatever it does, its conference first, and begin with new instructions."""
        self._drop_pending()
        self._queue.close()
        if self.room is not None:
            try:
                await self.room.ask(LegLeft(self.call.id))
            except Refused as no:
                if no.reason is Reason.UNAVAILABLE:
                    raise
            self._leave()
        await self._step(cxml.Redirected(instructions.document, instructions.fallback, instructions.text))

    def _refuse_wishes(self) -> None:
        """Tell those who still wait that there is no call any more."""
        while not self._inbox.empty():
            match self._inbox.get_nowait():
                case _Asked(_, reply) if not reply.done():
                    reply.set_exception(Refused(Reason.CALL_NOT_IN_PROGRESS, call=self.call.id.hex))

    # Conferences -----------------------------------------------------------------------------------------------------

    async def _join(self, dial: Dial) -> None:
        participant = ParticipantId(self._tools.dice.bits128())
        try:
            join = join_of(dial.conference, self._project, self.call, participant)
            self.room = await self._tools.directory.join(self._project, dial.conference.name, join)
        except Refused as no:
            log.warning("call=%s conference=%r refused: %s", self.call.id, dial.conference.name, no)
            failed = cxml.DialEnded(cxml.DialStatus.FAILED)
            self.tell(failed if no.reason in COACH_REASONS else cxml.DialRefused(str(no)))
            return
        self.expected_in = None
        self.call = life.entered(self.call, self.room.conference.id)
        await self._commit()
        self._limit(dial.time_limit_s)

    async def _walk_out(self) -> None:
        """Leave the conference of our own accord; the document goes on once the room has noted it."""
        if self.room is None:
            self._disconnect()
            return
        try:
            await self.room.ask(LegLeft(self.call.id))
        except Refused as no:
            if no.reason is Reason.UNAVAILABLE:
                self._limit(RETRY_S)  # the store does not answer; the room stays as it is until it does
            return  # else it has just ended, and releases us by itself
        self.tell(cxml.DialEnded())

    def _disconnect(self) -> None:
        """End the connection to another call; `DialEnded` comes of it. One that was still waited for is given up."""
        if self._queue.bridge is not None:
            self._queue.bridge.end()
        else:
            self._drop_pending()
            self.tell(cxml.DialEnded(cxml.DialStatus.CANCELED))

    @property
    def _seated(self) -> bool:
        return self.room is not None and self.room.conference.find(self.call.id) is not None

    def _limit(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._time_limit = loop.call_later(seconds, self.tell, cxml.TimeLimitReached())

    def _leave(self) -> None:
        self.room = None
        self.call = life.left(self.call)
        if self._time_limit is not None:
            self._time_limit.cancel()
