"""What plays in a conference beside the room: one task for each soundtrack of the plan.

A soundtrack that a plan names starts, one that it names no more stops; an unchanged key plays on. What a document says
is `cxml.soundtrack`'s to read; here its orders are carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace

from roomtone.core.conference.messages import Signal, SoundtrackEnded, SoundtrackFailed
from roomtone.core.conference.mix import MixPlan, Soundtrack
from roomtone.core.conference.state import Conference
from roomtone.core.exchange import (
    EngineUnavailable,
    Fetched,
    FetchedAudio,
    FetchRequest,
    PlayClip,
)
from roomtone.core.project import Project
from roomtone.core.values import Document, HouseMusic, Method, Silence
from roomtone.cxml import soundtrack as machine
from roomtone.cxml.messages import (
    EndSoundtrack,
    FailSoundtrack,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    SoundtrackMessage,
    SoundtrackOrder,
    Started,
    Wait,
    Warn,
    arrival,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.switchboard.notifier import Notifier
from roomtone.switchboard.ports import Documents
from roomtone.switchboard.sources import Sources
from roomtone.switchboard.spelling import soundtrack_parameters, voiced

log = logging.getLogger(__name__)

MOST_OF_ONE = 20
"""Notifications kept of one soundtrack."""

GRACE_S = 0.5
"""How long a customer's server may take before the house music fills in for wait and hold music."""

AGAIN_S = 1.0
"""How long wait and hold music pauses before it tries again to play where no engine answers."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What every soundtrack is given."""

    documents: Documents
    sources: Sources
    notifier: Notifier


class Soundtracks:
    """The soundtracks of one conference."""

    def __init__(self, project: Project, shelf: Shelf, tell: Callable[[Signal], None]) -> None:
        self._project = project
        self._shelf = shelf
        self._tell = tell
        self._players: dict[str, asyncio.Task[None]] = {}

    def follow(
        self, conference: Conference, plan: MixPlan, playing: frozenset[tuple[str, int]] = frozenset()
    ) -> None:
        """Play exactly what the plan names.

        Args:
            conference: As it is now, for the parameters of requests.
            plan: The picture in force.
            playing: Sources that an earlier brain left playing, by key and turn: they are waited for, not restarted,
                unless they only fill in.
        """
        wanted = {track.key: track for track in plan.soundtracks}
        for key in self._players.keys() - wanted.keys():
            self._players.pop(key).cancel()
            self._shelf.sources.stop(key)
        turns = dict(playing)
        for key in wanted.keys() - self._players.keys():
            parameters = soundtrack_parameters(self._project, conference, wanted[key].call)
            plain = FetchRequest(
                self._project, "", Method.GET, parameters, call=wanted[key].call, conference=conference.id
            )
            player = Player(wanted[key], plain, self._shelf, self._tell)
            left = self._shelf.sources.left_behind(key, turns[key]) if key in turns else None
            self._players[key] = asyncio.create_task(player.run(left), name=f"soundtrack {key}")

    def let_go(self) -> None:
        """Stop following; what plays goes on playing in the engine."""
        for player in self._players.values():
            player.cancel()
        self._players.clear()

    def stop(self) -> None:
        """End them all."""
        for key, player in self._players.items():
            player.cancel()
            self._shelf.sources.stop(key)
        self._players.clear()


class Player:
    """Plays one soundtrack."""

    def __init__(
        self,
        track: Soundtrack,
        plain: FetchRequest,
        shelf: Shelf,
        tell: Callable[[Signal], None],
    ) -> None:
        self._track = track
        self._project = plain.project
        self._plain = plain
        self._documents = shelf.documents
        self._sources = shelf.sources
        self._notifier = shelf.notifier
        self._warnings = 0
        self._tell = tell
        self._fetched: FetchedAudio | None = None
        self._started = False
        self._filling = False
        self._patient_until = 0.0

    async def run(self, left_behind: asyncio.Future[None] | None = None) -> None:
        """Play it to its end.

        Args:
            left_behind: The end of what the engine still plays of it for an earlier brain, if it does.
        """
        try:
            if left_behind is not None:
                await left_behind
                if self._track.once:
                    self._tell(SoundtrackEnded(self._track.key))
                    return
            await self._play()
        except EngineUnavailable as fault:
            log.warning("soundtrack=%s the engine is gone: %s", self._track.key, fault)
            self._fail("the engine is gone")
        except Exception as bug:
            log.exception("soundtrack=%s bug", self._track.key)
            self._fail(f"an internal problem: {type(bug).__name__}")

    async def _play(self) -> None:
        match self._track.music:
            case HouseMusic():
                await self._house_music()
            case Silence():
                pass
            case Document() as document:
                await self._walk(document)

    async def _walk(self, document: Document) -> None:
        self._patient_until = asyncio.get_running_loop().time() + GRACE_S
        state = machine.begin(document, loop_audio=not self._track.once)
        message: SoundtrackMessage | None = Started()
        while message is not None:
            result = machine.step(state, message)
            state = result.soundtrack
            message = None
            for order in result.orders:
                message = await self._perform(order)

    async def _perform(  # noqa: C901 - one line for each order
        self, order: SoundtrackOrder
    ) -> SoundtrackMessage | None:
        match order:
            case FetchDocument(url, method, parameters):
                told = self._plain.parameters + parameters
                return await self._arrive(replace(self._plain, url=url, method=method, parameters=told))
            case FetchAudio(url):
                return await self._arrive(replace(self._plain, url=url, parameters=(), audio_only=True))
            case FetchSpeech(utterance):
                return await self._await(self._documents.speak(voiced(self._project, utterance)))
            case PlayAudio(_, loops):
                return await self._sound(loops)
            case Wait(seconds):
                self._stop_filling()
                await asyncio.sleep(seconds)
                return PauseEnded()
            case Warn(warned):
                self._warn(warned)
            case EndSoundtrack():
                self._stop_filling()
                if self._track.once:
                    self._tell(SoundtrackEnded(self._track.key))
            case FailSoundtrack(code, problem):
                self._warn(Warned(Oddity.DOCUMENT_UNUSABLE, problem, code))
                self._fail(problem)
                if not self._track.once:
                    await self._house_music()
        return None

    async def _arrive(self, request: FetchRequest) -> SoundtrackMessage:
        return await self._await(self._documents.fetch(request))

    async def _await(self, coming: Coroutine[None, None, Fetched]) -> SoundtrackMessage:
        """Wait for something fetched or spoken; if wait or hold music lets its hearer wait, the house music fills in until it comes."""
        fetching = asyncio.create_task(coming)
        try:
            if not self._track.once and not self._started:
                await asyncio.wait({fetching}, timeout=self._grace_left_s())
                if not fetching.done() and not self._filling:
                    self._filling = True
                    await self._fill_in()
            fetched: Fetched = await fetching
        finally:
            fetching.cancel()
        self._fetched = fetched if isinstance(fetched, FetchedAudio) else None
        return arrival(fetched)

    def _grace_left_s(self) -> float:
        """How long its hearer has still to wait in silence: the grace is given once, not for each of its fetches."""
        return max(0.0, self._patient_until - asyncio.get_running_loop().time())

    async def _sound(self, loops: int) -> SoundtrackMessage:
        assert self._fetched is not None, "PlayAudio follows the audio it means"
        self._started, self._filling = True, False
        await self._play_clip(PlayClip(self._fetched.clip, loops))
        return PlaybackEnded()

    async def _fill_in(self) -> None:
        with contextlib.suppress(EngineUnavailable):  # what it fills in for will wait for an engine
            await self._sources.fill_in(self._track.key, PlayClip(self._documents.house_music(), loops=0))

    async def _house_music(self) -> None:
        await self._play_clip(PlayClip(self._documents.house_music(), loops=0))

    async def _play_clip(self, clip: PlayClip) -> None:
        """Play it to its end; music waits for an engine, nobody being asked for it anew.

        Raises:
            EngineUnavailable: No engine answers for what is played once, which does not wait.
        """
        while True:
            try:
                await self._sources.play(self._track.key, clip)
            except EngineUnavailable as fault:
                if self._track.once:
                    raise
                log.warning("soundtrack=%s waits for an engine: %s", self._track.key, fault)
                await asyncio.sleep(AGAIN_S)
            else:
                return

    def _warn(self, warned: Warned) -> None:
        log.warning("soundtrack=%s warned of %s: %s", self._track.key, warned.reason, warned.logged)
        self._warnings += 1
        if self._warnings <= MOST_OF_ONE and isinstance(self._track.music, Document):
            self._notifier.warn(self._project, self._track.call, warned, self._track.music)

    def _stop_filling(self) -> None:
        if self._filling:
            self._filling = False
            self._sources.stop(self._track.key)

    def _fail(self, problem: str) -> None:
        if self._track.once:
            self._tell(SoundtrackFailed(self._track.key, problem))
