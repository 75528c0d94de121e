"""One task owns one conference.

Takes a message, steps, commits, performs, replies: state first, then effects, then the answer. Doors and legs *ask* a
room; a room only ever *tells* legs. There is no telephony in here: what a message means is `core.conference`'s to say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roomtone.core.conference.advance import Advance, advance
from roomtone.core.conference.messages import (
    ApplyMix,
    Command,
    Effect,
    Event,
    ReleaseCall,
    Signal,
    SoundBeep,
)
from roomtone.core.conference.mix import mix_plan
from roomtone.core.conference.state import Conference, Status
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused
from roomtone.switchboard.ports import Clock, Media, Store
from roomtone.switchboard.soundtracks import Soundtracks
from roomtone.telemetry import about

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds until the store is asked again to keep what has happened."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A message whose sender waits for the new state."""

    messages: tuple[Command | Signal, ...]
    reply: asyncio.Future[Conference]


@dataclass(frozen=True, slots=True)
class Retry:
    """It is time to note what the store did not keep at first."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every room is given."""

    clock: Clock
    store: Store
    media: Media
    release: Callable[[CallId], None]
    """Tells a call's leg that its time in the conference is over."""

    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""

    follow: Callable[[Conference, Conference, Sequence[Event]], None]
    """Told what has become of a conference after each commit: its recording follows it."""

    ended: Callable[[ConferenceId], None]
    """Told when a conference is over."""


class Room:
    """The running side of one conference."""

    def __init__(self, conference: Conference, desk: Desk, soundtracks: Soundtracks) -> None:
        self.conference = conference
        self._desk = desk
        self._soundtracks = soundtracks
        self._inbox: asyncio.Queue[Ask | Signal | Retry | None] = asyncio.Queue()
        self._owed: tuple[Signal, ...] = ()
        """What has happened and is not kept yet, in order."""

        self._closed = False

    async def ask(self, *messages: Command | Signal) -> Conference:
        """Do all of these or none, and give the state after the commit.

        Raises:
            Refused: The conference says no; nothing has changed.
        """
        if self._closed:
            raise Refused(Reason.CONFERENCE_COMPLETED, conference=self.conference.id.hex)
        reply: asyncio.Future[Conference] = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait(Ask(messages, reply))
        return await reply

    def tell(self, signal: Signal) -> None:
        """Let the room know that something happened; never waits."""
        if not self._closed:
            self._inbox.put_nowait(signal)

    @property
    def idle(self) -> bool:
        """Whether it never took anybody in and has nothing to do: such a room was never stored."""
        return self.conference.revision == 0 and self._inbox.empty()

    def adopt(self, playing: frozenset[tuple[str, int]]) -> None:
        """Take a conference over from an earlier brain: the engine is given the same picture again.

        Args:
            playing: Sources the engine still plays, by key and turn.
        """
        plan = mix_plan(self.conference)
        self._desk.media.apply(self.conference.id, plan)
        self._soundtracks.follow(self.conference, plan, playing)

    async def run(self) -> None:
        """Take messages until the conference is completed, or until `abandon`.

        Cancelled, it lets go and leaves the conference to the engine and the next brain.
        """
        about(conference=self.conference.id)
        try:
            while self.conference.status is not Status.COMPLETED:
                message = await self._inbox.get()
                if message is None:
                    break
                await self._take(message)
        except asyncio.CancelledError:
            self._soundtracks.let_go()
            raise
        except BaseException:
            self._close()
            raise
        self._close()

    def abandon(self) -> None:
        """Stop: nobody ever came in."""
        self._closed = True
        self._inbox.put_nowait(None)

    async def finish(self, command: Command) -> None:
        """Take a last command after `run` has failed."""
        await self._advance((command,))

    async def _take(self, message: Ask | Signal | Retry) -> None:
        match message:
            case Ask():
                await self._obey(message)
            case Retry():
                await self._note(())
            case _ if self._owed:
                self._owed += (message,)
            case _:
                await self._note((message,))

    async def _note(self, signals: tuple[Signal, ...]) -> None:
        """Note what has happened; a store that does not answer ends no conference: it is asked again."""
        self._owed += signals
        try:
            await self._advance(self._owed)
        except Refused:
            log.warning("conference=%s signals=%d wait for the store", self.conference.id, len(self._owed))
            asyncio.get_running_loop().call_later(RETRY_S, self._inbox.put_nowait, Retry())
        else:
            self._owed = ()

    async def _obey(self, message: Ask) -> None:
        try:
            state = await self._advance(self._owed + message.messages)
        except Refused as refused:
            _settle(message.reply, refused)
        except BaseException:
            _settle(message.reply, Refused(Reason.UNAVAILABLE, what="conference"))
            raise
        else:
            self._owed = ()
            if not message.reply.done():
                message.reply.set_result(state)

    async def _advance(self, messages: tuple[Command | Signal, ...]) -> Conference:
        now = self._desk.clock.now()
        try:
            result = advance(self.conference, messages, now)
        except Refused:
            raise
        except Exception:
            log.exception(
                "conference=%s bug: state=%r messages=%r now=%r",
                self.conference.id,
                self.conference,
                messages,
                now,
            )
            raise
        if result.state is not self.conference:
            await self._commit(result, messages, now)
        return result.state

    async def _commit(self, result: Advance, messages: tuple[Command | Signal, ...], now: Moment) -> None:
        log.debug(
            "conference=%s takes rev=%d messages=%r at=%d",
            self.conference.id,
            result.state.revision,
            messages,
            now.wall_ms,
        )
        try:
            await self._desk.store.commit_conference(result.state, result.events, result.notices, now)
        except StaleRevision:
            raise
        except OSError as fault:
            log.error("conference=%s the store does not answer: %s", self.conference.id, fault)  # noqa: TRY400
            raise Refused(Reason.UNAVAILABLE, what="store") from fault
        before, self.conference = self.conference, result.state
        for effect in result.effects:
            self._perform(effect)
        self._desk.follow(before, result.state, result.events)
        if result.notices:
            self._desk.committed()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case ApplyMix(plan):
                self._desk.media.apply(self.conference.id, plan)
                self._soundtracks.follow(self.conference, plan)
            case ReleaseCall(call):
                self._desk.release(call)
            case SoundBeep(entering, calls):
                self._desk.media.beep(self.conference.id, entering=entering, calls=calls)

    def _close(self) -> None:
        self._closed = True
        self._soundtracks.stop()
        self._desk.media.drop(self.conference.id)
        self._desk.ended(self.conference.id)
        while not self._inbox.empty():
            if isinstance(waiting := self._inbox.get_nowait(), Ask):
                _settle(
                    waiting.reply, Refused(Reason.CONFERENCE_COMPLETED, conference=self.conference.id.hex)
                )


def _settle(reply: asyncio.Future[Conference], refused: Refused) -> None:
    if not reply.done():
        reply.set_exception(refused)
