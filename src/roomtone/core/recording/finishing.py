"""What is said between whoever runs a recording and whoever keeps its sound. Plain values.

The engine leaves a folder of tracks; `Finishing` says what is to be made of it, `Finished` or `FinishFailed` what came
of that. Times inside a recording are samples of its own clock: sample 0 is the first that was recorded, and what was
paused by standing still never passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from roomtone.core.ids import CallId, RecordingId

MIX = "mix"
"""The track of a recording of one channel."""

LEFT, RIGHT = "left", "right"
"""The tracks of a recording of two: what came from the caller, and what the caller heard."""


def track_of(call: CallId) -> str:
    """Name the track of one participant."""
    return f"call-{call.hex}"


class HappeningKind(StrEnum):
    """What happened while a recording ran; the words are those of its sidecar."""

    JOIN = "join"
    LEAVE = "leave"
    SPEECH_START = "speech-start"
    SPEECH_STOP = "speech-stop"
    MUTE = "mute"
    UNMUTE = "unmute"
    HOLD = "hold"
    UNHOLD = "unhold"
    ANNOUNCE_START = "announce-start"
    ANNOUNCE_END = "announce-end"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, for the sidecar."""

    sample: int
    """When, in samples of the recording's clock, from 0; of the untrimmed recording."""

    kind: HappeningKind
    call: CallId | None = None
    """Whom it is about; None: everybody."""

    label: str | None = None
    """What that participant is called."""

    wall_ms: int | None = field(default=None, compare=False)
    """The same moment by the wall clock, ms since 1970 UTC, for those who lay the recording beside other things; None: it was
    noted before this was kept."""


@dataclass(frozen=True, slots=True)
class Finishing:
    """What is to be made of a folder of tracks that nobody writes any more."""

    recording: RecordingId
    channels: int
    """1: of the track `MIX`; 2: of `LEFT` and `RIGHT`."""

    rate_hz: int
    began_unix_ms: int
    """Wall clock of sample 0."""

    trimmed: bool = False
    """Whether silence at both ends is cut off."""

    samples: int | None = None
    """How long it is; None: nobody knows (the engine died), so as long as the longest track."""

    lost_samples: int = 0
    """Of them silent because the disk did not keep up."""

    tracks: tuple[str, ...] = ()
    """Tracks to keep one by one, beside the channels."""

    happenings: tuple[Happening, ...] = ()
    """For the sidecar, in order."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The sound can be fetched from now on."""

    recording: RecordingId
    channels: int
    duration_ms: int
    """Of what is delivered: after trimming."""

    size_bytes: int
    sha256: str
    """Of the file that is kept: 64 lower-case hex digits."""

    cut_samples: int = 0
    """Cut off at the beginning; what `Happening.sample` is larger by than a place in the file."""

    heard: bool = True
    """Whether there is anything but silence in it. False: nothing is kept."""


class FinishFault(StrEnum):
    """Why there is no sound."""

    NOTHING_RECORDED = "nothing-recorded"
    """There are no tracks, or not one sample."""

    UNREADABLE = "unreadable"
    DISK_FULL = "disk-full"
    CANNOT_WRITE = "cannot-write"
    """The folder, or where sound is kept, cannot be written now; what was recorded is kept, and may be tried again."""


@dataclass(frozen=True, slots=True)
class FinishFailed:
    """Nothing can be fetched."""

    recording: RecordingId
    fault: FinishFault
    problem: str
    """One sentence for people."""
