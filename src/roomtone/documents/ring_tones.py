"""What a caller hears while it rings: one round of a country's ringing tone, to be repeated.

Two sines at once where a country has two; the levels of both are the same.

Source: ITU-T E.180, supplement 2 (Various tones used in national networks).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from roomtone.core.exchange import Clip

RATE_HZ = 8_000
LEVEL_DB = -22.0
"""Of each sine, dB of full scale."""

RAMP_S = 0.005
"""How long a tone takes to come and go, so that it does not click."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """A country's tone."""

    pitches_hz: tuple[float, ...]
    cadence_s: tuple[float, ...]
    """Sound and silence in turn, sound first."""


_LONE = Ringing((425.0,), (1.0, 4.0))
_BRITISH = Ringing((400.0, 450.0), (0.4, 0.2, 0.4, 2.0))
_AMERICAN = Ringing((440.0, 480.0), (2.0, 4.0))

TONES = {
    "us": _AMERICAN, "ca": _AMERICAN, "us-old": _AMERICAN, "uk": _BRITISH, "gb": _BRITISH, "ie": _BRITISH,
    "au": Ringing((413.0, 438.0), (0.4, 0.2, 0.4, 2.0)), "nz": _BRITISH, "in": Ringing((375.0, 425.0), (0.4, 0.2, 0.4, 2.0)),
    "sg": Ringing((401.0, 425.0), (0.4, 0.2, 0.4, 2.0)), "my": Ringing((425.0,), (0.4, 0.2, 0.4, 2.0)),
    "za": Ringing((383.0, 417.0), (0.4, 0.2, 0.4, 2.0)), "jp": Ringing((384.0, 416.0), (1.0, 2.0)),
    "fr": Ringing((440.0,), (1.5, 3.5)), "be": Ringing((425.0,), (1.0, 3.0)), "dk": Ringing((425.0,), (1.0, 4.0)),
    "es": Ringing((425.0,), (1.5, 3.0)), "se": Ringing((425.0,), (1.0, 5.0)), "hu": Ringing((425.0,), (1.25, 3.75)),
    "tw": Ringing((440.0, 480.0), (1.0, 2.0)), "ph": Ringing((425.0, 480.0), (1.0, 4.0)),
    "ru": Ringing((425.0,), (0.8, 3.2)), "il": Ringing((400.0,), (1.0, 3.0)), "ve": Ringing((425.0,), (1.0, 4.0)),
}  # fmt: skip
"""By country (ISO 3166, two letters), where it is not the tone that most of Europe shares."""

SHARED = frozenset(
    {
        "at",
        "bg",
        "br",
        "ch",
        "cl",
        "cn",
        "cz",
        "de",
        "ee",
        "fi",
        "gr",
        "it",
        "lt",
        "mx",
        "nl",
        "no",
        "pl",
        "pt",
        "th",
    }
)
"""Countries with that tone: 425 Hz, one second in five."""


def ring_tone(country: str | None) -> Clip:
    """Make one round of a country's tone; of no country, or one that is not known, North America's."""
    name = (country or "").lower()
    return _made(name if name in SHARED or name in TONES else "")


@cache
def _made(name: str) -> Clip:
    ringing = _LONE if name in SHARED else TONES.get(name, _AMERICAN)
    parts = [
        np.zeros(round(length_s * RATE_HZ)) if turn % 2 else _sound(ringing.pitches_hz, length_s)
        for turn, length_s in enumerate(ringing.cadence_s)
    ]
    pcm = np.asarray(np.concatenate(parts) * 32_767, dtype="<i2").tobytes()
    return Clip(f"ring {ringing.pitches_hz} {ringing.cadence_s}", RATE_HZ, bytes(pcm))


def _sound(pitches_hz: tuple[float, ...], length_s: float) -> np.ndarray:
    times_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * hz * times_s) for hz in pitches_hz) * 10 ** (LEVEL_DB / 20)
    edge = np.minimum(1.0, np.minimum(times_s, length_s - times_s) / RAMP_S)
    return np.asarray(wave * edge)
