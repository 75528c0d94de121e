"""The engine's tracks as one sound of several channels, and where in it the silence at both ends ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from roomtone.archive.coding import BLOCK
from roomtone.archive.forms import NotWave
from roomtone.archive.waves import Block, WaveReader

QUIET_DB = -50.0
"""What is fainter than this, as the root mean square of 20 ms against full scale, is silence to whoever trims."""

MARGIN_MS = 100
"""What is left of the silence at each end, so that no soft beginning of a word is cut."""

_WINDOW_MS = 20
_FULL_SCALE = 32_768
_FAINTEST = 16
"""Samples up to this are silence to whoever does not trim: what codecs make of nothing (the least step of G.711 is 8)."""

_SMALLEST_HEAD = 44


class Tracks:
    """Files of one channel each, side by side: sample n of each was heard at the same moment."""

    def __init__(self, folder: Path, names: Sequence[str], rate_hz: int) -> None:
        """Open those that are there.

        Raises:
            NotWave: One of them is not what the engine writes.
            OSError: One of them cannot be read.
        """
        self._stack = ExitStack()
        self.rate_hz = rate_hz
        self.names = tuple(names)
        self._found: list[WaveReader | None] = []
        with self._stack:
            self._found = [self._opened(folder / f"{name}.wav") for name in names]
            self._stack = self._stack.pop_all()

    def _opened(self, path: Path) -> WaveReader | None:
        try:
            if path.stat().st_size < _SMALLEST_HEAD:  # killed before it was begun
                return None
        except FileNotFoundError:
            return None
        found = self._stack.enter_context(WaveReader(path))
        if found.channels != 1 or found.rate_hz != self.rate_hz:
            raise NotWave(
                f"{path.name} has {found.channels} channels at {found.rate_hz} Hz, not 1 at {self.rate_hz}"
            )
        return found

    @property
    def samples(self) -> int:
        """How long the longest is."""
        return max((one.samples for one in self._found if one is not None), default=0)

    def read(self, at: int, count: int) -> Block:
        """Give samples `at` to `at + count` of all; who is missing is silent."""
        block = np.zeros((count, len(self._found)), dtype=np.int16)
        for channel, one in enumerate(self._found):
            if one is not None:
                block[:, channel] = one.read(at, count)[:, 0]
        return block

    def blocks(self, first: int, last: int) -> Iterator[Block]:
        """Give samples `first` to `last`, block by block."""
        for at in range(first, last, BLOCK):
            yield self.read(at, min(BLOCK, last - at))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stack.close()


def anything(tracks: Tracks, samples: int) -> bool:
    """Whether there is anything but silence."""
    return any(
        bool(np.any(np.abs(block.astype(np.int32)) > _FAINTEST)) for block in tracks.blocks(0, samples)
    )


def span_of_sound(tracks: Tracks, samples: int) -> tuple[int, int]:
    """Give where sound begins and ends, with a margin; the same twice: there is none."""
    window = tracks.rate_hz * _WINDOW_MS // 1_000
    step = window * max(1, BLOCK // window)
    places = range(0, samples, step)
    first = next((at + found[0] for at in places if (found := _loud(tracks, at, step, window))), None)
    if first is None:
        return 0, 0
    last = next(at + found[1] for at in reversed(places) if (found := _loud(tracks, at, step, window)))
    margin = tracks.rate_hz * MARGIN_MS // 1_000
    return max(0, first - margin), min(samples, last + margin)


def _loud(tracks: Tracks, at: int, count: int, window: int) -> tuple[int, int] | None:
    """Give the beginning of the first and the end of the last window that is loud in some channel."""
    block = tracks.read(at, count).astype(np.float32)
    power = np.square(block.reshape(-1, window, block.shape[1])).mean(axis=1).max(axis=1)
    loud = np.flatnonzero(power >= (_FULL_SCALE * 10 ** (QUIET_DB / 20)) ** 2)
    return (int(loud[0]) * window, (int(loud[-1]) + 1) * window) if loud.size else None


def mono(block: Block) -> Block:
    """Give the sum of all channels as one, held within the range of samples."""
    if block.shape[1] == 1:
        return block
    summed = block.astype(np.int32).sum(axis=1, keepdims=True)
    held: Block = np.clip(summed, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return held
