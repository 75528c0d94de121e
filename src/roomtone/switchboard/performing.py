"""What a document orders, done: each order goes to the side of the leg, or to the adapter, that it is for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from roomtone.core.notification import MOST_OF_A_CALL
from roomtone.core.values import Document
from roomtone.cxml import messages as cxml
from roomtone.cxml.oddities import Warned
from roomtone.cxml.verbs import Dial
from roomtone.switchboard.sides import Sides
from roomtone.switchboard.sounding import Sounding
from roomtone.switchboard.tools import REJECTIONS, Tools

log = logging.getLogger(__name__)


class Performer:
    """Performs the orders of one call's document."""

    def __init__(self, sides: Sides, tools: Tools, tell: Callable[[cxml.Message], None]) -> None:
        self._sides = sides
        self._tools = tools
        self._tell = tell
        self._sounding = Sounding(sides, tools)
        self._warnings = 0

    async def perform(  # noqa: C901, PLR0912 - one line for each order
        self, order: cxml.Order, document: Document
    ) -> None:
        """Do one order; what takes its time is begun.

        Args:
            order: What to do.
            document: The one that orders it.
        """
        sides = self._sides
        match order:
            case cxml.Answer():
                await sides.life.answer()
            case (
                cxml.FetchDocument() | cxml.FetchAudio() | cxml.FetchSpeech() | cxml.PlayAudio() | cxml.PlayKeys()
                | cxml.PlayHouseMusic() | cxml.Listen() | cxml.StopListening() | cxml.Wait() | cxml.EchoBack()
            ):  # fmt: skip
                self._sounding.perform(order)
            case cxml.JoinConference(dial):
                sides.undertaking.drop()
                await sides.conference.join(dial)
                if sides.conference.room is not None:
                    sides.recording.begin_dial(dial, rings="ringing" in dial.record)
            case cxml.DialQueue(dial):
                sides.recording.begin_dial(dial, rings=True)
                self._later(sides.queue.dial(order, partial(self._connected, dial)))
            case cxml.EnterQueue(enqueue, since_ms):
                sides.undertaking.drop()
                self._tell(await sides.queue.enter(enqueue, since_ms))
            case cxml.LeaveQueue():
                sides.undertaking.drop()
                self._tell(sides.queue.leave())
            case cxml.ConnectCaller() if sides.attempt is not None:
                sides.undertaking.drop()
                sides.attempt.ready()
            case cxml.ConnectCaller() if sides.queue.bridge is None:  # whoever rang it, or took it, is gone
                await sides.life.hang_up()
            case cxml.ConnectCaller():
                self._later(sides.queue.connected())
            case cxml.DialParties():
                warn = partial(self._warn, document=document)
                self._later(sides.dial.dial(order, warn, sides.conference.limit))
            case cxml.ReferCaller(target):
                self._later(sides.refer.refer(target))
            case cxml.LeaveConference():
                await self._walk_out()
            case cxml.StartStream(wish):
                await sides.streaming.start(wish)
            case cxml.StopStream(name):
                await sides.streaming.stop(name)
            case cxml.ConnectStream(wish):
                self._later(sides.streaming.connect(wish))
            case cxml.ResumeStream():
                self._later(sides.streaming.resume())
            case cxml.RejectCall(reason):
                status, phrase, final = REJECTIONS[reason]
                await sides.life.refuse(status, phrase, final)
            case cxml.HangUp():
                await sides.life.hang_up()
            case cxml.Warn(warned):
                self._warn(warned, document)

    def _connected(self, dial: Dial, limit_s: float) -> None:
        """Note that a dial has led to somebody, for so long at most."""
        self._sides.conference.limit(limit_s)
        self._sides.recording.begin_dial(dial, rings=False)

    async def _walk_out(self) -> None:
        """End what a dial led to; `DialEnded` comes of it. A connection that was still waited for is given up."""
        if self._sides.conference.room is not None:
            await self._sides.conference.walk_out()
        elif self._sides.dial.active:
            self._sides.dial.stop()
        elif self._sides.queue.bridge is not None:
            self._sides.queue.bridge.end()
        elif not self._sides.undertaking.settling:
            self._sides.undertaking.drop()
            self._tell(cxml.DialEnded(cxml.DialStatus.CANCELED))

    def say_farewell(self, order: cxml.FetchDocument) -> None:
        """Ask for a document that nobody will hear: the call is over."""
        self._sounding.say_farewell(order)

    async def press(self, keys: str) -> cxml.Message:
        """Send keys to whom we called, before their document begins; gives what the script is told."""
        return await self._sounding.press(keys)

    def _warn(self, warned: Warned, document: Document) -> None:
        call = self._sides.ledger.call.id
        log.warning("call=%s warned of %s: %s", call, warned.reason, warned.logged)
        self._warnings += 1
        if self._warnings <= MOST_OF_A_CALL:
            self._tools.notifier.warn(self._sides.project, call, warned, document)

    @property
    def _later(self) -> Callable[..., None]:
        return self._sides.undertaking.begin
