"""What was received, in order, at a steady pace: a small jitter buffer. Pure.

It waits until `START_MS` are there, gives what the clock asks for, puts silence where nothing came, starts over when it
has run dry, and lets go of the oldest when more than `MOST_MS` have piled up. Nothing is stretched: a trial phone may
click where the network does.
"""

from __future__ import annotations

import numpy as np

from roomtone.testing.g711 import Pcm
from roomtone.testing.rtp import ts_distance

RATE_HZ = 8_000
START_MS = 60
MOST_MS = 240


class Playout:
    """Sound of one stream at 8 kHz."""

    def __init__(self) -> None:
        self._queue: Pcm = np.zeros(0, np.int16)
        self._end_ts: int | None = None
        """RTP timestamp of the sample after the last in the queue."""

        self._flows = False

    def put(self, ts: int, pcm: Pcm) -> None:
        """Take a packet's sound, whatever the order packets come in."""
        ahead = 0 if self._end_ts is None else ts_distance(self._end_ts, ts)
        if self._end_ts is None or abs(ahead) > MOST_MS * RATE_HZ // 1000:
            ahead, self._end_ts = 0, ts  # it begins, or the sender has jumped
        if ahead >= 0:
            self._queue = np.concatenate([self._queue, np.zeros(ahead, np.int16), pcm])
            self._end_ts = (ts + len(pcm)) & 0xFFFFFFFF
        else:
            at = len(self._queue) + ahead
            fits = self._queue[at : at + len(pcm)] if at >= 0 else self._queue[:0]
            fits[:] = pcm[: len(fits)]
        if len(self._queue) > MOST_MS * RATE_HZ // 1000:
            self._queue = self._queue[-START_MS * RATE_HZ // 1000 :]

    def take(self, samples: int) -> Pcm:
        """Give the next samples: silence when there are none."""
        if not self._flows and len(self._queue) < START_MS * RATE_HZ // 1000:
            return np.zeros(samples, np.int16)
        given, self._queue = self._queue[:samples], self._queue[samples:]
        self._flows = len(given) == samples
        if self._flows:
            return given
        self._end_ts = None
        return np.concatenate([given, np.zeros(samples - len(given), np.int16)])
