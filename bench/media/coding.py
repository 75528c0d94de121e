"""Sound to payloads and back, by FFmpeg's codecs: what Roomtone sends is judged by decoders that are not its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext

PACKETS_PER_S = 50
Sound = npt.NDArray[np.float64]
"""Samples of -1 to 1, mono."""


@dataclass(frozen=True)
class Coding:
    """A codec as it is spoken in RTP."""

    name: str
    """In the engine protocol."""
    payload_type: int
    clock_rate_hz: int
    """Of the RTP timestamps: 8,000 for G.722 too (RFC 3551, section 4.5.2)."""
    rate_hz: int
    encoder: str
    decoder: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def packet_samples(self) -> int:
        return self.rate_hz // PACKETS_PER_S

    @property
    def timestamp_step(self) -> int:
        return self.clock_rate_hz // PACKETS_PER_S

    def encode(self, sound: Sound) -> list[bytes]:
        """Code whole packets' worth of sound, 20 ms to a payload."""
        context = AudioCodecContext.create(self.encoder, "w")
        context.sample_rate = self.rate_hz
        context.layout = "mono"
        context.format = "s16"
        if self.encoder == "libopus":
            context.bit_rate = 24_000
        context.options = self.options
        samples = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
        payloads: list[bytes] = []
        for at in range(0, len(samples) - self.packet_samples + 1, self.packet_samples):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + self.packet_samples], "s16", "mono")
            frame.sample_rate = self.rate_hz
            frame.pts = at
            payloads += [bytes(packet) for packet in context.encode(frame)]
        return payloads + [bytes(packet) for packet in context.encode(None)]

    def decode(self, payloads: Sequence[bytes]) -> list[Sound]:
        """Decode consecutive payloads of one stream, each to a piece of its own."""
        context = AudioCodecContext.create(self.decoder, "r")
        if self.decoder != "libopus":
            context.sample_rate = self.rate_hz
        context.layout = "mono"
        pieces = []
        for payload in payloads:
            frames = context.decode(av.Packet(payload))
            arrays = [_floats(frame.to_ndarray()) for frame in frames]
            pieces.append(np.concatenate(arrays) if arrays else np.zeros(0))
        return pieces


def _floats(samples: npt.NDArray[np.int16] | npt.NDArray[np.float32]) -> Sound:
    scale = 32_768.0 if samples.dtype == np.int16 else 1.0
    return np.asarray(samples, np.float64).reshape(-1) / scale


CODINGS = (
    Coding("PCMU", 0, 8_000, 8_000, "pcm_mulaw", "pcm_mulaw"),
    Coding("G722", 9, 8_000, 16_000, "g722", "g722"),
    Coding(
        "OPUS",
        111,
        48_000,
        48_000,
        "libopus",
        "libopus",
        {"application": "voip", "frame_duration": "20", "compression_level": "3"},
    ),
)


def coding_of(name: str) -> Coding:
    """Find a codec by its name in the engine protocol."""
    return next(one for one in CODINGS if one.name == name)
