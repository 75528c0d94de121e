"""What a recording is told (commands, signals) and what it tells (events, effects)."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import CallId
from roomtone.core.recording.finishing import Finished, FinishFailed, Finishing, Happening, HappeningKind
from roomtone.core.recording.state import Recording
from roomtone.core.recording.taking import NotTaken, RecordingOrder, Taken

# Commands ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pause:
    """Record nothing for a while."""

    standing: bool = False
    """Whether time stands still meanwhile; else silence is recorded."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End it for good."""


Command = Pause | Resume | Stop

# Signals -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubjectEnded:
    """What is recorded is over: the call, the conference, the dial."""


@dataclass(frozen=True, slots=True)
class SceneChanged:
    """Somebody came to the conference or left it, or an announcement to everybody began or ended."""

    present: tuple[CallId, ...]
    announced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something happened that the sidecar tells."""

    kind: HappeningKind
    call: CallId | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The engine has written the last of it."""

    samples: int
    lost_samples: int
    fault: str | None = None
    """Why it could not go on; None: it was ended by order."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The engine does not know it any more: it ends where its files end."""


Signal = SubjectEnded | SceneChanged | Happened | Taken | NotTaken | Ended | Lost | Finished | FinishFailed

Message = Command | Signal
"""Everything a recording can be told."""

# Events --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The first sample was recorded."""


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """Nothing is recorded for a while."""


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    """It goes on."""


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """A customer ended it."""


@dataclass(frozen=True, slots=True)
class RecordingCompleted:
    """Its sound can be fetched."""


@dataclass(frozen=True, slots=True)
class RecordingAbsent:
    """There is no sound."""


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """It could not be recorded, or not to its end."""


Event = (
    RecordingStarted
    | RecordingPaused
    | RecordingResumed
    | RecordingStopped
    | RecordingCompleted
    | RecordingAbsent
    | RecordingFailed
)

# Effects -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Take:
    """Have the engine record just this."""

    order: RecordingOrder


@dataclass(frozen=True, slots=True)
class EndTaking:
    """Have the engine write the last of it."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Have its sound made ready. The happenings are added by whoever kept them."""

    finishing: Finishing


Effect = Take | EndTaking | Finish


@dataclass(frozen=True, slots=True)
class Step:
    """The answer of the machine to one message."""

    state: Recording
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    """To be performed after the commit."""

    happenings: tuple[Happening, ...] = ()
    """To be kept with the commit, for the sidecar."""
