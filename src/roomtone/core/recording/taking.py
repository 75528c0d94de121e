"""What the engine is to record: a pure picture of it, drawn whole from a recording, like a mix plan.

Sample n of every track was heard in the same round of the mix, so tracks are aligned by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import CallId, ConferenceId, RecordingId
from roomtone.core.recording.finishing import LEFT, MIX, RIGHT, track_of
from roomtone.core.recording.state import Recording, RecordingStatus, Reel
from roomtone.core.recording.wishes import Side


class Ear(StrEnum):
    """Where sound is taken from."""

    ROOM = "room"
    """What those say together who talk to the room of a conference: no music, no whisper, no beep."""

    SAID = "said"
    """What one call says to its room: nothing while muted, held or coaching."""

    IN = "in"
    """What comes from a call's phone, whoever hears it."""

    OUT = "out"
    """What is sent to a call's phone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One place that sound is taken from."""

    ear: Ear
    subject: CallId | ConferenceId


@dataclass(frozen=True, slots=True)
class Track:
    """What goes into one channel: the sum of all that is heard at these places, and of these sources."""

    name: str
    heard: tuple[Heard, ...]
    sources: tuple[str, ...] = ()
    """Keys of soundtracks, as they play to others."""


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """All that the engine has to know of a recording."""

    recording: RecordingId
    rate_hz: int
    reel: Reel
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How far a recording is: the engine's answer to an order."""

    began_unix_ms: int
    """Wall clock of its first sample."""

    samples: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The engine does not record."""

    problem: str
    """One sentence for people."""


def order_of(recording: Recording) -> RecordingOrder:
    """Draw what the engine is to record.

    Args:
        recording: In progress or paused.
    """
    draw = _of_conference if recording.conference is not None else _of_call
    return RecordingOrder(recording.id, recording.rate_hz, recording.reel, draw(recording))


def runs(recording: Recording) -> bool:
    """Say whether the engine is to record."""
    return recording.status in {RecordingStatus.IN_PROGRESS, RecordingStatus.PAUSED}


def _of_conference(recording: Recording) -> tuple[Track, ...]:
    assert recording.conference is not None, "a conference is recorded"
    mix = Track(MIX, (Heard(Ear.ROOM, recording.conference),), recording.announced)
    if not recording.apart:
        return (mix,)
    return (mix, *(Track(track_of(one), (Heard(Ear.SAID, one),)) for one in recording.present))


def _of_call(recording: Recording) -> tuple[Track, ...]:
    call = recording.call
    assert call is not None, "a call is recorded"
    said = (Heard(Ear.IN, call),) if recording.side is not Side.OUTBOUND else ()
    heard = (Heard(Ear.OUT, call),) if recording.side is not Side.INBOUND else ()
    if recording.channels == 1:
        return (Track(MIX, (*said, *heard)),)
    return (Track(LEFT, said), Track(RIGHT, heard))
