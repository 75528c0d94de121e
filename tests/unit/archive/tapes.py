"""Tracks as the engine leaves them, and ears for what is made of them. FFmpeg, not our own reader, listens."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finishing

Sound = npt.NDArray[np.int16]
ID = RecordingId(0xABC)
RATE = 16_000


def tone(hz: float, seconds: float, level: float = 0.25, rate_hz: int = RATE) -> Sound:
    moments = np.arange(round(seconds * rate_hz)) / rate_hz
    return (32_767 * level * np.sin(2 * np.pi * hz * moments)).astype(np.int16)


def silence(seconds: float, rate_hz: int = RATE) -> Sound:
    return np.zeros(round(seconds * rate_hz), np.int16)


def tape(path: Path, sound: Sound, rate_hz: int = RATE, told_bytes: int | None = None) -> None:
    """Write a track; `told_bytes`: what its header says it has, if not all of it."""
    size = len(sound) * 2 if told_bytes is None else told_bytes
    path.parent.mkdir(parents=True, exist_ok=True)
    form = struct.pack("<IHHIIHH", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16)
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size)
    path.write_bytes(head + sound.astype("<i2").tobytes())


def wanted(channels: int = 1, **more: object) -> Finishing:
    return Finishing(ID, channels, RATE, 1_000_000, **more)  # type: ignore[arg-type]


def heard(path: Path) -> tuple[int, Sound]:
    """Listen to a file: its rate, and its samples as (time, channel)."""
    with av.open(str(path)) as opened:
        source = opened.streams.audio[0]
        layout, rate = source.codec_context.layout, source.codec_context.sample_rate
        plain = av.AudioResampler("s16", layout, rate)
        parts = [part for frame in opened.decode(source) for part in plain.resample(frame)]
        width = source.codec_context.channels
    return rate, np.concatenate([part.to_ndarray().reshape(-1, width) for part in parts]).astype(np.int16)


def level_db(sound: Sound, hz: float, rate_hz: int = RATE) -> float:
    """Say how loud a pitch is, in dB of a full-scale sine."""
    moments = np.arange(len(sound)) / rate_hz
    found = abs(np.mean(sound * np.exp(-2j * np.pi * hz * moments))) * 2 / 32_767
    return float(20 * np.log10(max(found, 1e-9)))
