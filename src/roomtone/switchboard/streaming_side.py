"""A leg's streams: those its document starts and stops, and the one it is connected with."""

from __future__ import annotations

import logging

from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.streaming import Stream, StreamStatus, StreamWish
from roomtone.cxml import messages as cxml
from roomtone.switchboard.ports import Clock, Media
from roomtone.switchboard.streams import Streams

log = logging.getLogger(__name__)


class StreamingSide:
    """Of one call."""

    def __init__(self, call: CallId, project: Project, streams: Streams, media: Media, clock: Clock) -> None:
        self._call = call
        self._project = project
        self._streams = streams
        self._media = media
        self._clock = clock

    async def start(self, wish: StreamWish) -> Stream | None:
        """Begin to carry what comes from the call; None: the store does not answer."""
        try:
            return await self._streams.start(self._project, self._call, wish)
        except OSError as fault:
            log.error("call=%s no stream: the store does not answer: %s", self._call, fault)  # noqa: TRY400
            return None

    async def stop(self, name: str) -> None:
        """Stop a stream by its name, or its id; one that is not there is passed over."""
        for stream in self._streams.of(self._call):
            if name in {stream.name, *self._streams.spellings(stream)}:
                try:
                    await self._streams.stop(stream)
                except OSError as fault:
                    log.error("call=%s the store does not note a stream's end: %s", self._call, fault)  # noqa: TRY400

    async def connect(self, wish: StreamWish) -> cxml.Message:
        """Let a server hear the call and speak to it; gives what the script is told when that is over."""
        stream = await self.start(wish)
        if stream is None or stream.over or stream.source is None:
            return cxml.StreamEnded()
        seat = Seat(self._call, Towards.NOBODY, hears=stream.source)
        self._media.apply(self._call, MixPlan(self._clock.now().wall_ms, (seat,)))
        return await self._wait(stream)

    async def resume(self) -> cxml.Message:
        """Go on with the server that an earlier brain connected the call with."""
        stream = next((one for one in self._streams.of(self._call) if one.wish.two_way), None)
        return cxml.StreamEnded(lasted=True) if stream is None else await self._wait(stream)

    async def _wait(self, stream: Stream) -> cxml.Message:
        try:
            over = await self._streams.over(stream)
        finally:
            if self._streams.let_go(stream):
                # Whoever sits in a conference by now stays there.
                self._media.drop(self._call)
        return cxml.StreamEnded(lasted=over.fault is None and over.status is StreamStatus.STOPPED)

    def press(self, digit: str) -> None:
        """Tell the server that speaks with the call of a key."""
        self._streams.press(self._call, digit)

    def close(self) -> None:
        """The call is over."""
        self._streams.ended(self._call)
