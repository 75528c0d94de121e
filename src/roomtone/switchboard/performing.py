"""What a document orders, done: each order goes to the side of the leg, or to the adapter, that it is for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import (
    Clip,
    EngineUnavailable,
    Fetched,
    FetchedAudio,
    FetchRequest,
    PlayClip,
    Utterance,
)
from roomtone.core.notification import MOST_OF_A_CALL
from roomtone.core.project import Project
from roomtone.core.values import Document, Method
from roomtone.cxml import messages as cxml
from roomtone.cxml.oddities import Warned
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.conference_side import ConferenceSide
from roomtone.switchboard.dial_side import DialSide
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.life_side import LifeSide
from roomtone.switchboard.queue_side import QueueSide
from roomtone.switchboard.spelling import voice_parameters, voiced
from roomtone.switchboard.tools import REJECTIONS, Tools
from roomtone.switchboard.undertaking import Undertaking

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Sides:
    """The sides of one leg."""

    ledger: Ledger
    project: Project
    life: LifeSide
    conference: ConferenceSide
    queue: QueueSide
    dial: DialSide
    undertaking: Undertaking
    attempt: Attempt | None = None
    """The dial that had this call made."""


class Performer:
    """Performs the orders of one call's document."""

    def __init__(self, sides: Sides, tools: Tools, tell: Callable[[cxml.Message], None]) -> None:
        self._sides = sides
        self._tools = tools
        self._tell = tell
        self._audio: FetchedAudio | None = None
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
            case cxml.FetchDocument(url, method, parameters):
                told = parameters + sides.queue.wait_parameters()
                spelled = voice_parameters(sides.project, sides.ledger.call, told)
                self._later(self._fetch(FetchRequest(sides.project, url, method, spelled)))
            case cxml.FetchAudio(url):
                self._later(self._fetch(FetchRequest(sides.project, url, Method.GET, (), audio_only=True)))
            case cxml.FetchSpeech(utterance):
                self._later(self._speak(voiced(sides.project, utterance)))
            case cxml.PlayAudio(_, loops):
                assert self._audio is not None, "PlayAudio follows the audio it means"
                self._later(self._play(self._audio.clip, loops))
            case cxml.PlayKeys(keys, loops):
                self._later(self._play(self._tools.documents.key_tones(keys), loops))
            case cxml.Wait(seconds):
                self._later(self._wait(seconds))
            case cxml.JoinConference(dial):
                sides.undertaking.drop()
                await sides.conference.join(dial)
            case cxml.DialQueue():
                self._later(sides.queue.dial(order, sides.conference.limit))
            case cxml.EnterQueue(enqueue, since_ms):
                sides.undertaking.drop()
                self._tell(await sides.queue.enter(enqueue, since_ms))
            case cxml.LeaveQueue():
                sides.undertaking.drop()
                self._tell(sides.queue.leave())
            case cxml.ConnectCaller() if sides.attempt is not None:
                sides.undertaking.drop()
                sides.attempt.ready()
            case cxml.ConnectCaller():
                self._later(sides.queue.connected())
            case cxml.PlayHouseMusic():
                self._later(self._play(self._tools.documents.house_music(), 0))
            case cxml.DialParties():
                warn = partial(self._warn, document=document)
                self._later(sides.dial.dial(order, warn, sides.conference.limit))
            case cxml.LeaveConference():
                await self._walk_out()
            case cxml.RejectCall(reason):
                status, phrase, final = REJECTIONS[reason]
                await sides.life.refuse(status, phrase, final)
            case cxml.HangUp():
                await sides.life.hang_up()
            case cxml.Warn(warned):
                self._warn(warned, document)

    async def _walk_out(self) -> None:
        """End what a dial led to; `DialEnded` comes of it. A connection that was still waited for is given up."""
        if self._sides.conference.room is not None:
            await self._sides.conference.walk_out()
        elif self._sides.dial.active:
            self._sides.dial.stop()
        elif self._sides.queue.bridge is not None:
            self._sides.queue.bridge.end()
        else:
            self._sides.undertaking.drop()
            self._tell(cxml.DialEnded(cxml.DialStatus.CANCELED))

    def _warn(self, warned: Warned, document: Document) -> None:
        call = self._sides.ledger.call.id
        log.warning("call=%s %s: %s", call, warned.reason, warned.detail)
        self._warnings += 1
        if self._warnings <= MOST_OF_A_CALL:
            self._tools.notifier.warn(self._sides.project, call, warned, document)

    @property
    def _later(self) -> Callable[..., None]:
        return self._sides.undertaking.begin

    async def _fetch(self, request: FetchRequest) -> cxml.Message:
        return self._arrived(await self._tools.documents.fetch(request))

    async def _speak(self, utterance: Utterance) -> cxml.Message:
        return self._arrived(await self._tools.documents.speak(utterance))

    def _arrived(self, fetched: Fetched) -> cxml.Message:
        self._audio = fetched if isinstance(fetched, FetchedAudio) else None
        return cxml.arrival(fetched)

    async def _play(self, clip: Clip, loops: int) -> cxml.Message:
        call = self._sides.ledger.call.id
        key = f"play:{call}"
        seat = Seat(call, Towards.NOBODY, hears=key)
        self._tools.media.apply(call, MixPlan(revision=self._tools.clock.now().wall_ms, seats=(seat,)))
        try:
            await self._tools.sources.play(key, PlayClip(clip, loops))
        except EngineUnavailable as fault:
            log.warning("call=%s not played: %s", call, fault)
        finally:
            self._tools.sources.stop(key)
        return cxml.PlaybackEnded()

    async def _wait(self, seconds: float) -> cxml.Message:
        await asyncio.sleep(seconds)
        return cxml.PauseEnded()
