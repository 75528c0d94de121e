"""What sources play, frame by frame. Pure."""

from __future__ import annotations

import numpy as np

from roomtone.link.messages import Content
from roomtone.testing.g711 import Pcm
from roomtone.testing.tones import RATE_HZ, Tone

SAMPLES_PER_MS = RATE_HZ // 1_000


def resampled(pcm: Pcm, rate_hz: int) -> Pcm:
    """Bring a whole clip to 8,000 Hz, by cutting or filling up its spectrum."""
    if rate_hz == RATE_HZ or len(pcm) == 0:
        return pcm
    samples = max(1, round(len(pcm) * RATE_HZ / rate_hz))
    spectrum = np.fft.rfft(pcm.astype(np.float64))
    shaped = np.zeros(samples // 2 + 1, dtype=np.complex128)
    kept = min(len(spectrum), len(shaped))
    shaped[:kept] = spectrum[:kept]
    wave = np.fft.irfft(shaped, samples) * (samples / len(pcm))
    result: Pcm = np.clip(np.round(wave), -32768, 32767).astype(np.int16)
    return result


class Playback:
    """One content on its way to its end."""

    def __init__(self, content: Content, clip: Pcm | None) -> None:
        self._clip = clip
        self._tone = Tone(content.tone_hz, content.level_db) if content.tone_hz is not None else None
        self._position = 0
        self._length = self._samples(content)

    def _samples(self, content: Content) -> int | None:
        """How long it plays in all; None: for ever."""
        if self._clip is not None:
            endless = content.loops == 0 and len(self._clip) > 0
            return None if endless else content.loops * len(self._clip)
        return content.duration_ms * SAMPLES_PER_MS or None

    @property
    def endless(self) -> bool:
        """Whether it never ends by itself."""
        return self._length is None

    @property
    def ended(self) -> bool:
        """Whether all of it has been taken."""
        return self._length is not None and self._position >= self._length

    def take(self, samples: int) -> Pcm:
        """Give the next samples; silence after the end."""
        left = samples if self._length is None else min(samples, self._length - self._position)
        frame = np.zeros(samples, dtype=np.int16)
        if left > 0:
            frame[:left] = self._sound(left)
            self._position += left
        return frame

    def _sound(self, samples: int) -> Pcm:
        if self._clip is not None:
            return self._clip[np.arange(self._position, self._position + samples) % len(self._clip)]
        return self._tone.take(samples) if self._tone else np.zeros(samples, dtype=np.int16)
