"""All recordings of this brain that something is still to become of: who is recorded, and by which task.

Decides nothing: when a conference's recording begins and what it hears is `core.recording.following`'s to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from roomtone.core.call.messages import RecordingOver
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId, ConferenceId, RecordingId
from roomtone.core.recording import following
from roomtone.core.recording.messages import Command, Ended, Lost, SubjectEnded
from roomtone.core.recording.state import Recording, RecordingSource
from roomtone.core.recording.step import begun
from roomtone.core.recording.taking import runs
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.switchboard.ports import Dice
from roomtone.switchboard.recorder import Recorder, Studio

log = logging.getLogger(__name__)

Subject = CallId | ConferenceId
"""What is recorded."""

ALONE = frozenset(RecordingSource) - {RecordingSource.RECORD_VERB}
"""Of a call's recordings only one begun by one of these runs at a time: whoever would begin a second is refused."""


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """How recordings are made."""

    rate_hz: int = 16_000
    """Samples a second: 8000, 16000, 24000 or 48000."""

    apart: bool = False
    """Whether each participant of a conference has a track of their own."""


class Recordings:
    """Runs recorders."""

    def __init__(self, studio: Studio, dice: Dice, settings: RecordingSettings) -> None:
        self._studio = studio
        self._dice = dice
        self._settings = settings
        self._recorders: dict[RecordingId, Recorder] = {}
        self._of: dict[Subject, list[Recorder]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    # Beginning -------------------------------------------------------------------------------------------------------

    def record_conference(
        self, conference: Conference, wish: RecordingWish, source: RecordingSource
    ) -> Recorder:
        """Begin to record a conference; what comes of it is the recorder's to tell.

        Raises:
            Refused: RECORDING_RUNNING.
        """
        if any(runs(one.recording) for one in self.of_conference(conference.id)):
            raise Refused(Reason.RECORDING_RUNNING)
        first = conference.participants[0].call if conference.participants else None
        recording = begun(
            RecordingId(self._dice.bits128()),
            conference.project,
            source,
            wish,
            self._studio.clock.now(),
            call=first,
            conference=conference.id,
            rate_hz=self._settings.rate_hz,
            apart=self._settings.apart,
        )
        recorder = self._house(recording, anew=True)
        for signal in following.roll_call(conference):
            recorder.tell(signal)
        return recorder

    def record_call(self, call: Call, wish: RecordingWish, source: RecordingSource) -> Recorder:
        """Begin to record a call.

        Raises:
            Refused: RECORDING_RUNNING.
        """
        if source in ALONE and any(
            one.recording.source in ALONE and runs(one.recording) for one in self.of_call(call.id)
        ):
            raise Refused(Reason.RECORDING_RUNNING)
        recording = begun(
            RecordingId(self._dice.bits128()),
            call.project,
            source,
            wish,
            self._studio.clock.now(),
            call=call.id,
            rate_hz=self._settings.rate_hz,
        )
        return self._house(recording, anew=True)

    def adopt(self, recordings: Iterable[Recording], live: Collection[Subject]) -> None:
        """Take up the recordings of an earlier brain; `compare` is to follow at once.

        Args:
            recordings: As they are stored.
            live: The calls and conferences that still are.
        """
        for recording in recordings:
            recorder = self._house(recording, anew=False)
            if _subject(recording) not in live or recording.source is RecordingSource.RECORD_VERB:
                recorder.tell(SubjectEnded())  # a Record is begun again by its document

    async def sweep(self) -> None:
        """Remove what was begun to be recorded and is known to nobody."""
        for id_ in await self._studio.archive.left_over():
            if id_ not in self._recorders and await self._studio.store.recording_of(id_) is None:
                log.warning("recording=%s is known to nobody; removed", id_)
                with contextlib.suppress(OSError):  # told by the archive
                    await self._studio.archive.remove(id_)

    def begun(self) -> frozenset[RecordingId]:
        """Name those that the engine is known to have taken; to be asked before the engine is."""
        return frozenset(id_ for id_, one in self._recorders.items() if one.recording.started_ms is not None)

    def compare(
        self,
        held: Collection[RecordingId],
        told: Collection[RecordingId] = (),
        among: Collection[RecordingId] | None = None,
    ) -> None:
        """Bring recordings and engine to one picture: those it does not know any more end where their files end.

        Args:
            among: Those that had begun before the engine was asked: what it does not know of others, it may know by
                now. None: all.
            held: What the engine records.
            told: Of which it has said already that they ended, to be heard once signals are taken.
        """
        for id_, recorder in self._recorders.items():
            if id_ in held or recorder.recording.whole:
                recorder.refresh()
            elif id_ not in told and (among is None or id_ in among):
                recorder.tell(Lost())
        for stranger in set(held) - self._recorders.keys():
            log.warning("recording=%s is a stranger in the engine; ended", stranger)
            self._studio.media.end_recording(stranger)

    # Asking ----------------------------------------------------------------------------------------------------------

    def of_conference(self, conference: ConferenceId) -> Sequence[Recorder]:
        """List the recorders of a conference, oldest first."""
        return tuple(self._of.get(conference, ()))

    def of_call(self, call: CallId) -> Sequence[Recorder]:
        """List the recorders of a call itself, oldest first."""
        return tuple(self._of.get(call, ()))

    async def ask(self, recording: Recording, command: Command) -> Recording:
        """Do with a recording what a customer wishes, and give it after the commit.

        Raises:
            Refused: RECORDING_NOT_RUNNING, UNAVAILABLE.
        """
        recorder = self._recorders.get(recording.id)
        if recorder is None:
            raise Refused(Reason.RECORDING_NOT_RUNNING, status=recording.status.value)
        return await recorder.ask(command)

    async def remove(self, recording: Recording) -> bool:
        """Remove a recording that is over, and its sound; False: there is none.

        Raises:
            Refused: RECORDING_NOT_OVER; UNAVAILABLE: its sound cannot be removed now.
        """
        if not recording.over and recording.id in self._recorders:
            raise Refused(Reason.RECORDING_NOT_OVER)
        try:
            await self._studio.archive.remove(recording.id)
        except OSError:
            raise Refused(Reason.UNAVAILABLE, what="storage") from None
        return await self._studio.store.remove_recording(recording.project, recording.id)

    # News ------------------------------------------------------------------------------------------------------------

    def follow(self, before: Conference, after: Conference, events: Sequence[Event]) -> None:
        """Take a room's word of what has become of its conference; never waits."""
        wish = following.begins(after, events)
        if wish is not None:
            self.record_conference(after, wish, RecordingSource.CONFERENCE)
            return
        if recorders := self.of_conference(after.id):
            told = following.followed(before, after, events)
            for recorder in recorders:
                for signal in told:
                    recorder.tell(signal)

    def call_over(self, call: CallId) -> None:
        """Take note that a call is over."""
        for recorder in self.of_call(call):
            recorder.tell(SubjectEnded())

    def take(self, signal: RecordingOver) -> None:
        """Take the engine's word that the last of a recording is written."""
        recorder = self._recorders.get(signal.recording)
        if recorder is not None:
            recorder.tell(Ended(signal.samples, signal.lost_samples, signal.fault))

    # The end ---------------------------------------------------------------------------------------------------------

    async def drain(self, within_s: float) -> None:
        """Give those whose calls are over a while to be finished; the next start does the rest."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within_s)

    async def stop(self) -> None:
        """Stop where everything is, without ending anything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _house(self, recording: Recording, *, anew: bool) -> Recorder:
        recorder = Recorder(recording, self._studio)
        self._recorders[recording.id] = recorder
        self._of[_subject(recording)].append(recorder)
        task = asyncio.create_task(self._run(recorder, anew=anew), name=f"recording {recording.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return recorder

    async def _run(self, recorder: Recorder, *, anew: bool) -> None:
        id_ = recorder.recording.id
        try:
            await recorder.run(anew=anew)
        except OSError as fault:
            log.error("recording=%s is not kept: %s", id_, fault)  # noqa: TRY400
        except Exception:
            log.exception("recording=%s ends because of a bug of ours", id_)
            self._studio.media.end_recording(id_)
        finally:
            self._recorders.pop(id_, None)
            self._forget(recorder)

    def _forget(self, recorder: Recorder) -> None:
        subject = _subject(recorder.recording)
        self._of[subject].remove(recorder)
        if not self._of[subject]:
            del self._of[subject]


def _subject(recording: Recording) -> Subject:
    """Say what is recorded."""
    subject = recording.conference or recording.call
    assert subject is not None, "a recording is of something"
    return subject
