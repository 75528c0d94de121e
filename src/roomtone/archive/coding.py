"""Sound written as WAV, FLAC, MP3 or Ogg Opus, block by block, and read again the same way.

FFmpeg (by PyAV) codes and decodes; WAV is written here, for it needs no library. Nothing is held but the block at hand.
Blocks; callers use a thread of their own.

Sources: PyAV; RFC 9639 (FLAC, at most 8 channels, in this order of layouts); RFC 7845 (Opus in Ogg).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np

from roomtone.archive.forms import Damaged, Form, NotWave
from roomtone.archive.waves import Block, WaveReader, write_head

if TYPE_CHECKING:
    import av

BLOCK = 32_768
"""Samples of each channel that are worked on at once."""

MOST_CHANNELS = 8
"""Of a FLAC file."""

_LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")


class Writer(Protocol):
    """What blocks are written to."""

    def write(self, block: Block, /) -> None:
        """Take the next block."""

    def end(self) -> None:
        """Write what is still to be written. The file stays open."""


def writer(file: BinaryIO, form: Form, rate_hz: int, channels: int, samples: int) -> Writer:
    """Begin to write so many samples of each channel to a file that can be written anywhere."""
    if form is Form.WAV:
        return _WaveWriter(file, rate_hz, channels, samples)
    return _CodedWriter(file, form, rate_hz, channels)


class _WaveWriter:
    def __init__(self, file: BinaryIO, rate_hz: int, channels: int, samples: int) -> None:
        self._file = file
        write_head(file, rate_hz, channels, samples)

    def write(self, block: Block) -> None:
        self._file.write(np.ascontiguousarray(block, dtype="<i2").data)

    def end(self) -> None:
        """Nothing is left."""


class _CodedWriter:
    def __init__(self, file: BinaryIO, form: Form, rate_hz: int, channels: int) -> None:
        import av

        # bitexact: the same sound gives the same bytes, without the library's name and a random serial in them
        self._container = av.open(file, "w", format=form.value, options={"fflags": "+bitexact"})
        codec, bits = _codec(form, rate_hz)
        self._layout = _LAYOUTS[channels - 1]
        stream = self._container.add_stream(codec, rate=rate_hz, layout=self._layout)
        assert isinstance(stream, av.AudioStream), "all these codecs are of sound"
        stream.codec_context.options = {"flags": "+bitexact", **_EFFORT.get(codec, {})}
        if bits:
            stream.bit_rate = bits * channels
        self._stream, self._rate_hz, self._at = stream, rate_hz, 0

    def write(self, block: Block) -> None:
        import av

        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block).reshape(1, -1), format="s16", layout=self._layout
        )
        frame.sample_rate, frame.pts = self._rate_hz, self._at
        self._at += len(block)
        self._container.mux(self._stream.encode(frame))

    def end(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


_EFFORT = {"libmp3lame": {"compression_level": "8"}, "libopus": {"compression_level": "4"}}
"""Somebody waits for it: this takes about 0.6 of the time of FFmpeg's defaults, at the same number of bits."""


def _codec(form: Form, rate_hz: int) -> tuple[str, int]:
    """Name the codec, and the bits a second of each channel; 0: as many as it takes."""
    match form:
        case Form.MP3:
            return "libmp3lame", 32_000 if rate_hz <= 8_000 else 64_000
        case Form.OGG:
            return "libopus", 24_000 if rate_hz <= 8_000 else 48_000
        case Form.FLAC | Form.WAV:
            return "flac", 0


def blocks_of(path: Path, form: Form, samples: int) -> Iterator[Block]:
    """Give a finished file's sound, block by block.

    Decoders pass over what they cannot read, and may end early without a word: so what came is counted.

    Raises:
        Damaged: There is less of it than `samples`, or nothing that can be read; told once the last block was given.
    """
    found = 0
    try:
        for block in _wave_blocks(path) if form is Form.WAV else _coded_blocks(path):
            found += len(block)
            yield block
    except NotWave as fault:
        raise Damaged(path.name, found, samples) from fault
    if found < samples:
        raise Damaged(path.name, found, samples)


def _wave_blocks(path: Path) -> Iterator[Block]:
    with WaveReader(path) as wave:
        for at in range(0, wave.samples, BLOCK):
            yield wave.read(at, min(BLOCK, wave.samples - at))


def _coded_blocks(path: Path) -> Iterator[Block]:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path), "r", options={"protocol_whitelist": "file"}) as opened:
            source = opened.streams.audio[0]
            channels = source.codec_context.channels
            plain = av.AudioResampler(format="s16", layout=source.codec_context.layout, rate=source.rate)
            for frame in opened.decode(source):
                yield from _plain(plain.resample(frame), channels)
            yield from _plain(plain.resample(None), channels)
    except FileNotFoundError:
        raise
    except (FFmpegError, IndexError) as fault:
        raise NotWave(str(fault)) from fault


def _plain(frames: list[av.AudioFrame], channels: int) -> Iterator[Block]:
    for frame in frames:
        yield frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, channels)
