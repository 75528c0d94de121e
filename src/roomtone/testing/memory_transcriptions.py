"""The part of the store that forgets which answers for transcriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from roomtone.core.ids import ProjectId, RecordingId, TranscriptionId
from roomtone.core.listing import Place, TranscriptionFilter, Window
from roomtone.core.moment import Moment
from roomtone.core.notices import Notice
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import Transcription, TranscriptionNotice
from roomtone.testing.memory_lists import own, through, within


class MemoryTranscriptions:
    """A dictionary by id."""

    notices: list[Notice]

    def __init__(self) -> None:
        super().__init__()
        self._transcriptions: dict[TranscriptionId, Transcription] = {}
        self._written_places: dict[tuple[ProjectId, TranscriptionId], Place] = {}

    async def transcription(self, project: ProjectId, id_: TranscriptionId) -> Transcription | None:
        """Find a project's transcription."""
        return own(self._transcriptions, project, id_)

    async def transcriptions(
        self, project: ProjectId, wanted: TranscriptionFilter, window: Window
    ) -> Sequence[Transcription]:
        """List a project's transcriptions."""
        fitting = (
            one
            for one in self._transcriptions.values()
            if one.project == project
            and wanted.recording in {None, one.recording}
            and within(wanted.created, one.created_ms)
        )
        return through(window, fitting)

    async def transcription_place(self, project: ProjectId, id_: TranscriptionId) -> Place | None:
        """Give a transcription's place in that list, also after it was deleted."""
        return self._written_places.get((project, id_))

    async def add_transcription(self, made: Transcription) -> None:
        """Keep a new transcription."""
        self._transcriptions[made.id] = made
        self._written_places[made.project, made.id] = Place(made.created_ms, made.id)

    async def remove_transcription(self, project: ProjectId, id_: TranscriptionId) -> bool:
        """Delete a transcription."""
        return own(self._transcriptions, project, id_) is not None and bool(self._transcriptions.pop(id_))

    async def ask_for_transcription(self, made: Transcription) -> None:
        """Keep a new transcription, unless another of its recording is not over."""
        if any(
            one.recording == made.recording and not one.over
            for one in self._transcriptions.values()
            if one.project == made.project
        ):
            raise Refused(Reason.TRANSCRIPTION_RUNNING)
        await self.add_transcription(made)

    async def due_transcription(self, now_ms: int = 0, last: ProjectId | None = None) -> Transcription | None:
        """Give the one that is due first of those that are not over; of those due by then by project in turn."""

        def turn(one: Transcription) -> tuple[bool, bool, str, int, int]:
            due_ms = one.due_ms or 0
            passed = due_ms > now_ms or (last is not None and one.project.hex <= last.hex)
            whose = "" if due_ms > now_ms else one.project.hex
            return due_ms > now_ms, passed, whose, due_ms, one.id.value

        due = (one for one in self._transcriptions.values() if one.due_ms is not None)
        return min(due, key=turn, default=None)

    async def take_up_transcriptions(self, now: Moment) -> int:
        """Have those that an earlier life was at be due now; give how many are not over."""
        running = [one for one in self._transcriptions.values() if one.due_ms is not None]
        for one in running:
            if one.problem is None and (one.due_ms or 0) > now.wall_ms:
                self._transcriptions[one.id] = replace(one, due_ms=now.wall_ms)
        return len(running)

    async def commit_transcription(
        self, made: Transcription, notices: Iterable[TranscriptionNotice], _now: Moment
    ) -> bool:
        """Write a new state and what is owed for it; False: it was changed or deleted meanwhile."""
        stored = self._transcriptions.get(made.id)
        if stored is None or stored.revision != made.revision - 1:
            return False
        self._transcriptions[made.id] = made
        self.notices += notices
        return True

    async def change_transcriptions(
        self, project: ProjectId, recording: RecordingId, change: Callable[[Transcription], Transcription]
    ) -> None:
        """Write ``change(stored)`` for each transcription of a recording."""
        for one in list(self._transcriptions.values()):
            if one.project == project and one.recording == recording:
                self._transcriptions[one.id] = change(one)

    def forget_transcriptions(self, project: ProjectId, recording: RecordingId) -> None:
        """Delete what was said in a recording."""
        for one in list(self._transcriptions.values()):
            if one.project == project and one.recording == recording:
                del self._transcriptions[one.id]
