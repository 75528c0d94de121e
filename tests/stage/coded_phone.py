"""RTP phones that speak any codec the mixer does, coded and decoded by libavcodec (through PyAV): not by code of ours.

Listening begins some frames before what is measured, so that a decoder that follows the past has caught up.

Sources: RFC 3551, table 4 and section 4.5 (clocks); RFC 7587, section 7 (opus).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import av
import numpy as np
import numpy.typing as npt

from roomtone.testing.g711 import Pcm
from roomtone.testing.rtp import Packet, ts_distance
from roomtone.testing.rtp_phone import PhoneSettings, RtpPhone
from roomtone.testing.tones import LEVEL_DB, Tone, level_db

FRAMES_PER_S = 50
RUN_UP_MS = 100
"""Decoded before what is measured."""


@dataclass(frozen=True)
class Coding:
    """One codec as it is written in a session description, and who codes it."""

    name: str
    """The rtpmap, as the scenario of SIPp has it under this payload type."""

    word: str
    """Short, for the names of callers: none is a part of another."""

    payload_type: int
    clock_hz: int
    rate_hz: int
    """Of the sound."""

    encoder: str
    """libavcodec's names."""

    decoder: str


CODINGS = (
    Coding("PCMU/8000", "pcmu", 0, 8_000, 8_000, "pcm_mulaw", "pcm_mulaw"),
    Coding("PCMA/8000", "pcma", 8, 8_000, 8_000, "pcm_alaw", "pcm_alaw"),
    Coding("G722/8000", "g722", 9, 8_000, 16_000, "g722", "g722"),
    Coding("L16/8000", "narrow-l16", 98, 8_000, 8_000, "pcm_s16be", "pcm_s16be"),
    Coding("L16/16000", "wide-l16", 97, 16_000, 16_000, "pcm_s16be", "pcm_s16be"),
    Coding("opus/48000/2", "opus", 96, 48_000, 48_000, "libopus", "libopus"),
)
"""All that the mixer does."""


class CodedPhone(RtpPhone):
    """An `RtpPhone` for one of `CODINGS`; plays a recording of one second over and over."""

    coding: Coding
    _speech: Iterator[bytes]

    @classmethod
    async def speaking(cls, coding: Coding, pitch_hz: float, level_db: float = LEVEL_DB) -> Self:
        """Take a free port on 127.0.0.1; it says its pitch, whole Hz, once it is pointed somewhere."""
        assert pitch_hz == int(pitch_hz), "a second of it must end where it began"
        phone = cls.bind(PhoneSettings(pitch_hz=pitch_hz, level_db=level_db))
        phone.coding = coding
        phone._speech = itertools.cycle(_recorded(coding, Tone(pitch_hz, level_db, coding.rate_hz)))
        return phone

    def _next_packet(self, event_ts: int) -> Packet:
        self._seq = (self._seq + 1) & 0xFFFF
        self._ts = (self._ts + self.coding.clock_hz // FRAMES_PER_S) & 0xFFFFFFFF
        return Packet(self.coding.payload_type, self._seq, self._ts, self._ssrc, next(self._speech))

    def pcm(self, window_ms: int) -> Pcm:
        """Give the last `window_ms` at the coding's rate: packets where their timestamps say, silence where none came."""
        coding = self.coding
        packets = [
            one.packet
            for one in self.recent(window_ms + RUN_UP_MS)
            if one.packet.payload_type == coding.payload_type
        ]
        heard = np.zeros((window_ms + RUN_UP_MS) * coding.rate_hz // 1_000, dtype=np.int16)
        if not packets:
            return heard[: window_ms * coding.rate_hz // 1_000]
        decoder = _context(coding.decoder, "r", coding.rate_hz)
        last_ts = max(ts_distance(packets[0].ts, packet.ts) for packet in packets)
        for packet in sorted(packets, key=lambda packet: ts_distance(packets[0].ts, packet.ts)):
            pcm = _decoded(decoder, packet.payload)
            behind = last_ts - ts_distance(packets[0].ts, packet.ts)
            end = len(heard) - behind * coding.rate_hz // coding.clock_hz
            if end >= len(pcm):
                heard[end - len(pcm) : end] = pcm
        return heard[-window_ms * coding.rate_hz // 1_000 :]

    def levels(self, pitches_hz: tuple[float, ...], window_ms: int = 300) -> dict[float, float]:
        """Measure how loud each pitch was in the last `window_ms`, in dB of a full-scale sine."""
        pcm = self.pcm(window_ms)
        return {hz: level_db(pcm, hz, self.coding.rate_hz) for hz in pitches_hz}


def _recorded(coding: Coding, tone: Tone) -> list[bytes]:
    """Code two seconds in one go, and keep the second: the encoder has found its way by then."""
    encoder = _context(coding.encoder, "w", coding.rate_hz)
    samples = coding.rate_hz // FRAMES_PER_S
    payloads = []
    for at in range(2 * FRAMES_PER_S):
        frame = av.AudioFrame.from_ndarray(tone.take(samples).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = coding.rate_hz, at * samples
        payloads.append(b"".join(bytes(packet) for packet in encoder.encode(frame)))
    return payloads[FRAMES_PER_S:]


def _context(name: str, mode: str, rate_hz: int) -> av.AudioCodecContext:
    context = av.CodecContext.create(name, mode)
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = rate_hz, "mono", "s16"
    context.open()
    return context


def _decoded(decoder: av.AudioCodecContext, payload: bytes) -> Pcm:
    frames = decoder.decode(av.Packet(payload))
    pieces: list[npt.NDArray[np.int16]] = [frame.to_ndarray().reshape(-1) for frame in frames]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
