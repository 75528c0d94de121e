"""A phone that has no signalling: it sends its pitch every 20 ms and remembers what it receives.

Needs Linux (arrival times are the kernel's, so that a busy test cannot fake a gap) and a running asyncio loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass
from typing import Self

import numpy as np

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import PAYLOAD_TYPE, Pcm, decode, encode
from roomtone.testing.rtp import DigitEvent, Packet, parse, seq_distance, ts_distance
from roomtone.testing.tones import HEARD_DB, LEVEL_DB, Tone, level_db

FRAME_SAMPLES = 160
"""20 ms."""

PAUSE_MS = 100.0
"""Milliseconds without a packet after which a measurement of that time is void."""

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it
_KEPT = 50 * 120  # packets of two minutes


@dataclass(frozen=True, slots=True)
class Received:
    """One packet and when it came."""

    packet: Packet
    at_s: float
    """Wall clock of the kernel, seconds since 1970."""


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """What a phone is like."""

    pitch_hz: float | None = None
    """What it says; None: it sends silence."""

    codec: Codec = Codec.PCMU
    host: str = "127.0.0.1"
    """IP address it sends from and receives on."""

    digit_payload_type: int = 101
    level_db: float = LEVEL_DB


class RtpPhone:
    """One RTP endpoint. Open it, `point` it somewhere, listen with `heard`."""

    def __init__(self, settings: PhoneSettings, sock: socket.socket) -> None:
        self.settings = settings
        self.received: deque[Received] = deque(maxlen=_KEPT)
        """The packets of the last two minutes, in order of arrival."""

        self._socket = sock
        self._remote: tuple[str, int] | None = None
        self._tone = Tone(settings.pitch_hz, settings.level_db) if settings.pitch_hz else None
        self._sending: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self._digits: deque[Packet] = deque()
        self._sent_s: deque[float] = deque(maxlen=_KEPT)
        self._ssrc, self._seq, self._ts = (
            random.getrandbits(32),
            random.getrandbits(16),
            random.getrandbits(32),
        )

    @classmethod
    async def open(cls, pitch_hz: float | None = None, *, codec: Codec = Codec.PCMU) -> Self:
        """Take a free port on 127.0.0.1."""
        return cls.bind(PhoneSettings(pitch_hz=pitch_hz, codec=codec))

    @classmethod
    def bind(cls, settings: PhoneSettings, port: int = 0) -> Self:
        """Take a port, 0 for any; an asyncio loop must be running."""
        sock = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(0)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((settings.host, port))
        phone = cls(settings, sock)
        asyncio.get_running_loop().add_reader(sock, phone._read)
        return phone

    @property
    def port(self) -> int:
        """The UDP port it sends from and receives on."""
        return int(self._socket.getsockname()[1])

    # Speaking --------------------------------------------------------------------------------------------------------

    def point(self, host: str, port: int) -> None:
        """Send there from now on, one packet every 20 ms."""
        self._remote = (host, port)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_for_ever(), name="phone")

    def resume(self) -> None:
        """Send again after `pause`."""
        if self._remote is not None:
            self.point(*self._remote)

    async def pause(self) -> None:
        """Stop sending; keep listening."""
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending
            self._sending = None

    def say(self, pitch_hz: float | None) -> None:
        """Change the pitch; None: silence."""
        self._tone = Tone(pitch_hz, self.settings.level_db) if pitch_hz else None

    def press(self, digit: str, duration_ms: int = 100) -> None:
        """Press a key: RFC 4733 packets in place of audio, the last one three times (section 2.5.1.4)."""
        steps = max(1, duration_ms // 20)
        events = [DigitEvent(digit, (step + 1) * FRAME_SAMPLES, end=False) for step in range(steps)]
        events += [DigitEvent(digit, steps * FRAME_SAMPLES, end=True)] * 3
        for index, event in enumerate(events):
            kind = self.settings.digit_payload_type
            self._digits.append(Packet(kind, 0, 0, self._ssrc, event.pack(), marker=index == 0))

    def send_raw(self, datagram: bytes) -> None:
        """Send any bytes at all to where the phone points."""
        assert self._remote is not None, "point it first"
        with contextlib.suppress(OSError):
            self._socket.sendto(datagram, self._remote)

    def send_next(self, payload_type: int, payload: bytes) -> None:
        """Send something of another payload type in place of the next 20 ms of sound: comfort noise, say."""
        self._seq = (self._seq + 1) & 0xFFFF
        self._ts = (self._ts + FRAME_SAMPLES) & 0xFFFFFFFF
        self.send_raw(Packet(payload_type, self._seq, self._ts, self._ssrc, payload).pack())

    async def _send_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        event_ts = self._ts
        while True:
            if self._digits and self._digits[0].marker:
                event_ts = (self._ts + FRAME_SAMPLES) & 0xFFFFFFFF
            self.send_raw(self._next_packet(event_ts).pack())
            self._sent_s.append(time.time())
            due_s += 0.020
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    def _next_packet(self, event_ts: int) -> Packet:
        self._seq = (self._seq + 1) & 0xFFFF
        self._ts = (self._ts + FRAME_SAMPLES) & 0xFFFFFFFF
        if self._digits:
            digit = self._digits.popleft()
            return Packet(digit.payload_type, self._seq, event_ts, self._ssrc, digit.payload, digit.marker)
        pcm = self._tone.take(FRAME_SAMPLES) if self._tone else np.zeros(FRAME_SAMPLES, np.int16)
        codec = self.settings.codec
        return Packet(PAYLOAD_TYPE[codec], self._seq, self._ts, self._ssrc, encode(codec, pcm))

    # Listening -------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            try:
                datagram, ancillary, _, _ = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error for something we sent
            at_s = next(
                (_seconds(value) for _, kind, value in ancillary if kind == _SO_TIMESTAMPNS), time.time()
            )
            packet = parse(datagram)
            if packet is not None:
                self.received.append(Received(packet, at_s))
                self._arrived.set()

    async def wait_for_packets(self, count: int, within_s: float = 5.0) -> None:
        """Wait until this many more packets have come.

        Raises:
            TimeoutError: They have not, in `within_s` seconds.
        """
        async with asyncio.timeout(within_s):
            for _ in range(count):
                self._arrived.clear()
                await self._arrived.wait()

    def recent(self, window_ms: int) -> list[Received]:
        """Give what came in the last `window_ms` milliseconds."""
        self._read()  # a busy loop may be behind
        since_s = time.time() - window_ms / 1_000
        return [one for one in self.received if one.at_s >= since_s]

    def pcm(self, window_ms: int) -> Pcm:
        """Give the last `window_ms` as audio: packets put where their timestamps say, silence where none came.

        While sound flows, what came earlier and belongs there by its timestamp is there too: a sender that was not given the
        processor for a moment is late and loses nothing.
        """
        heard = np.zeros(window_ms * 8, dtype=np.int16)
        packets = self._recent_sound(window_ms)
        if not packets:
            return heard
        codecs = {number: codec for codec, number in PAYLOAD_TYPE.items()}
        last_ts = max(ts_distance(packets[0].ts, packet.ts) for packet in packets)
        for packet in packets:
            codec = codecs.get(packet.payload_type)
            if codec is None:
                continue
            end = len(heard) - (last_ts - ts_distance(packets[0].ts, packet.ts))
            start = end - len(packet.payload)
            if start >= 0:
                heard[start:end] = decode(codec, packet.payload)
        return heard

    def _recent_sound(self, window_ms: int) -> list[Packet]:
        recent = self.recent(window_ms)
        if recent and (time.time() - recent[-1].at_s) * 1_000 <= PAUSE_MS:
            recent = [one for one in self.recent(2 * window_ms) if one.packet.ssrc == recent[-1].packet.ssrc]
        return [one.packet for one in recent]

    def levels(self, pitches_hz: tuple[float, ...], window_ms: int = 300) -> dict[float, float]:
        """Measure how loud each pitch was in the last `window_ms`, in dB of a full-scale sine."""
        pcm = self.pcm(window_ms)
        return {hz: level_db(pcm, hz) for hz in pitches_hz}

    def heard(self, pitches_hz: tuple[float, ...], window_ms: int = 300) -> set[float]:
        """Say which pitches were to be heard in the last `window_ms`."""
        return {hz for hz, level in self.levels(pitches_hz, window_ms).items() if level >= HEARD_DB}

    def longest_gap_ms(self, window_ms: int) -> float:
        """Give the longest time between two packets in the last `window_ms`, or since the last one if that is longer."""
        times = [one.at_s for one in self.recent(window_ms)]
        if not times:
            return float(window_ms)
        times.append(time.time())
        return max((later - earlier) * 1_000 for earlier, later in itertools.pairwise(times))

    def longest_pause_ms(self, window_ms: int) -> float:
        """Give the longest time without a packet in all of the last `window_ms`: from its beginning to now."""
        now_s = time.time()
        times = [now_s - window_ms / 1_000, *(one.at_s for one in self.recent(window_ms)), now_s]
        return max((later - earlier) * 1_000 for earlier, later in itertools.pairwise(times))

    def flowed(self, window_ms: int) -> bool:
        """Say whether sound went both ways in the last `window_ms` without a pause longer than a jitter buffer bears.

        If not, the machine was too busy for what was heard to mean anything. A phone that does not send is judged by
        what it received.
        """
        if self.longest_pause_ms(window_ms) > PAUSE_MS:
            return False
        if self._sending is None:
            return True
        now_s = time.time()
        since_s = now_s - window_ms / 1_000
        times = [since_s, *(one for one in self._sent_s if one > since_s), now_s]
        pauses_ms = [(later - earlier) * 1_000 for earlier, later in itertools.pairwise(times)]
        return max(pauses_ms) <= PAUSE_MS

    def pauses_ms(self) -> list[float]:
        """Tell how much sound the sender stepped over, in ms, each time that it marks a pause (RFC 3551, section 4.1)."""
        found = []
        for earlier, later in itertools.pairwise(one.packet for one in self.received):
            ahead = ts_distance(earlier.ts, later.ts) - len(earlier.payload)
            if later.marker and ahead > 0 and seq_distance(earlier.seq, later.seq) == 1:
                found.append(ahead / 8)
        return found

    def discontinuities(self, *, but_pauses: bool = False) -> list[str]:
        """Say where the received stream broke RTP's rules: sequence by one, timestamp by what was sent, one SSRC.

        `but_pauses` leaves out what the sender marks as a pause: see `pauses_ms`.
        """
        found = []
        packets = [one.packet for one in self.received]
        for earlier, later in itertools.pairwise(packets):
            steps, ahead = seq_distance(earlier.seq, later.seq), ts_distance(earlier.ts, later.ts)
            if but_pauses and later.marker and ahead > len(earlier.payload):
                ahead = len(earlier.payload)
            if earlier.ssrc != later.ssrc:
                found.append(f"SSRC changes at seq {later.seq}")
            elif steps != 1:
                found.append(f"seq goes from {earlier.seq} to {later.seq}")
            elif ahead != len(earlier.payload):
                found.append(f"timestamp goes {ahead} ahead at seq {later.seq}")
        return found

    async def close(self) -> None:
        """Stop sending and give the port back."""
        await self.pause()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


def _seconds(timespec: bytes) -> float:
    seconds, nanoseconds = struct.unpack("qq", timespec)
    return float(seconds + nanoseconds / 1e9)
