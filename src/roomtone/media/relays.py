"""Has the engine carry sound to customers' WebSockets, and brings up what becomes of that.

Fits `roomtone.switchboard.ports.Relays`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId, StreamId
from roomtone.core.streaming import (
    HeldRelays,
    Located,
    RelayClosed,
    RelayOpened,
    RelaySignal,
    RelayTold,
    Spoken,
    Stream,
    StreamCodec,
    StreamTrack,
    Subject,
)
from roomtone.link import Link, OrderRefused, messages
from roomtone.link.frames import FrameTooLarge

log = logging.getLogger(__name__)

CONNECT_MS = 10_000
"""How long one try may take, in ms."""

AGAIN_MS = [500, 2_000, 5_000]
"""Waits before further tries when a connection fails or breaks off, in ms."""


class EngineRelays:
    """Relays of the engine behind a link."""

    def __init__(self, link: Link, on_signal: Callable[[RelaySignal], None]) -> None:
        self._link = link
        self._on_signal = on_signal
        link.on_fact(self._take)

    async def open(
        self, stream: Stream, where: Located, spoken: Spoken, voices: tuple[str, ...] = ()
    ) -> str | None:
        """Begin to carry; `RelayOpened` or `RelayClosed` follows. Gives why not, if the engine will not.

        Args:
            stream: Whose sound, which tracks, how coded.
            where: The server.
            spoken: What it is told first.
            voices: Sources that are heard on the outbound track of a conference.
        """
        try:
            await self._link.ask(open_order(stream, where, spoken, voices))
        except (OrderRefused, EngineUnavailable, FrameTooLarge) as no:
            return str(no)
        return None

    def tune(self, stream: Stream, voices: tuple[str, ...]) -> None:
        """Let other sources be heard on the outbound track of a conference's stream; idempotent."""
        tracks = _tracks(stream, voices)
        self._link.post(messages.TuneRelay(n=0, relay=stream.id.hex, tracks=tracks))

    def tell(self, stream: StreamId, text: str) -> None:
        """Tell a server something, a JSON object."""
        self._link.post(messages.TellRelay(n=0, relay=stream.hex, text=text))

    def close(self, stream: StreamId, farewell: str) -> None:
        """Say farewell and close; idempotent."""
        self._link.post(messages.CloseRelay(n=0, relay=stream.hex, farewell=farewell))

    async def held(self) -> HeldRelays:
        """Give the streams that the engine carries.

        Raises:
            EngineUnavailable: No engine answers.
        """
        snapshot = await self._link.ask(messages.TakeSnapshot(n=0), messages.Snapshot)
        held = {StreamId.from_hex(one.relay): one.connected for one in snapshot.relays or ()}
        return HeldRelays(frozenset(held), frozenset(one for one, connected in held.items() if connected))

    def _take(self, fact: messages.Fact) -> None:
        match fact:
            case messages.RelayOpened():
                self._on_signal(RelayOpened(StreamId.from_hex(fact.relay)))
            case messages.RelayClosed():
                closed = RelayClosed(StreamId.from_hex(fact.relay), fact.fault, fact.text, fact.dropped_ms)
                self._on_signal(closed)
            case messages.RelayTold():
                self._on_signal(RelayTold(StreamId.from_hex(fact.relay), fact.text))
            case _:
                pass


def open_order(stream: Stream, where: Located, spoken: Spoken, voices: tuple[str, ...]) -> messages.OpenRelay:
    """Spell the order that begins a stream."""
    wish = stream.wish
    bearer = (
        [] if wish.bearer is None else [messages.Header(name="Authorization", value=f"Bearer {wish.bearer}")]
    )
    coding = messages.RelayCodec(wish.codec.value.partition("@")[0])
    return messages.OpenRelay(
        n=0,
        relay=stream.id.hex,
        url=wish.url,
        addresses=list(where.addresses),
        trusted_roots=[where.roots] if where.roots else [],
        headers=[*bearer, messages.Header(name="User-Agent", value="Roomtone")],
        opening=list(spoken.opening),
        stream_sid=spoken.sid,
        tracks=_tracks(stream, voices),
        encoding=coding,
        rate_hz=StreamCodec(wish.codec).rate_hz,
        source=stream.source,
        connect_ms=CONNECT_MS,
        again=AGAIN_MS,
    )


def _tracks(stream: Stream, voices: tuple[str, ...]) -> list[messages.Track]:
    subject, wanted = stream.subject, stream.wish.track
    if isinstance(subject, CallId):
        inbound = _track("inbound", _heard(messages.Ear.IN, subject))
        outbound = _track("outbound", _heard(messages.Ear.OUT, subject))
    else:
        inbound = _track("inbound", _heard(messages.Ear.ROOM, subject))
        outbound = _track("outbound", [], sources=list(voices), place=subject.hex)
    tracks = {
        StreamTrack.INBOUND: [inbound],
        StreamTrack.OUTBOUND: [outbound],
        StreamTrack.BOTH: [inbound, outbound],
    }
    return tracks[wanted]


def _track(
    name: str, heard: list[messages.Heard], *, sources: list[str] | None = None, place: str | None = None
) -> messages.Track:
    return messages.Track(name=name, heard=heard, sources=sources or [], place=place)


def _heard(ear: messages.Ear, subject: Subject) -> list[messages.Heard]:
    return [messages.Heard(ear=ear, subject=subject.hex)]
