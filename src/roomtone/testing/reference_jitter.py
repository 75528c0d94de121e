"""The reference engine's jitter buffer: the simplest that works. Pure.

Waits for 40 ms, then plays by timestamp; when nothing is left, waits again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from roomtone.testing.g711 import Pcm
from roomtone.testing.reference_mixer import FRAME_SAMPLES
from roomtone.testing.rtp import ts_distance

DEPTH_TS = 320
"""What is gathered before playing starts: 40 ms."""

DEEPEST_TS = 1_600
"""More than 200 ms gathered: the oldest is skipped, so that delay does not pile up."""

JUMP_TS = 8_000
"""A timestamp further off than a second is another piece of audio, not a late or early packet."""


@dataclass(slots=True)
class JitterBuffer:
    """Puts packets in order by timestamp and hands out 20 ms at a time."""

    waiting: dict[int, Pcm] = field(default_factory=dict)
    """Samples by the timestamp of the first."""

    playing_ts: int | None = None
    """Timestamp of the next sample to hand out; None: still gathering."""

    def depth_ts(self) -> int:
        """How much is gathered ahead, in samples."""
        start = self.playing_ts if self.playing_ts is not None else self._oldest()
        return max((ts_distance(start, ts) + len(pcm) for ts, pcm in self.waiting.items()), default=0)

    def put(self, ts: int, pcm: Pcm) -> bool:
        """Take a packet's samples; False if it came too late to be of use."""
        reference = (
            self.playing_ts if self.playing_ts is not None else (self._oldest() if self.waiting else ts)
        )
        ahead = ts_distance(reference, ts)
        if abs(ahead) > JUMP_TS:
            self.waiting.clear()
            self.playing_ts = None
        elif self.playing_ts is not None and ahead + len(pcm) <= 0:
            return False
        self.waiting[ts] = pcm
        return True

    def take(self) -> Pcm | None:
        """Give the next 20 ms, None while gathering; what is missing in between is silence."""
        if self.playing_ts is None:
            if self.depth_ts() < DEPTH_TS:
                return None
            self.playing_ts = self._oldest()
        if (deep := self.depth_ts()) > DEEPEST_TS:
            self.playing_ts = (self.playing_ts + deep - DEPTH_TS) % 2**32
        frame = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        for ts, pcm in list(self.waiting.items()):
            at = ts_distance(self.playing_ts, ts)
            first, last = max(at, 0), min(at + len(pcm), FRAME_SAMPLES)
            if first < last:
                frame[first:last] = pcm[first - at : last - at]
            if at + len(pcm) <= FRAME_SAMPLES:
                del self.waiting[ts]
        self.playing_ts = (self.playing_ts + FRAME_SAMPLES) % 2**32 if self.waiting else None
        return frame

    def _oldest(self) -> int:
        some = next(iter(self.waiting), 0)
        return min(self.waiting, key=lambda ts: ts_distance(some, ts), default=0)
