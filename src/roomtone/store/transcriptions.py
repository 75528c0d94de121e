"""Transcriptions: what was said in recordings, what is still to be written down, and what is owed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, and_, case, func, literal, select, update

from roomtone.core.ids import ProjectId, RecordingId, TranscriptionId
from roomtone.core.listing import Place, TranscriptionFilter, Window
from roomtone.core.moment import Moment
from roomtone.core.notices import notice_from_json, notice_to_json
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import Heard, Transcription, TranscriptionNotice
from roomtone.store import windows
from roomtone.store.drawers import Drawer
from roomtone.store.outbox import owe
from roomtone.store.shelf import Shelf
from roomtone.store.tables import outbox, transcriptions

_TRANSCRIPTIONS = Drawer(
    Transcription, transcriptions, lambda one: {"recording": one.recording.hex, "due_ms": one.due_ms}
)
_THERE = transcriptions.c.removed == 0


class Transcriptions(Shelf):
    """Transcriptions."""

    async def transcription(self, project: ProjectId, id_: TranscriptionId) -> Transcription | None:
        """Find a project's transcription."""
        query = _TRANSCRIPTIONS.mine(project, transcriptions.c.id == id_.hex)
        return await self._read(lambda connection: _TRANSCRIPTIONS.first(connection, query))

    async def transcriptions(
        self, project: ProjectId, wanted: TranscriptionFilter, window: Window
    ) -> Sequence[Transcription]:
        """List a project's transcriptions."""
        query = _TRANSCRIPTIONS.mine(project, *windows.within(transcriptions.c.created_ms, wanted.created))
        if wanted.recording is not None:
            query = query.where(transcriptions.c.recording == wanted.recording.hex)
        return await self._read(lambda connection: _TRANSCRIPTIONS.page(connection, query, window))

    async def transcription_place(self, project: ProjectId, id_: TranscriptionId) -> Place | None:
        """Give a transcription's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _TRANSCRIPTIONS.place(connection, project, id_))

    async def add_transcription(self, made: Transcription) -> None:
        """Keep a new transcription."""
        await self._write(lambda connection: _TRANSCRIPTIONS.add(connection, made))

    async def ask_for_transcription(self, made: Transcription) -> None:
        """Keep a new transcription, if it is its recording's only one that is not over.

        Raises:
            Refused: TRANSCRIPTION_RUNNING.
        """
        running = _TRANSCRIPTIONS.mine(
            made.project,
            transcriptions.c.recording == made.recording.hex,
            transcriptions.c.due_ms.is_not(None),
        )

        def work(connection: Connection) -> None:
            if _TRANSCRIPTIONS.first(connection, running) is not None:
                raise Refused(Reason.TRANSCRIPTION_RUNNING)
            _TRANSCRIPTIONS.add(connection, made)

        await self._write(work)

    async def remove_transcription(self, project: ProjectId, id_: TranscriptionId) -> bool:
        """Delete a transcription; False: there is none. Its place stays known."""
        return await self._write(lambda connection: _remove(connection, project, id_))

    async def due_transcription(self, now_ms: int = 0, last: ProjectId | None = None) -> Transcription | None:
        """Give the one that is due first of those that are not over; None: there is none.

        Args:
            now_ms: What is due by then is given by project in turn.
            last: Whose turn was the last one.
        """
        waiting = transcriptions.c.due_ms <= now_ms
        later = transcriptions.c.project > ("" if last is None else last.hex)
        next_ = (
            select(transcriptions.c.id)
            .where(transcriptions.c.due_ms.is_not(None), _THERE)
            .order_by(
                case((waiting, 0), else_=1),
                case((and_(waiting, later), 0), else_=1),
                case((waiting, transcriptions.c.project), else_=literal("")),
                transcriptions.c.due_ms,
                transcriptions.c.id,
            )
            .limit(1)
        )
        query = select(transcriptions.c.body).where(transcriptions.c.id == next_.scalar_subquery())
        return await self._read(lambda connection: _TRANSCRIPTIONS.first(connection, query))

    async def take_up_transcriptions(self, now: Moment) -> int:
        """Have those that an earlier life was at when it ended be due now; give how many are not over."""

        def work(connection: Connection) -> int:
            query = select(transcriptions.c.body).where(
                transcriptions.c.due_ms.is_not(None), transcriptions.c.due_ms > now.wall_ms, _THERE
            )
            for one in _TRANSCRIPTIONS.all(connection, query):
                if one.problem is None:  # else it rests after a failure
                    due = replace(one, due_ms=now.wall_ms)
                    _TRANSCRIPTIONS.change(connection, one.project, one.id, lambda _, due=due: due)  # type: ignore[misc]
            running = select(func.count()).where(transcriptions.c.due_ms.is_not(None), _THERE)
            return connection.execute(running).scalar_one()

        return await self._write(work)

    async def commit_transcription(
        self, made: Transcription, notices: Iterable[TranscriptionNotice], now: Moment
    ) -> bool:
        """Write a transcription's new state and what is owed for it, in one transaction.

        The state carries revision n+1; False: the stored one is not n, or it was deleted, and nothing is written.
        """
        owed = tuple(notices)

        def work(connection: Connection) -> bool:
            own = _TRANSCRIPTIONS.mine(made.project, transcriptions.c.id == made.id.hex)
            stored = _TRANSCRIPTIONS.first(connection, own)
            if stored is None or stored.revision != made.revision - 1:
                return False
            _TRANSCRIPTIONS.change(connection, made.project, made.id, lambda _: made)
            owe(connection, owed, now.wall_ms)
            return True

        return await self._write(work)

    async def change_transcriptions(
        self, project: ProjectId, recording: RecordingId, change: Callable[[Transcription], Transcription]
    ) -> None:
        """Write ``change(stored)`` for each transcription of a recording, and into its callbacks, in one transaction."""
        query = _TRANSCRIPTIONS.mine(project, transcriptions.c.recording == recording.hex)

        def work(connection: Connection) -> None:
            for one in _TRANSCRIPTIONS.all(connection, query):
                changed = _TRANSCRIPTIONS.change(connection, project, one.id, change)
                if changed is not None and changed.heard != one.heard:
                    _retell(connection, one.id, changed.heard)

        await self._write(work)


def begin(connection: Connection, made: Transcription) -> None:
    """Keep a new transcription, in a transaction that is under way; one that is there already stays as it is."""
    if _TRANSCRIPTIONS.place(connection, made.project, made.id) is None:
        _TRANSCRIPTIONS.add(connection, made)


def forget(connection: Connection, project: ProjectId, recording: RecordingId) -> None:
    """Delete what was said in a recording, in a transaction that is under way."""
    query = _TRANSCRIPTIONS.mine(project, transcriptions.c.recording == recording.hex)
    for one in _TRANSCRIPTIONS.all(connection, query):
        _remove(connection, project, one.id)


def _remove(connection: Connection, project: ProjectId, id_: TranscriptionId) -> bool:
    removed = _TRANSCRIPTIONS.remove(connection, project, id_)
    if removed:
        _retell(connection, id_, Heard())
    return removed


def _retell(connection: Connection, id_: TranscriptionId, heard: Heard) -> None:
    """Have callbacks, owed or told, say nothing more than this was said: they may be told, or told again."""
    for row in connection.execute(select(outbox.c.row, outbox.c.body).where(outbox.c.lane == id_.hex)).all():
        notice = notice_from_json(row.body)
        if isinstance(notice, TranscriptionNotice):
            body = notice_to_json(replace(notice, state=replace(notice.state, heard=heard)))
            connection.execute(update(outbox).where(outbox.c.row == row.row).values(body=body))
