"""Audio files for tests, made on the spot: a tone in every kind of file."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

KINDS = {
    "wav": ("wav", "pcm_s16le"),
    "wav-mulaw": ("wav", "pcm_mulaw"),
    "wav-float": ("wav", "pcm_f32le"),
    "mp3": ("mp3", "libmp3lame"),
    "ogg-opus": ("ogg", "libopus"),
    "ogg-vorbis": ("ogg", "vorbis"),
    "flac": ("flac", "flac"),
    "aiff": ("aiff", "pcm_s16be"),
    "au-mulaw": ("au", "pcm_mulaw"),
    "aac": ("adts", "aac"),
    "mp4": ("mp4", "aac"),
    "caf": ("caf", "pcm_s16le"),
    "raw-mulaw": ("mulaw", "pcm_mulaw"),
    "raw-alaw": ("alaw", "pcm_alaw"),
}
"""FFmpeg's names of container and codec."""


def tone_file(
    kind: str = "wav", *, hz: float = 440.0, seconds: float = 0.5, rate_hz: int = 8_000, channels: int = 1
) -> bytes:
    """Write a tone of -12 dBFS into a file."""
    container, codec = KINDS[kind]
    samples = 0.25 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    file = io.BytesIO()
    layout = "mono" if channels == 1 else "stereo"
    with av.open(file, "w", format=container) as opened:
        stream = opened.add_stream(codec, rate=rate_hz, layout=layout)
        if codec == "vorbis":
            stream.codec_context.options = {"strict": "experimental"}
        resampler = av.AudioResampler(
            stream.codec_context.format, layout, rate_hz, frame_size=_frame_size(stream)
        )
        whole = np.tile(samples.astype(np.float32), (channels, 1))
        frame = av.AudioFrame.from_ndarray(whole, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        for part in (*resampler.resample(frame), *resampler.resample(None), None):
            opened.mux(stream.encode(part))
    return file.getvalue()


def _frame_size(stream: av.AudioStream) -> int | None:
    stream.codec_context.open(strict=False)
    return stream.codec_context.frame_size or None


def loudest_hz(pcm: bytes, rate_hz: int) -> float:
    """Find the pitch of mono 16-bit PCM."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate_hz / len(samples))
