"""One RTP stream of the reference engine: packets in, frames out, and back. Pure: no socket, time is an argument.

Sources: RFC 3550, sections 5.1, 6.4.1, A.3 and A.8; RFC 4733, section 2.5.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

import msgspec
import numpy as np

from roomtone.link import messages
from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import Pcm, decode, encode
from roomtone.testing.reference_jitter import JitterBuffer
from roomtone.testing.rtp import Packet, parse, parse_digit, seq_distance
from roomtone.testing.tones import loudness_db

LATCH_S = 3.0
"""How long after its first packet a stream still follows packets to another address."""

SILENT_S = 5.0
"""No packet for this long, and the stream counts as silent."""

DIGIT_TS = 320
"""A key is told when it is down for 40 ms, or up again."""

SPEECH_DB = -45.0
"""Loudness of a frame from which it counts as speech."""

SPEECH_FRAMES = 3
HANGOVER_FRAMES = 25

Address = tuple[str, int]


@dataclass(slots=True)
class Counters:
    """What a stream has seen since it opened."""

    received: int = 0
    sent: int = 0
    lost: int = 0
    late: int = 0
    duplicate: int = 0
    refused: int = 0
    jitter_ts: float = 0.0


class ReferenceStream:
    """One call's audio, both ways."""

    def __init__(self, order: messages.OpenStream, port: int, now_s: float) -> None:
        self.call, self.port = order.call, port
        self.format, self.flow = order.format, order.flow
        self.remote: Address = (order.remote_host, order.remote_port)
        """Where we send."""

        self.counters = Counters()
        self.facts: deque[messages.Fact] = deque()
        """What happened; the engine takes it from here."""

        self.speaking = False
        self._buffer = JitterBuffer()
        self._signalled = self.remote
        self._latch_until_s: float | None = None
        self._heard_s, self._silent_told, self._ever_heard = now_s, False, False
        self._peer_ssrc: int | None = None
        self._seen: deque[int] = deque(maxlen=64)
        self._highest_seq = 0
        self._transit_ts: float | None = None
        self._digit_ts: int | None = None
        self._loud_frames = self._quiet_frames = 0
        self._ssrc, self._seq, self._ts = (
            random.getrandbits(32),
            random.getrandbits(16),
            random.getrandbits(32),
        )
        self._unsent: Pcm = np.zeros(0, dtype=np.int16)
        self._paused = True

    def change(self, order: messages.ChangeStream) -> None:
        """Follow a re-INVITE; the latch opens again."""
        self.format, self.flow = order.format, order.flow
        self.remote = self._signalled = (order.remote_host, order.remote_port)
        self._latch_until_s = None
        self._peer_ssrc = None

    # In --------------------------------------------------------------------------------------------------------------

    def take(self, datagram: bytes, source: Address, now_s: float) -> None:
        """Take one datagram that came to the stream's port."""
        packet = parse(datagram)
        kinds = {self.format.payload_type, self.format.digit_payload_type}
        if packet is None or packet.payload_type not in kinds or not self._accepts(source, now_s):
            self.counters.refused += 1
            return
        self._note_heard(now_s)
        if not self._count(packet, now_s):
            return
        if packet.payload_type == self.format.payload_type:
            if not self._buffer.put(packet.ts, decode(Codec(self.format.codec.value), packet.payload)):
                self.counters.late += 1
        else:
            self._take_digit(packet)

    def _accepts(self, source: Address, now_s: float) -> bool:
        """Follow packets to where they come from, for the first seconds; then refuse all other addresses.

        At once if they come from just where signalling said: then there is nothing to learn.
        """
        if source == self._signalled:
            self.remote, self._latch_until_s = source, now_s
        elif self._latch_until_s is None:
            self.remote, self._latch_until_s = source, now_s + LATCH_S
        elif source != self.remote and now_s < self._latch_until_s:
            self.remote = source
        return source == self.remote

    def _note_heard(self, now_s: float) -> None:
        self._heard_s = now_s
        if self._silent_told or not self._ever_heard:
            host, port = self.remote
            self.facts.append(messages.StreamHeard(call=self.call, remote_host=host, remote_port=port))
        self._silent_told, self._ever_heard = False, True

    def _count(self, packet: Packet, now_s: float) -> bool:
        """Keep the books; False for a packet that was here before."""
        if packet.ssrc != self._peer_ssrc:
            self._peer_ssrc = packet.ssrc
            self._seen.clear()
            self._buffer = JitterBuffer()
            self._transit_ts = self._digit_ts = None
        if packet.seq in self._seen:
            self.counters.duplicate += 1
            return False
        self.counters.received += 1
        if self._seen:
            step = seq_distance(self._highest_seq, packet.seq)
            self.counters.lost += step - 1 if step > 0 else -1
        if not self._seen or seq_distance(self._highest_seq, packet.seq) > 0:
            self._highest_seq = packet.seq
        self._seen.append(packet.seq)
        transit_ts = now_s * 8_000 - packet.ts
        if self._transit_ts is not None and packet.payload_type == self.format.payload_type:
            self.counters.jitter_ts += (abs(transit_ts - self._transit_ts) - self.counters.jitter_ts) / 16
        self._transit_ts = transit_ts
        return True

    def _take_digit(self, packet: Packet) -> None:
        event = parse_digit(packet.payload)
        # All packets of one key press carry the timestamp of its beginning (RFC 4733, section 2.5.1.2).
        if event is None or packet.ts == self._digit_ts or not (event.end or event.duration_ts >= DIGIT_TS):
            return
        self._digit_ts = packet.ts
        told = messages.Digit(call=self.call, digit=event.digit, duration_ms=event.duration_ts // 8)
        self.facts.append(told)

    def voice(self, now_s: float) -> Pcm | None:
        """Give the 20 ms the caller says now; None if there is nothing to hear."""
        self._watch_silence(now_s)
        if self.flow not in {messages.Flow.SENDRECV, messages.Flow.RECVONLY}:
            return None
        frame = self._buffer.take()
        self._watch_speech(frame)
        return frame

    def _watch_silence(self, now_s: float) -> None:
        awaited = self.flow in {messages.Flow.SENDRECV, messages.Flow.RECVONLY}
        if awaited and not self._silent_told and now_s - self._heard_s >= SILENT_S:
            self._silent_told = True
            silent_ms = round((now_s - self._heard_s) * 1_000)
            self.facts.append(messages.StreamSilent(call=self.call, silent_ms=silent_ms))

    def _watch_speech(self, frame: Pcm | None) -> None:
        loud = frame is not None and loudness_db(frame) >= SPEECH_DB
        self._loud_frames = self._loud_frames + 1 if loud else 0
        self._quiet_frames = 0 if loud else self._quiet_frames + 1
        if self._loud_frames >= SPEECH_FRAMES:
            self.speaking = True
        elif self._quiet_frames >= HANGOVER_FRAMES:
            self.speaking = False

    # Out -------------------------------------------------------------------------------------------------------------

    def packets(self, frame: Pcm) -> list[bytes]:
        """Turn what the caller hears now into packets; the timestamp goes on while we may not send."""
        self._unsent = np.concatenate([self._unsent, frame])
        samples = self.format.ptime_ms * 8
        packets = []
        while len(self._unsent) >= samples:
            piece, self._unsent = self._unsent[:samples], self._unsent[samples:]
            self._ts = (self._ts + samples) % 2**32
            if self.flow in {messages.Flow.SENDRECV, messages.Flow.SENDONLY} and self.remote[1] != 0:
                packets.append(self._packet(piece))
            else:
                self._paused = True
        return packets

    def _packet(self, piece: Pcm) -> bytes:
        self._seq = (self._seq + 1) % 2**16
        payload = encode(Codec(self.format.codec.value), piece)
        # The marker bit tells the first packet after a pause (RFC 3551, section 4.1).
        packet = Packet(self.format.payload_type, self._seq, self._ts, self._ssrc, payload, self._paused)
        self._paused = False
        self.counters.sent += 1
        return packet.pack()

    # Told ------------------------------------------------------------------------------------------------------------

    def figures(self) -> messages.StreamFigures:
        """Give the counters."""
        counters = self.counters
        return messages.StreamFigures(
            call=self.call,
            packets_received=counters.received,
            packets_sent=counters.sent,
            packets_lost=max(0, counters.lost),
            packets_late=counters.late,
            packets_duplicate=counters.duplicate,
            packets_refused=counters.refused,
            jitter_ms=counters.jitter_ts / 8,
            depth_ms=self._buffer.depth_ts() / 8,
            round_trip_ms=None,
        )

    def last_statistics(self) -> messages.StreamStatistics:
        """Give the counters as the fact at the end of a stream."""
        return messages.StreamStatistics(last=True, **msgspec.structs.asdict(self.figures()))

    def state(self, conference: str | None) -> messages.StreamState:
        """Give what a snapshot says of it."""
        return messages.StreamState(
            call=self.call,
            port=self.port,
            format=self.format,
            remote_host=self.remote[0],
            remote_port=self.remote[1],
            flow=self.flow,
            conference=conference,
        )
