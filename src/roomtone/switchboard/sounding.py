"""What a document lets a caller hear, and what it asks for to do so: fetches, speech, music, keys, patience."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import assert_never

from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import (
    Clip,
    EngineUnavailable,
    Fetched,
    FetchedAudio,
    FetchRequest,
    Parameters,
    PlayClip,
    Utterance,
)
from roomtone.core.values import Method
from roomtone.cxml import messages as cxml
from roomtone.switchboard.sides import Sides
from roomtone.switchboard.spelling import voice_parameters, voiced
from roomtone.switchboard.tools import Tools

log = logging.getLogger(__name__)

SoundOrder = (
    cxml.FetchDocument
    | cxml.FetchAudio
    | cxml.FetchSpeech
    | cxml.PlayAudio
    | cxml.PlayKeys
    | cxml.PlayHouseMusic
    | cxml.Listen
    | cxml.StopListening
    | cxml.Wait
    | cxml.EchoBack
)
"""What is performed here."""


class Sounding:
    """Of one call."""

    def __init__(self, sides: Sides, tools: Tools) -> None:
        self._sides = sides
        self._tools = tools
        self._audio: FetchedAudio | None = None

    def perform(self, order: SoundOrder) -> None:  # noqa: C901 - one arm for each order
        """Begin one order; what was under way before is dropped."""
        sides = self._sides
        match order:
            case cxml.FetchDocument(url, method, parameters):
                told = parameters + sides.queue.wait_parameters()
                spelled = voice_parameters(sides.project, sides.ledger.call, told)
                self._later(self._fetch(self._request(url, method, spelled)))
            case cxml.FetchAudio(url):
                self._later(self._fetch(self._request(url, Method.GET, (), audio_only=True)))
            case cxml.FetchSpeech(utterance):
                self._later(self._speak(voiced(sides.project, utterance)))
            case cxml.PlayAudio(_, loops):
                assert self._audio is not None, "PlayAudio follows the audio it means"
                self._later(self._play(self._audio.clip, loops))
            case cxml.PlayKeys(keys, loops):
                self._later(self._play(self._tools.documents.key_tones(keys), loops))
            case cxml.Wait(seconds):
                self._later(self._wait(seconds))
            case cxml.EchoBack(seconds):
                self._later(self._echo(seconds))
            case cxml.Listen():
                self._later(sides.listening.listen(order))
            case cxml.StopListening():
                sides.listening.stop()
            case cxml.PlayHouseMusic():
                self._later(self._play(self._tools.documents.house_music(), 0))
            case _:
                assert_never(order)

    def _request(
        self, url: str, method: Method, told: Parameters, *, audio_only: bool = False
    ) -> FetchRequest:
        sides = self._sides
        return FetchRequest(sides.project, url, method, told, audio_only, call=sides.ledger.call.id)

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

    async def _echo(self, seconds: float) -> cxml.Message:
        call, media = self._sides.ledger.call.id, self._tools.media
        seat = Seat(call, call, hears=None)
        media.apply(call, MixPlan(revision=self._tools.clock.now().wall_ms, seats=(seat,)))
        try:
            await asyncio.sleep(seconds)
        finally:
            # Whoever sits in a conference by now stays there.
            media.drop(call)
        return cxml.PauseEnded()

    def say_farewell(self, order: cxml.FetchDocument) -> None:
        """Ask for a document that nobody will hear: the call is over."""
        sides = self._sides
        spelled = voice_parameters(sides.project, sides.ledger.call, order.parameters)
        self._tools.farewells.say(self._request(order.url, order.method, spelled))

    async def press(self, keys: str) -> cxml.Message:
        """Send keys to whom we called, before their document begins: as events, or as tones if they take none."""
        tones = self._tools.documents.key_tones(keys)
        if await self._tools.media.press(self._sides.ledger.call.id, keys):
            await asyncio.sleep(tones.duration_s)
        else:
            await self._play(tones, 1)
        return cxml.Started()

    async def _wait(self, seconds: float) -> cxml.Message:
        await asyncio.sleep(seconds)
        return cxml.PauseEnded()
