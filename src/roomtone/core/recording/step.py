"""The life of a recording: one message in; new state, facts and orders out.

What the engine is to record is never ordered by itself: it is drawn from the state (`taking.order_of`) before and after,
and where it differs there is one `Take`. Time inside a recording is the wall clock since its first sample, less what it
stood still.

Sources: Twilio "Recording resource" (Status, PauseBehavior), "Conference recording"; SignalWire "Update a Recording".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId
from roomtone.core.moment import Moment
from roomtone.core.recording.finishing import (
    Finished,
    FinishFailed,
    FinishFault,
    Finishing,
    Happening,
    HappeningKind,
    track_of,
)
from roomtone.core.recording.messages import (
    Command,
    Ended,
    EndTaking,
    Finish,
    Happened,
    Lost,
    Message,
    Pause,
    RecordingAbsent,
    RecordingCompleted,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
    Resume,
    SceneChanged,
    Signal,
    Step,
    Stop,
    SubjectEnded,
    Take,
)
from roomtone.core.recording.state import Recording, RecordingFault, RecordingSource, RecordingStatus, Reel
from roomtone.core.recording.taking import NotTaken, Taken, order_of, runs
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused

FAULTS: Mapping[FinishFault, RecordingFault] = MappingProxyType(
    {
        FinishFault.NOTHING_RECORDED: RecordingFault.EMPTY,
        FinishFault.UNREADABLE: RecordingFault.UNREADABLE,
        FinishFault.DISK_FULL: RecordingFault.DISK_FULL,
        FinishFault.CANNOT_WRITE: RecordingFault.CANNOT_WRITE,
    }
)
"""What is told of a recording whose sound could not be made ready."""


def begun(  # noqa: PLR0913 - all that a recording is made of
    id: RecordingId,  # noqa: A002 - its name
    project: ProjectId,
    source: RecordingSource,
    wish: RecordingWish,
    now: Moment,
    *,
    call: CallId | None = None,
    conference: ConferenceId | None = None,
    rate_hz: int = 16_000,
    apart: bool = False,
) -> Recording:
    """Give a recording that nobody has begun yet: revision 0 (not stored).

    Args:
        id: Minted by the caller.
        project: Whose it is.
        source: What began it.
        wish: How.
        now: Becomes its dates.
        call: The call to be recorded; of a conference, the first in it.
        conference: The conference to be recorded; None: the call is.
        rate_hz: Of its samples.
        apart: Whether each participant is to have a track of their own.
    """
    return Recording(
        id,
        project,
        now.wall_ms,
        now.wall_ms,
        source,
        call=call,
        conference=conference,
        channels=1 if conference is not None else wish.channels,
        track=wish.side.value,
        trimmed=wish.trimmed,
        callback=wish.callback,
        rate_hz=rate_hz,
        apart=apart,
        transcribing=wish.transcribing,
    )


def step(recording: Recording, message: Message, now: Moment) -> Step:
    """Take one message.

    If anything comes of it the state's revision is one higher; if nothing does, the very same state comes back.

    Raises:
        Refused: RECORDING_NOT_RUNNING: it is over, or about to be. Signals are never refused: one that comes too late
            is ignored.
    """
    part = _obey(recording, message, now) if isinstance(message, Command) else _note(recording, message, now)
    if part.state == recording:
        return replace(part, state=recording)
    state = replace(part.state, revision=recording.revision + 1)
    effects = part.effects
    if runs(state) and order_of(state) != order_of(recording):
        effects = (Take(order_of(state)), *effects)
    return replace(part, state=state, effects=effects)


def next_deadline(_recording: Recording) -> Moment | None:
    """Say when a recording wants to be told that time has passed: never."""
    return None


def opened(recording: Recording) -> Step:
    """Give the first step of a recording that is to begin: kept, then taken by the engine."""
    state = replace(recording, revision=1)
    return Step(state, effects=(Take(order_of(state)),))


def resumed(recording: Recording) -> Step:
    """Give what is to be done again for a recording of an earlier brain, whatever it had done of it."""
    if runs(recording):
        return Step(recording, effects=(Take(order_of(recording)),))
    return Step(recording, effects=(Finish(finishing_of(recording)),) if recording.whole else (EndTaking(),))


def finishing_of(recording: Recording) -> Finishing:
    """Say what is to be made of the tracks."""
    return Finishing(
        recording.id,
        recording.channels,
        recording.rate_hz,
        recording.started_ms if recording.started_ms is not None else recording.created_ms,
        trimmed=recording.trimmed,
        samples=recording.samples,
        lost_samples=recording.lost_samples,
        tracks=tuple(track_of(one) for one in recording.parts),
    )


def _obey(recording: Recording, command: Command, now: Moment) -> Step:
    if not runs(recording):
        raise Refused(Reason.RECORDING_NOT_RUNNING, status=recording.status.value)
    match command:
        case Pause(standing):
            return _pause(recording, Reel.STANDING if standing else Reel.SILENT, now)
        case Resume():
            return _resume(recording, now)
        case Stop():
            over = _over(recording, RecordingStatus.STOPPED, now)
            return Step(over, (RecordingStopped(),), (EndTaking(),))
        case _:
            assert_never(command)


def _note(recording: Recording, signal: Signal, now: Moment) -> Step:
    match signal:
        case Finished() | FinishFailed() if not runs(recording) and not recording.over:
            return _finished(recording, signal, now)
        case Ended() | Lost() if not recording.whole and not recording.over:
            return _written(recording, signal, now)
        case NotTaken() if runs(recording) and recording.started_ms is None:
            failed = replace(_over(recording, RecordingStatus.FAILED, now), fault=RecordingFault.NOT_TAKEN)
            return Step(failed, (RecordingFailed(),), (EndTaking(),))  # it may have been heard all the same
        case Taken(began_unix_ms) if runs(recording) and recording.started_ms is None:
            return Step(_dated(replace(recording, started_ms=began_unix_ms), now), (RecordingStarted(),))
        case SubjectEnded() if runs(recording):
            return Step(_over(recording, RecordingStatus.PROCESSING, now), (), (EndTaking(),))
        case SceneChanged(present, announced) if runs(recording):
            return Step(_peopled(recording, present, announced))
        case Happened(kind, call, label) if runs(recording):
            return Step(recording, happenings=(_at(recording, kind, now, call, label),))
        case _:
            return Step(recording)


def _pause(recording: Recording, reel: Reel, now: Moment) -> Step:
    if recording.reel is reel:
        return Step(recording)
    state = replace(_running(recording, now), status=RecordingStatus.PAUSED, reel=reel)
    if reel is Reel.STANDING:
        state = replace(state, standing_since_ms=now.wall_ms)
    if recording.status is RecordingStatus.PAUSED:
        return Step(_dated(state, now))
    return Step(_dated(state, now), (RecordingPaused(),), (), (_at(recording, HappeningKind.PAUSE, now),))


def _resume(recording: Recording, now: Moment) -> Step:
    if recording.reel is Reel.RUNNING:
        return Step(recording)
    state = replace(_running(recording, now), status=RecordingStatus.IN_PROGRESS, reel=Reel.RUNNING)
    return Step(_dated(state, now), (RecordingResumed(),), (), (_at(recording, HappeningKind.RESUME, now),))


def _running(recording: Recording, now: Moment) -> Recording:
    """Let time go on if it stood still."""
    if recording.standing_since_ms is None:
        return recording
    stood_ms = recording.stood_ms + max(0, now.wall_ms - recording.standing_since_ms)
    return replace(recording, stood_ms=stood_ms, standing_since_ms=None)


def _over(recording: Recording, status: RecordingStatus, now: Moment) -> Recording:
    state = replace(_running(recording, now), status=status, ended_ms=now.wall_ms)
    return _dated(state, now)


def _written(recording: Recording, signal: Ended | Lost, now: Moment) -> Step:
    """Have made ready what the engine has written, whether it was asked to end or could not go on."""
    state = replace(recording, whole=True)
    if runs(recording):
        state = replace(_over(state, RecordingStatus.PROCESSING, now), whole=True)
    if isinstance(signal, Ended):
        fault = None if signal.fault is None else _fault(signal.fault)
        state = replace(
            state, samples=signal.samples, lost_samples=signal.lost_samples, fault=fault or state.fault
        )
    finish = Finish(finishing_of(state))
    # Who was said to be lost while it ran may be heard all the same.
    lost = isinstance(signal, Lost) and runs(recording)
    return Step(_dated(state, now), effects=(EndTaking(), finish) if lost else (finish,))


def _fault(text: str) -> RecordingFault:
    return RecordingFault.DISK_FULL if text == RecordingFault.DISK_FULL.value else RecordingFault.CANNOT_WRITE


def _finished(recording: Recording, signal: Finished | FinishFailed, now: Moment) -> Step:
    if isinstance(signal, FinishFailed):
        if signal.fault is FinishFault.NOTHING_RECORDED and recording.fault is None:
            return _absent(recording, RecordingFault.EMPTY, now)
        fault = recording.fault or FAULTS[signal.fault]
        failed = replace(recording, status=RecordingStatus.FAILED, whole=True, fault=fault)
        return Step(_dated(failed, now), (RecordingFailed(),))
    if not signal.heard and recording.fault is None:
        return _absent(recording, RecordingFault.SILENT, now)
    kept = replace(
        recording,
        whole=True,
        duration_ms=signal.duration_ms if signal.heard else None,
        size_bytes=signal.size_bytes,
        sha256=signal.sha256,
    )
    if recording.fault is not None:
        return Step(_dated(replace(kept, status=RecordingStatus.FAILED), now), (RecordingFailed(),))
    return Step(_dated(replace(kept, status=RecordingStatus.COMPLETED), now), (RecordingCompleted(),))


def _absent(recording: Recording, fault: RecordingFault, now: Moment) -> Step:
    state = replace(recording, status=RecordingStatus.ABSENT, whole=True, fault=fault)
    return Step(_dated(state, now), (RecordingAbsent(),))


def _peopled(recording: Recording, present: tuple[CallId, ...], announced: tuple[str, ...]) -> Recording:
    new = tuple(one for one in present if one not in recording.parts) if recording.apart else ()
    return replace(recording, present=present, announced=announced, parts=(*recording.parts, *new))


def _at(
    recording: Recording,
    kind: HappeningKind,
    now: Moment,
    call: CallId | None = None,
    label: str | None = None,
) -> Happening:
    return Happening(recording.sample_at(now.wall_ms), kind, call, label, now.wall_ms)


def _dated(recording: Recording, now: Moment) -> Recording:
    return replace(recording, updated_ms=now.wall_ms)
