"""Streams: a call's or a conference's sound carried to a customer's WebSocket, and perhaps sound from there.

The life of one as a small machine, and who is owed word of it. Pure: connecting and carrying are the engine's, spelling
is the dialects'.

Sources: Twilio "Stream resource", TwiML "Stream" (stream callbacks); SignalWire "Streams", cXML "Stream".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from roomtone.core.ids import CallId, ConferenceId, ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.values import Document, Method

LONGEST_URL = 4_096
"""Characters of the longest URL accepted."""


class StreamTrack(StrEnum):
    """What is carried, in the vendors' words."""

    INBOUND = "inbound_track"
    """Of a call: what comes from its phone. Of a conference: what those say together who talk to the room."""

    OUTBOUND = "outbound_track"
    """Of a call: what is sent to its phone. Of a conference: what its two-way streams say."""

    BOTH = "both_tracks"


class StreamCodec(StrEnum):
    """How sound is coded on the socket."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    L16 = "L16"
    L16_16K = "L16@16000h"
    L16_24K = "L16@24000h"

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return {"L16@16000h": 16_000, "L16@24000h": 24_000}.get(self.value, 8_000)


class StreamStatus(StrEnum):
    """How far a stream is; the words both vendors have."""

    QUEUED = "queued"
    IN_PROGRESS = "in-progress"
    STOPPED = "stopped"


class StreamFault(StrEnum):
    """Why a stream ended that nobody stopped; the words are SignalWire's (StreamError)."""

    INVALID_URL = "invalid_url"
    CONNECTION_REFUSED = "connection_refused"
    NO_CONNECTION = "connection_refused_timeout_or_ssl_error"
    GENERAL = "general_error"
    NAME_TAKEN = "Duplicated stream name"


class StreamTopic(StrEnum):
    """What is told of a stream."""

    STARTED = "stream-started"
    STOPPED = "stream-stopped"
    ERROR = "stream-error"


@dataclass(frozen=True, slots=True)
class StreamWish:
    """What a customer wants carried, and where to."""

    url: str
    """Absolute, ``wss:`` or ``ws:``."""

    name: str | None = None
    """None: its own id."""

    track: StreamTrack = StreamTrack.INBOUND
    codec: StreamCodec = StreamCodec.PCMU
    callback: Document | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to the server in ``start``."""

    bearer: str | None = None
    """A token shown to the server."""

    two_way: bool = False
    """Whether the server may speak, too."""

    def __repr__(self) -> str:
        """Show neither the token nor what is told in confidence."""
        return f"StreamWish(url={self.url.partition('?')[0]!r}, track={self.track}, two_way={self.two_way})"


def socket_location(text: str, url: str) -> str:
    """Read where a WebSocket is: a ``wss:`` URL, or one relative to the document's own.

    Raises:
        ValueError: It is none. Whether ``ws:`` is asked is decided where it is asked.
    """
    joined = urljoin(re.sub("^http", "ws", url), text.strip()) if text.strip() else ""
    parts = urlsplit(joined)
    _ = parts.port  # raises for one out of range
    fit = parts.scheme in {"ws", "wss"} and parts.hostname and "@" not in parts.netloc
    absolute = parts._replace(fragment="").geturl()
    if (
        not fit
        or not absolute.isascii()
        or not absolute.isprintable()
        or " " in absolute
        or len(absolute) > LONGEST_URL
    ):
        raise ValueError("not a wss: URL")
    return absolute


class HeldRelays(NamedTuple):
    """The streams that an engine carries."""

    carried: frozenset[StreamId] = frozenset()
    connected: frozenset[StreamId] = frozenset()
    """Of them those whose servers are there."""


Subject = CallId | ConferenceId
"""Whose sound it is."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream, from the wish to its end."""

    id: StreamId
    project: ProjectId
    wish: StreamWish
    created_ms: int
    updated_ms: int
    call: CallId | None = None
    conference: ConferenceId | None = None
    """Exactly one of the two is whose sound it is."""

    status: StreamStatus = StreamStatus.QUEUED
    fault: StreamFault | None = None
    last_sequence: int = -1

    @property
    def subject(self) -> Subject:
        """Whose sound it is."""
        subject = self.call or self.conference
        assert subject is not None, "a stream is of something"
        return subject

    @property
    def name(self) -> str | None:
        """What it was called; None: by its id."""
        return self.wish.name

    @property
    def over(self) -> bool:
        """Whether nothing is carried any more."""
        return self.status is StreamStatus.STOPPED

    @property
    def source(self) -> str | None:
        """The key of the source that plays what the server says; None: it says nothing."""
        return f"stream:{self.id.hex}" if self.wish.two_way else None


@dataclass(frozen=True, slots=True)
class StreamNotice:
    """One thing a customer is to be told of a stream, complete in itself."""

    project: ProjectId
    state: Stream
    """As committed with this; its token is left out."""

    topic: StreamTopic
    problem: str | None
    """For people, of an error."""

    sequence: int
    """From 0, gap-free within the stream."""

    at_ms: int
    url: str
    method: Method

    @property
    def lane(self) -> StreamId:
        """Whose notices arrive one after the other: this stream's."""
        return self.state.id


Change = tuple[Stream, tuple[StreamNotice, ...]]
"""A stream as it is to be kept, and what is owed for that."""


def connected(stream: Stream, now: Moment) -> Change:
    """Note that sound is carried from now on; told the first time only."""
    if stream.status is not StreamStatus.QUEUED:
        return stream, ()
    return _told(replace(stream, status=StreamStatus.IN_PROGRESS), StreamTopic.STARTED, now)


def stopped(stream: Stream, now: Moment) -> Change:
    """Note that it is over because somebody stopped it, its subject ended, or the server is done."""
    if stream.over:
        return stream, ()
    return _told(replace(stream, status=StreamStatus.STOPPED), StreamTopic.STOPPED, now)


def failed(stream: Stream, fault: StreamFault, problem: str, now: Moment) -> Change:
    """Note that it is over because it could not be, or not go on."""
    if stream.over:
        return stream, ()
    over = replace(stream, status=StreamStatus.STOPPED, fault=fault)
    return _told(over, StreamTopic.ERROR, now, problem)


def _told(stream: Stream, topic: StreamTopic, now: Moment, problem: str | None = None) -> Change:
    stream = replace(stream, updated_ms=now.wall_ms)
    callback = stream.wish.callback
    if callback is None:
        return stream, ()
    stream = replace(stream, last_sequence=stream.last_sequence + 1)
    state = replace(stream, wish=replace(stream.wish, bearer=None, parameters=()))
    notice = StreamNotice(
        stream.project,
        state,
        topic,
        problem,
        stream.last_sequence,
        now.wall_ms,
        callback.url,
        callback.method,
    )
    return stream, (notice,)


# What the engine says ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RelayOpened:
    """The socket is open, for the first time or again."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class RelayClosed:
    """The socket is closed for good."""

    stream: StreamId
    fault: str | None
    """The engine's word; None: it was closed by order, or by the server as it should be."""

    problem: str
    dropped_ms: int
    """Sound that the server did not take in time."""


@dataclass(frozen=True, slots=True)
class RelayTold:
    """The server of a two-way stream said something that is neither sound, mark nor clear."""

    stream: StreamId
    text: str


RelaySignal = RelayOpened | RelayClosed | RelayTold

FAULTS = {
    "bad-url": StreamFault.INVALID_URL,
    "refused": StreamFault.CONNECTION_REFUSED,
    "not-a-websocket": StreamFault.CONNECTION_REFUSED,
    "timeout": StreamFault.NO_CONNECTION,
    "tls": StreamFault.NO_CONNECTION,
}
"""What the engine's words mean; any other is a general error."""


def fault_of(word: str) -> StreamFault:
    """Say what a word of the engine means."""
    return FAULTS.get(word, StreamFault.GENERAL)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said to a server in words, spelled by a dialect."""

    opening: tuple[str, ...]
    """JSON objects; one with a ``sequenceNumber`` gets its own there."""

    sid: str
    """As it stands in every message."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a server is."""

    addresses: tuple[str, ...]
    """``ip:port``, all of which may be asked."""

    roots: str = ""
    """Certificates to trust besides the system's, PEM."""


@dataclass(frozen=True, slots=True)
class NotLocated:
    """It cannot be asked, or is nowhere."""

    fault: StreamFault
    problem: str
