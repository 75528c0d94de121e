"""A mixer of a few lines that renders a plan with tones, so that its meaning can be listened to.

It knows plans and nothing else: not conferences, not who is a coach. Each voice and each soundtrack is a sine of its
own pitch, chosen so that one frame holds whole periods of each and they can be told apart exactly.

Its arithmetic is the one a real mixer uses: one sum of all who talk to the room, minus oneself.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from roomtone.core.conference.mix import MixPlan, Towards
from roomtone.core.ids import CallId

RATE_HZ = 8_000
FRAME = 160
"""Samples of 20 ms."""

STEP_HZ = RATE_HZ // FRAME

Sound = NDArray[np.float64]


def tone(number: int) -> Sound:
    """One frame of the pitch with this number, from 0; amplitude 1."""
    return np.sin(2 * np.pi * STEP_HZ * (number + 1) * np.arange(FRAME) / RATE_HZ)


def render(plan: MixPlan, voices: dict[CallId, Sound], tracks: dict[str, Sound]) -> dict[CallId, Sound]:
    """Mix one frame for every seat."""
    silence = np.zeros(FRAME)
    main = sum((voices[seat.call] for seat in plan.seats if seat.talks_to is Towards.ROOM), silence)
    mixed = {}
    for seat in plan.seats:
        if seat.hears is None:
            own = voices[seat.call] if seat.talks_to is Towards.ROOM else silence
            private = sum((voices[one.call] for one in plan.seats if one.talks_to == seat.call), silence)
            heard = main - own + private
        else:
            heard = tracks.get(seat.hears, silence)  # a source that nobody started
        mixed[seat.call] = heard + sum((tracks[key] for key in seat.overlays), silence)
    return mixed


def pitches_in(sound: Sound, names: Sequence[Hashable]) -> dict[Hashable, float]:
    """Measure which of these pitches sound, and how loud; the n-th name is that of pitch n."""
    level = np.abs(np.fft.rfft(sound))[1:] / (FRAME / 2)
    assert len(names) <= len(level)
    assert not np.any(level[len(names) :] > 1e-6), "a pitch nobody made"
    return {name: round(float(level[number]), 6) for number, name in enumerate(names) if level[number] > 1e-6}


def listen(plan: MixPlan) -> dict[CallId, dict[Hashable, float]]:
    """Give everybody and every soundtrack of a plan a pitch, mix, and tell what each seat hears, and how loud."""
    names: list[Hashable] = [*(seat.call for seat in plan.seats), *(track.key for track in plan.soundtracks)]
    voices = {seat.call: tone(names.index(seat.call)) for seat in plan.seats}
    tracks = {track.key: tone(names.index(track.key)) for track in plan.soundtracks}
    return {call: pitches_in(sound, names) for call, sound in render(plan, voices, tracks).items()}
