"""Recordings: what is known of them, what happened in them, and what is owed for it. Their sound is elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import ProjectId, RecordingId
from roomtone.core.listing import Place, RecordingFilter, Window
from roomtone.core.moment import Moment
from roomtone.core.recording.codec import happening_from_json, happening_to_json
from roomtone.core.recording.finishing import Happening
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.core.transcription import Transcription
from roomtone.store import windows
from roomtone.store.drawers import Drawer
from roomtone.store.outbox import owe
from roomtone.store.prepared import Prepared
from roomtone.store.shelf import Shelf
from roomtone.store.tables import happenings, recordings
from roomtone.store.transcriptions import begin, forget

_RECORDINGS = Drawer(
    Recording,
    recordings,
    lambda one: {
        "call": None if one.call is None else one.call.hex,
        "conference": None if one.conference is None else one.conference.hex,
        "revision": one.revision,
        "running": one.revision > 0 and not one.over,
    },
)
_INSERT = Prepared(insert(recordings))
_UPDATE = Prepared(
    update(recordings).where(
        recordings.c.id == bindparam("this"), recordings.c.revision == bindparam("expected")
    )
)
_KEEP = Prepared(insert(happenings))


class Recordings(Shelf):
    """What is known of recordings; their sound is elsewhere."""

    async def recording(self, project: ProjectId, recording: RecordingId) -> Recording | None:
        """Find a project's recording."""
        query = _RECORDINGS.mine(project, recordings.c.id == recording.hex)
        return await self._read(lambda connection: _RECORDINGS.first(connection, query))

    async def recordings(
        self, project: ProjectId, wanted: RecordingFilter, window: Window
    ) -> Sequence[Recording]:
        """List a project's recordings."""
        query = _RECORDINGS.mine(project, *windows.within(recordings.c.created_ms, wanted.created))
        if wanted.call is not None:
            query = query.where(recordings.c.call == wanted.call.hex)
        if wanted.conference is not None:
            query = query.where(recordings.c.conference == wanted.conference.hex)
        return await self._read(lambda connection: _RECORDINGS.page(connection, query, window))

    async def recording_place(self, project: ProjectId, recording: RecordingId) -> Place | None:
        """Give a recording's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _RECORDINGS.place(connection, project, recording))

    async def add_recording(self, recording: Recording) -> None:
        """Keep a new recording."""
        await self._write(lambda connection: _RECORDINGS.add(connection, recording))

    async def change_recording(
        self, project: ProjectId, recording: RecordingId, change: Callable[[Recording], Recording]
    ) -> Recording | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such recording."""
        return await self._write(
            lambda connection: _RECORDINGS.change(connection, project, recording, change)
        )

    async def remove_recording(self, project: ProjectId, recording: RecordingId) -> bool:
        """Delete a recording, and what was said in it; False: there is none. Its place stays known."""

        def work(connection: Connection) -> bool:
            forget(connection, project, recording)
            return _RECORDINGS.remove(connection, project, recording)

        return await self._write(work)

    async def running_recordings(self) -> Sequence[Recording]:
        """All recordings that something is still to become of, whosever; oldest first."""
        query = (
            select(recordings.c.body)
            .where(recordings.c.running, recordings.c.removed == 0)
            .order_by(recordings.c.created_ms)
        )
        return await self._read(lambda connection: _RECORDINGS.all(connection, query))

    async def recording_of(self, recording: RecordingId) -> Recording | None:
        """Find a recording, whosever it is; None also if it was deleted."""
        query = select(recordings.c.body).where(recordings.c.id == recording.hex, recordings.c.removed == 0)
        return await self._read(lambda connection: _RECORDINGS.first(connection, query))

    async def commit_recording(
        self,
        recording: Recording,
        notices: Iterable[RecordingNotice],
        happened: Iterable[Happening],
        now: Moment,
        transcription: Transcription | None = None,
    ) -> None:
        """Write a recording's new state, its notices, and what has happened in it, in one transaction.

        The state carries revision n+1; the stored one must be n (0: none is stored). What happened is forgotten with
        the end: it is in the sidecar then. The transcription is begun with it.

        Raises:
            StaleRevision: It is not.
        """
        owed, told = tuple(notices), tuple(happened)

        def work(connection: Connection) -> None:
            _commit(connection, recording)
            _keep(connection, recording.id, told)
            if recording.over:
                connection.execute(delete(happenings).where(happenings.c.recording == recording.id.hex))
            if transcription is not None:
                begin(connection, transcription)
            owe(connection, owed, now.wall_ms)

        of = recording.conference or recording.call or recording.id
        await self._write_of(recording.project, of, work)

    async def add_happenings(self, recording: RecordingId, happened: Sequence[Happening]) -> None:
        """Keep what has happened in a recording, in order."""
        await self._write(lambda connection: _keep(connection, recording, happened))

    async def happenings(self, recording: RecordingId) -> Sequence[Happening]:
        """List what has happened in a recording that is not over, in order."""
        query = (
            select(happenings.c.body)
            .where(happenings.c.recording == recording.hex)
            .order_by(happenings.c.seq)
        )
        bodies = await self._read(lambda connection: connection.execute(query).scalars().all())
        return [happening_from_json(body) for body in bodies]


def _commit(connection: Connection, recording: Recording) -> None:
    row = _RECORDINGS.row(recording)
    if recording.revision == 1:
        try:
            _INSERT.run(connection, {"removed": 0, **row})
        except IntegrityError as there:
            raise StaleRevision(f"recording {recording.id} is there already") from there
        return
    mine = {"this": recording.id.hex, "expected": recording.revision - 1}
    if _UPDATE.run(connection, {**mine, **row}) != 1:
        raise StaleRevision(f"recording {recording.id} is not at revision {recording.revision - 1}")


def _keep(connection: Connection, recording: RecordingId, happened: Iterable[Happening]) -> None:
    _KEEP.run_all(
        connection, ({"recording": recording.hex, "body": happening_to_json(one)} for one in happened)
    )
