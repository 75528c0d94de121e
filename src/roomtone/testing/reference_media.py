"""The media half of the reference engine: carries out media orders, and ticks.

One tick is 20 ms: every stream gives its frame, every plan is mixed, every stream sends. UDP sockets are opened here;
all that can be pure is in `reference_mixer`, `reference_sources` and `reference_stream`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from roomtone.link import messages
from roomtone.testing.g711 import Pcm
from roomtone.testing.reference_checks import (
    OrderDeclined,
    check_clip,
    check_content,
    check_seats,
    check_terms,
)
from roomtone.testing.reference_mixer import FRAME_SAMPLES, mix
from roomtone.testing.reference_recorder import Heard, ReferenceRecorder
from roomtone.testing.reference_sources import Playback, resampled
from roomtone.testing.reference_stream import ReferenceStream

"""How often each stream tells its counters."""

SILENCE: Pcm = np.zeros(FRAME_SAMPLES, dtype=np.int16)


@dataclass(slots=True)
class Plan:
    """The plan in force for one conference."""

    revision: int
    seats: list[messages.SeatOrder]
    speech: bool


@dataclass(slots=True)
class Source:
    """A source, playing or at its end."""

    turn: int
    playback: Playback
    ended: bool = False


@dataclass(slots=True)
class Beep:
    """Something played once, to some ears."""

    conference: str
    calls: frozenset[str]
    playback: Playback


@dataclass(slots=True)
class OpenPort:
    """A stream and its socket."""

    stream: ReferenceStream
    transport: asyncio.DatagramTransport
    speaking_told: bool = False


@dataclass(slots=True)
class ReferenceMedia:
    """All streams, plans, sources and clips of one engine."""

    rtp_host: str
    rtp_first: int
    rtp_last: int
    tell: Callable[[messages.Fact], None]
    now_s: Callable[[], float]
    """Monotonic clock, seconds."""

    ports: dict[str, OpenPort] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    seated: dict[str, str] = field(default_factory=dict)
    """Call to the conference whose plan named it last."""

    sources: dict[str, Source] = field(default_factory=dict)
    clips: dict[str, Pcm] = field(default_factory=dict)
    beeps: list[Beep] = field(default_factory=list)
    next_port: int = 0
    recorder: ReferenceRecorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = ReferenceRecorder(self.tell)

    # Streams ---------------------------------------------------------------------------------------------------------

    async def open_stream(self, order: messages.OpenStream) -> int:
        """Open a port, or give the one that is open.

        Raises:
            OrderDeclined: It cannot be, or there is no port left.
        """
        check_terms(order)
        if order.call in self.ports:
            return self.ports[order.call].stream.port
        port, transport, ear = await self._bind()
        ear.stream = ReferenceStream(order, port, self.now_s())
        self.ports[order.call] = OpenPort(ear.stream, transport)
        return port

    async def _bind(self) -> tuple[int, asyncio.DatagramTransport, _Ear]:
        """Take the next free even port (RFC 3550, section 11), going round the range."""
        first = self.rtp_first + self.rtp_first % 2
        choices = list(range(first, self.rtp_last + 1, 2))
        loop = asyncio.get_running_loop()
        for step in range(len(choices)):
            at = (self.next_port + step) % len(choices)
            with contextlib.suppress(OSError):
                address = (self.rtp_host, choices[at])
                transport, ear = await loop.create_datagram_endpoint(
                    lambda: _Ear(self.now_s), local_addr=address
                )
                self.next_port = at + 1
                return choices[at], transport, ear
        raise OrderDeclined("no-port", f"no free port in {self.rtp_first}-{self.rtp_last}")

    def change_stream(self, order: messages.ChangeStream) -> None:
        """Follow a re-INVITE.

        Raises:
            OrderDeclined: It cannot be, or there is no such stream.
        """
        check_terms(order)
        if order.call not in self.ports:
            raise OrderDeclined("unknown-stream", f"no stream of call {order.call}")
        self.ports[order.call].stream.change(order)

    def close_stream(self, call: str) -> None:
        """Close a port, if it is open."""
        port = self.ports.pop(call, None)
        if port is not None:
            port.transport.close()
            self.tell(port.stream.last_statistics())

    # Plans -----------------------------------------------------------------------------------------------------------

    def apply(self, order: messages.ApplyPlan) -> None:
        """Put a plan in force, unless a later one is.

        Raises:
            OrderDeclined: It contradicts itself.
        """
        check_seats(order.seats)
        current = self.plans.get(order.conference)
        if current is not None and order.revision < current.revision:
            return
        self.plans[order.conference] = Plan(order.revision, order.seats, order.speech)
        named = {seat.call for seat in order.seats}
        self.seated = {
            call: conference
            for call, conference in self.seated.items()
            if conference != order.conference or call in named
        } | dict.fromkeys(named, order.conference)

    def drop(self, conference: str) -> None:
        """Forget a plan."""
        self.plans.pop(conference, None)
        self.seated = {call: where for call, where in self.seated.items() if where != conference}

    # Sources ---------------------------------------------------------------------------------------------------------

    def load(self, order: messages.LoadClip) -> None:
        """Keep a clip, at 8,000 Hz.

        Raises:
            OrderDeclined: It is no audio.
        """
        check_clip(order)
        if order.clip not in self.clips:
            self.clips[order.clip] = resampled(np.frombuffer(order.pcm, dtype="<i2"), order.rate_hz)

    def start(self, order: messages.StartSource) -> None:
        """Start or replace a source.

        Raises:
            OrderDeclined: Its clip is not loaded.
        """
        self.sources[order.source] = Source(order.turn, self._playback(order.content))

    def play_once(self, order: messages.PlayOnce) -> None:
        """Play something over what these seats hear.

        Raises:
            OrderDeclined: Its clip is not loaded, or it would never end.
        """
        playback = self._playback(order.content)
        if playback.endless:
            raise OrderDeclined("endless", "what is played once must have an end")
        self.beeps.append(Beep(order.conference, frozenset(order.calls), playback))

    def press(self, order: messages.PressKeys) -> None:
        """Press no keys: nobody listens for them here.

        Raises:
            OrderDeclined: Always.
        """
        raise OrderDeclined("no-events", f"the reference engine presses no keys for call {order.call}")

    def _playback(self, content: messages.Content) -> Playback:
        check_content(content)
        if content.clip is None:
            return Playback(content, None)
        if content.clip not in self.clips:
            raise OrderDeclined("unknown-clip", f"clip {content.clip} is not loaded")
        return Playback(content, self.clips[content.clip])

    # The tick --------------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Do what is due each 20 ms."""
        now_s = self.now_s()
        voices = {
            call: frame
            for call, port in self.ports.items()
            if (frame := port.stream.voice(now_s)) is not None
        }
        playing = self._play_sources()
        heard: dict[str, Pcm] = {}
        all_seats = self._seats()
        for conference, plan in self.plans.items():
            heard |= mix(all_seats[conference], voices, playing)
            self._tell_speech(plan, all_seats[conference])
        self._add_beeps(heard)
        self.recorder.tick(Heard(voices, heard, all_seats, playing))
        for call, port in self.ports.items():
            for packet in port.stream.packets(heard.get(call, SILENCE)):
                port.transport.sendto(packet, port.stream.remote)
            self._tell_facts(port)

    def _seats(self) -> dict[str, list[messages.SeatOrder]]:
        return {
            conference: [seat for seat in plan.seats if self.seated.get(seat.call) == conference]
            for conference, plan in self.plans.items()
        }

    def _play_sources(self) -> dict[str, Pcm]:
        """Let each source go on by one frame, whether anybody hears it or not."""
        playing = {}
        for name, source in self.sources.items():
            if not source.ended:
                playing[name] = source.playback.take(FRAME_SAMPLES)
                if source.playback.ended:
                    source.ended = True
                    self.tell(messages.SourceEnded(source=name, turn=source.turn))
        return playing

    def _add_beeps(self, heard: dict[str, Pcm]) -> None:
        for beep in self.beeps:
            frame = beep.playback.take(FRAME_SAMPLES).astype(np.int32)
            for call in beep.calls:
                if self.seated.get(call) == beep.conference and call in heard:
                    heard[call] = np.clip(heard[call] + frame, -32768, 32767).astype(np.int16)
        self.beeps = [beep for beep in self.beeps if not beep.playback.ended]

    def _tell_speech(self, plan: Plan, seats: list[messages.SeatOrder]) -> None:
        """Tell who begins and stops; only those count whom somebody may hear."""
        for seat in seats:
            port = self.ports.get(seat.call)
            if port is None:
                continue
            speaking = port.stream.speaking and plan.speech and seat.talks is not messages.Talks.NOBODY
            if speaking != port.speaking_told:
                port.speaking_told = speaking
                kind = messages.SpeechStarted if speaking else messages.SpeechStopped
                self.tell(kind(call=seat.call))

    def _tell_facts(self, port: OpenPort) -> None:
        while port.stream.facts:
            self.tell(port.stream.facts.popleft())

    def figures(self, calls: list[str]) -> list[messages.StreamFigures]:
        """Give the counters of these calls' streams, or of all when none is named."""
        return [self.ports[call].stream.figures() for call in calls or self.ports if call in self.ports]

    def close(self) -> None:
        """Close every port."""
        for port in self.ports.values():
            port.transport.close()
        self.ports.clear()


class _Ear(asyncio.DatagramProtocol):
    """Hands datagrams to the stream of a port."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.stream: ReferenceStream | None = None
        self._now_s = now_s

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.stream is not None:
            self.stream.take(data, addr[:2], self._now_s())
