"""The sound of a call: RTP both ways, 20 ms at a time, from a microphone and to a speaker, whatever these are.

One clock, the loop's, drives everything; the network and the devices are met by small queues. Sends from the port it
listens at, also in silence, so that what stands between lets answers in.

Sources: RFC 3550 (RTP; 6.4.1 jitter), RFC 3551 (PCMU, PCMA), RFC 4733 (keys).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from roomtone.documents.key_tones import key_tones
from roomtone.sdp.agreement import Agreement, Flow
from roomtone.softphone import keying
from roomtone.softphone.playout import RATE_HZ, Playout
from roomtone.testing.g711 import Pcm, decode, encode
from roomtone.testing.rtp import Packet, parse, parse_digit, seq_distance
from roomtone.testing.tones import SILENT_DB, loudness_db

FRAME_SAMPLES = keying.FRAME_SAMPLES
FRAME_S = FRAME_SAMPLES / RATE_HZ
BEHIND_S = 0.2
"""A clock that is later than this starts anew instead of catching up."""


class Microphone(Protocol):
    """Where sound comes from."""

    def take(self, samples: int) -> Pcm:
        """Give the next samples, at once."""


class Speaker(Protocol):
    """Where sound goes to."""

    def give(self, pcm: Pcm) -> None:
        """Take the next samples, at once."""


@dataclass(slots=True)
class Figures:
    """How the sound of a call is doing."""

    spoken_db: float = SILENT_DB
    """Level of the last 20 ms sent; 0 is a sine of full scale."""

    heard_db: float = SILENT_DB
    """Level of the last 20 ms played."""

    loudest_heard_db: float = SILENT_DB
    sent: int = 0
    """Packets."""

    received: int = 0
    lost: int = 0
    """Packets that are missing in the row of those received."""

    jitter_ms: float = 0.0


class Sound:
    """One UDP port for RTP."""

    def __init__(self, host: str, microphone: Microphone, speaker: Speaker) -> None:
        self.figures = Figures()
        self.muted = False
        self.keys_heard: deque[str] = deque(maxlen=64)
        """Keys that the other side pressed, in order."""

        self._microphone, self._speaker = microphone, speaker
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the socket module's own shape
        self._socket.bind((host, 0))
        self._agreement: Agreement | None = None
        self._playout = Playout()
        self._keys: deque[keying.Key | None] = deque()
        self._tones: deque[Pcm] = deque()
        self._clock: asyncio.Task[None] | None = None
        self._seq, self._ts = secrets.randbits(15), secrets.randbits(32)
        self._ssrc, self._key_ts = secrets.randbits(32), 0
        self._counting = _Counting()
        self._last_key: tuple[int, int] | None = None

    @property
    def port(self) -> int:
        """The UDP port it sends from and receives on."""
        return int(self._socket.getsockname()[1])

    @property
    def codec(self) -> str:
        """What was agreed on; empty: nothing yet."""
        return self._agreement.codec.value if self._agreement else ""

    def agree(self, agreement: Agreement) -> None:
        """Send and play as was agreed, from now on."""
        self._agreement = agreement
        if self._clock is None:
            asyncio.get_running_loop().add_reader(self._socket, self._read)
            self._clock = asyncio.create_task(self._run(), name="sound")

    def press(self, keys: str) -> None:
        """Press keys, after those that are still to be pressed; as tones where the other side takes no events.

        Raises:
            PhoneProblem: One is no key.
        """
        spelt = keying.frames(keys)
        if self._agreement is not None and self._agreement.digit_payload_type is None:
            pcm = np.frombuffer(key_tones(keys).pcm, "<i2").astype(np.int16)
            self._tones.extend(np.array_split(pcm, max(1, len(pcm) // FRAME_SAMPLES)))
            return
        self._keys.extend(spelt)

    @property
    def presses(self) -> bool:
        """Whether keys are still to be pressed."""
        return bool(self._keys or self._tones)

    async def close(self) -> None:
        """Stop, and give the port back."""
        if self._clock is not None:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
            asyncio.get_running_loop().remove_reader(self._socket)
            self._clock = None
        self._socket.close()

    # Every 20 ms -------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            self._play()
            self._send()
            due_s += FRAME_S
            if loop.time() - due_s > BEHIND_S:
                due_s = loop.time()
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    def _play(self) -> None:
        pcm = self._playout.take(FRAME_SAMPLES)
        self.figures.heard_db = loudness_db(pcm)
        self.figures.loudest_heard_db = max(self.figures.loudest_heard_db, self.figures.heard_db)
        self._speaker.give(pcm)

    def _send(self) -> None:
        said = self._microphone.take(FRAME_SAMPLES)  # taken in any case: a muted microphone goes on
        pcm = np.zeros(FRAME_SAMPLES, np.int16) if self.muted else said
        if self._tones:
            pcm = self._tones.popleft()
        self.figures.spoken_db = loudness_db(pcm)
        agreement = self._agreement
        assert agreement is not None
        self._seq = (self._seq + 1) & 0xFFFF
        self._ts = (self._ts + FRAME_SAMPLES) & 0xFFFFFFFF
        key = self._keys.popleft() if self._keys else None
        if key is None:
            packet = self._packet(agreement.payload_type, self._ts, encode(agreement.codec, pcm))
        else:
            self._key_ts = self._ts if key.first else self._key_ts
            packet = self._packet(
                agreement.digit_payload_type or 0, self._key_ts, key.payload, marker=key.first
            )
        if agreement.flow in {Flow.SENDRECV, Flow.SENDONLY}:
            with contextlib.suppress(OSError):  # ICMP says that nobody is there: it may come yet
                self._socket.sendto(packet.pack(), (agreement.remote_host, agreement.remote_port))
                self.figures.sent += 1

    def _packet(self, payload_type: int, ts: int, payload: bytes, *, marker: bool = False) -> Packet:
        return Packet(payload_type, self._seq, ts, self._ssrc, payload, marker)

    # What comes in -----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        while True:
            try:
                datagram = self._socket.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error for something we sent
            packet = parse(datagram)
            if packet is not None and self._agreement is not None:
                self._take(packet, self._agreement)

    def _take(self, packet: Packet, agreement: Agreement) -> None:
        self._counting.take(packet, asyncio.get_running_loop().time())
        self.figures.received, self.figures.lost = self._counting.received, self._counting.lost
        self.figures.jitter_ms = self._counting.jitter_ts / (RATE_HZ / 1000)
        if packet.payload_type == agreement.payload_type:
            self._playout.put(packet.ts, decode(agreement.codec, packet.payload))
        elif packet.payload_type == agreement.digit_payload_type:
            self._take_key(packet)

    def _take_key(self, packet: Packet) -> None:
        event = parse_digit(packet.payload)
        press = (packet.ssrc, packet.ts)
        if event is not None and press != self._last_key:
            self._last_key = press
            self.keys_heard.append(event.digit)


class _Counting:
    """Counts a stream's packets (RFC 3550, appendices A.3 and A.8, without their care for strangers)."""

    def __init__(self) -> None:
        self.received = self.lost = 0
        self.jitter_ts = 0.0
        self._highest: int | None = None
        self._transit_ts: float | None = None

    def take(self, packet: Packet, now_s: float) -> None:
        self.received += 1
        ahead = 1 if self._highest is None else seq_distance(self._highest, packet.seq)
        if ahead > 0:
            self._highest = packet.seq
            self.lost += ahead - 1 if ahead < 100 else 0
        else:
            self.lost = max(0, self.lost - 1)  # it came late
        transit_ts = now_s * RATE_HZ - packet.ts
        if self._transit_ts is not None and abs(transit_ts - self._transit_ts) < RATE_HZ:
            self.jitter_ts += (abs(transit_ts - self._transit_ts) - self.jitter_ts) / 16
        self._transit_ts = transit_ts
