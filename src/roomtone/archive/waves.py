"""WAV files, read and written in blocks: 16-bit PCM, any number of channels.

A file that is read may have been left by a program that was killed, so its header may tell of less than is there: what
counts is the file's length. Written are plain RIFF files, and RF64 where 4 GiB are not enough.

Exceptions: `NotWave` and `OSError`.

Sources: Microsoft "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE); EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from roomtone.archive.forms import NotWave

Block: TypeAlias = npt.NDArray[np.int16]
"""Samples, as (time, channel)."""

SAMPLE_BYTES = 2

_PCM, _EXTENSIBLE = 1, 0xFFFE
_MOST_RIFF_BYTES = 0xFFFFFFFF - 4096
_LONGEST_HEAD = 65_536


class WaveReader:
    """A WAV file that is read here and there. What is beyond its end is silence."""

    rate_hz: int
    channels: int
    samples: int
    """Of each channel, by the file's length."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._start = self._read_head()
        except BaseException:
            self._file.close()
            raise
        length = self._file.seek(0, 2)
        self.samples = max(0, length - self._start) // (SAMPLE_BYTES * self.channels)

    def read(self, at: int, count: int) -> Block:
        """Give samples `at` to `at + count`."""
        width = SAMPLE_BYTES * self.channels
        found = max(0, min(count, self.samples - at))
        block = np.zeros((count, self.channels), dtype=np.int16)
        if found:
            self._file.seek(self._start + at * width)
            heard = np.frombuffer(self._file.read(found * width), dtype="<i2")
            rows = heard.size // self.channels
            block[:rows] = heard[: rows * self.channels].reshape(rows, self.channels)
        return block

    def _read_head(self) -> int:
        """Read up to the first sample, and give its place."""
        head = self._file.read(_LONGEST_HEAD)
        if head[:4] not in {b"RIFF", b"RF64"} or head[8:12] != b"WAVE":
            raise NotWave("it is no WAV file")
        at, described = 12, False
        while at + 8 <= len(head):
            name, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
            if name == b"fmt " and at + 24 <= len(head):
                self._describe(head[at + 8 : at + 24])
                described = True
            if name == b"data" and described:
                return at + 8
            at += 8 + size + size % 2
        raise NotWave("its header has no end")

    def _describe(self, form: bytes) -> None:
        coding, self.channels, self.rate_hz, _, _, bits = struct.unpack("<HHIIHH", form)
        if (
            coding not in {_PCM, _EXTENSIBLE}
            or bits != 8 * SAMPLE_BYTES
            or not self.channels
            or not self.rate_hz
        ):
            raise NotWave(f"it holds {bits} bits of coding {coding}, not 16-bit PCM")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def write_head(file: BinaryIO, rate_hz: int, channels: int, samples: int) -> None:
    """Write the header of a file that so many samples of each channel will follow."""
    width = SAMPLE_BYTES * channels
    data = samples * width
    form = b"fmt " + struct.pack(
        "<IHHIIHH", 16, _PCM, channels, rate_hz, rate_hz * width, width, 8 * SAMPLE_BYTES
    )
    if data <= _MOST_RIFF_BYTES:
        file.write(
            b"RIFF" + struct.pack("<I", data + 36) + b"WAVE" + form + b"data" + struct.pack("<I", data)
        )
        return
    sizes = struct.pack("<IQQQI", 28, data + 72, data, samples, 0)
    unknown = b"\xff\xff\xff\xff"
    file.write(b"RF64" + unknown + b"WAVE" + b"ds64" + sizes + form + b"data" + unknown)
