"""Who hears what, in one tick: the meaning of a mix plan, in a few lines. Pure, and the judge of every faster mixer.

``room`` is the sum of those who talk to the room. Each listener in the room hears it without themselves, and whoever
talks to them alone. Who hears a source hears only that. Overlays go over either. Sums are exact and limited once, at
the end: too loud is cut off, it never wraps round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from roomtone.link.messages import Hears, SeatOrder, Talks
from roomtone.testing.g711 import Pcm

FRAME_SAMPLES = 160
"""Samples of one frame: 20 ms at 8,000 Hz."""

Sum = npt.NDArray[np.int32]


def mix(seats: Sequence[SeatOrder], voices: Mapping[str, Pcm], sources: Mapping[str, Pcm]) -> dict[str, Pcm]:
    """Give what each seat hears in this tick.

    Args:
        seats: The plan.
        voices: One frame of each call that is there and says something.
        sources: One frame of each source that plays; one that is missing is silent.

    Returns:
        One frame for each seat, by call.
    """
    to_room = [seat.call for seat in seats if seat.talks is Talks.ROOM]
    room = _sum(voices.get(call) for call in to_room)
    return {seat.call: _limited(_heard(seat, seats, room, voices, sources)) for seat in seats}


def _heard(
    seat: SeatOrder,
    seats: Sequence[SeatOrder],
    room: Sum,
    voices: Mapping[str, Pcm],
    sources: Mapping[str, Pcm],
) -> Sum:
    overlays = _sum(sources.get(source) for source in seat.overlays)
    match seat.hears:
        case Hears.SOURCE:
            return overlays + _sum([sources.get(seat.source or "")])
        case Hears.NOTHING:
            return overlays
        case Hears.ROOM:
            own = _sum([voices.get(seat.call)]) if seat.talks is Talks.ROOM else 0
            private = _sum(voices.get(other.call) for other in seats if talks_only_to(other, seat.call))
            return overlays + room - own + private


def talks_only_to(seat: SeatOrder, call: str) -> bool:
    """Say whether a seat talks to this one call; to its own: it hears itself."""
    return seat.talks is Talks.CALL and seat.target == call


def _sum(frames: Iterable[Pcm | None]) -> Sum:
    total: Sum = np.zeros(FRAME_SAMPLES, dtype=np.int32)
    for frame in frames:
        if frame is not None:
            total = total + frame
    return total


def _limited(total: Sum) -> Pcm:
    limited: Pcm = np.clip(total, -32768, 32767).astype(np.int16)
    return limited
