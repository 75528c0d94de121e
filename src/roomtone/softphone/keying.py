"""Keys as RTP sends them: what stands in place of sound, 20 ms at a time. Pure.

Source: RFC 4733, sections 2.3 and 2.5.1 (duration grows, the last packet is sent three times, the timestamp stands still).
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.softphone.account import PhoneProblem
from roomtone.testing.rtp import DIGITS, DigitEvent

FRAME_SAMPLES = 160
DOWN_FRAMES = 6
"""A key is down for 120 ms: more than anybody needs to notice it."""

UP_FRAMES = 4
"""And then 80 ms pass."""

PAUSES_S = {"w": 0.5, "W": 1.0}
"""What is no key but a wait, as in the API's SendDigits."""


@dataclass(frozen=True, slots=True)
class Key:
    """20 ms of a key that is down."""

    payload: bytes
    first: bool
    """The key goes down here: RTP's marker, and the timestamp of all that follow."""

    digit: str


def frames(keys: str) -> list[Key | None]:
    """Spell keys, one entry for each 20 ms; None: sound as usual.

    Raises:
        PhoneProblem: One is no key.
    """
    spelt: list[Key | None] = []
    for key in keys:
        if key in PAUSES_S:
            spelt += [None] * round(PAUSES_S[key] / 0.020)
        elif key.upper() in DIGITS:
            spelt += _down(key.upper()) + [None] * UP_FRAMES
        else:
            raise PhoneProblem(f"{key!r} is no key: 0-9, *, #, A-D, and w or W to wait")
    return spelt


def _down(key: str) -> list[Key | None]:
    lasts = [(step + 1) * FRAME_SAMPLES for step in range(DOWN_FRAMES)]
    events = [DigitEvent(key, ts, end=False) for ts in lasts] + [DigitEvent(key, lasts[-1], end=True)] * 3
    return [Key(event.pack(), index == 0, key) for index, event in enumerate(events)]
