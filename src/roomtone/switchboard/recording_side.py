"""A leg's recordings: of the call itself, of its Dial, of what is said in its Record.

Who runs them is `recordings`; here is when they begin and end, and what the next document is told of them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.core.recording.messages import SubjectEnded
from roomtone.core.recording.state import Recording, RecordingSource
from roomtone.core.recording.taking import runs
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Refused
from roomtone.cxml.verbs import Dial
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.recorder import Recorder
from roomtone.switchboard.recordings import Recordings
from roomtone.switchboard.spelling import dial_recording, recording_parameters

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""Seconds that the next document waits for a recording's sound to be there."""


class RecordingSide:
    """Of one call."""

    def __init__(self, ledger: Ledger, project: Project, recordings: Recordings, house: str) -> None:
        self._ledger = ledger
        self._project = project
        self._recordings = recordings
        self._house = house
        self._latest: dict[RecordingSource, Recorder] = {}
        """What was begun last of each kind, until somebody is told of it."""

    def begin_call(self) -> None:
        """Record a call that was made to be recorded, from its answer."""
        call = self._ledger.call
        if call.record is not None and (made := self._begin(call.record, RecordingSource.CALL_MADE)):
            self._ledger.call = replace(call, recording=made.recording.id)

    def begin_dial(self, dial: Dial, *, rings: bool) -> None:
        """Record a dial that wishes it, if it is time.

        Args:
            dial: It.
            rings: Whether the other party is only rung; else they are connected.
        """
        wish = dial_recording(dial)
        if wish is not None and rings == ("ringing" in dial.record):
            self._begin(wish, RecordingSource.DIAL)

    def end_dial(self) -> Callable[[], Awaitable[Parameters]] | None:
        """End what was recorded of a dial; gives what its action is told of it, when the sound is there. None: nothing was."""
        recorder = self._end(RecordingSource.DIAL)
        return None if recorder is None else partial(self._of_dial, recorder)

    async def _of_dial(self, recorder: Recorder) -> Parameters:
        recording = await recorder.over(PATIENCE_S)
        if recording.soundless:
            return ()
        told = recording_parameters(self._project, recording, self._house)
        return (*told, ("RecordingDuration", str(recording.duration_s or 0)))

    def let_dial_go(self) -> None:
        """End what was recorded of a dial that nobody waits for any more."""
        self._tell_ended(RecordingSource.DIAL)
        self._tell_ended(RecordingSource.RECORD_VERB)

    def begin_listening(self, wish: RecordingWish) -> None:
        """Keep what the caller says from now on."""
        self._begin(wish, RecordingSource.RECORD_VERB)

    async def end_listening(self) -> Recording | None:
        """End what was kept of what the caller said; None: nothing was."""
        recorder = self._end(RecordingSource.RECORD_VERB)
        return None if recorder is None else await recorder.over(PATIENCE_S)

    @property
    def listening(self) -> Recording | None:
        """What is kept of what the caller says; None: nothing is."""
        found = self._of(RecordingSource.RECORD_VERB)
        return found[-1].recording if found else None

    def spelled(self, recording: Recording) -> Parameters:
        """Give what an action is told of a recording."""
        return recording_parameters(self._project, recording, self._house)

    def _begin(self, wish: RecordingWish, source: RecordingSource) -> Recorder | None:
        try:
            made = self._latest[source] = self._recordings.record_call(self._ledger.call, wish, source)
        except Refused as no:
            log.warning("call=%s is not recorded by %s: %s", self._ledger.call.id, source.value, no)
            return None
        return made

    def _end(self, source: RecordingSource) -> Recorder | None:
        running = [one for one in self._of(source) if runs(one.recording)]
        # One that an earlier brain began is known by its running alone.
        ours = self._latest.pop(source, None) or (running[-1] if running else None)
        self._tell_ended(source)
        return ours

    def _tell_ended(self, source: RecordingSource) -> None:
        for recorder in self._of(source):
            recorder.tell(SubjectEnded())

    def _of(self, source: RecordingSource) -> list[Recorder]:
        recorders = self._recordings.of_call(self._ledger.call.id)
        return [one for one in recorders if one.recording.source is source]
