"""Streams to customers' WebSockets: what is known of them, and what is owed for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, literal_column, select

from roomtone.core.ids import ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.streaming import Stream, StreamNotice, Subject
from roomtone.store.drawers import Drawer
from roomtone.store.outbox import owe
from roomtone.store.shelf import Shelf
from roomtone.store.tables import streams

_STREAMS = Drawer(Stream, streams, lambda one: {"subject": one.subject.hex, "over": one.over})


class Streams(Shelf):
    """Streams."""

    async def stream(self, project: ProjectId, stream: StreamId) -> Stream | None:
        """Find a project's stream, over or not."""
        query = _STREAMS.mine(project, streams.c.id == stream.hex)
        return await self._read(lambda connection: _STREAMS.first(connection, query))

    async def streams_of(self, project: ProjectId, subject: Subject) -> Sequence[Stream]:
        """List the streams of a call or conference, over or not, the latest first."""
        query = _STREAMS.mine(project, streams.c.subject == subject.hex)
        latest = query.order_by(streams.c.created_ms.desc(), streams.c.id.desc())
        return await self._read(lambda connection: _STREAMS.all(connection, latest))

    async def live_streams(self) -> Sequence[Stream]:
        """All streams not over."""
        query = select(streams.c.body).where(streams.c.over == literal_column("0"))
        return await self._read(lambda connection: _STREAMS.all(connection, query))

    async def commit_stream(self, stream: Stream, notices: Iterable[StreamNotice], now: Moment) -> None:
        """Write a stream, new or changed, and what is owed for that, in one transaction."""
        owed = tuple(notices)

        def work(connection: Connection) -> None:
            if _STREAMS.change(connection, stream.project, stream.id, lambda _: stream) is None:
                _STREAMS.add(connection, stream)
            owe(connection, owed, now.wall_ms)

        await self._write(work)
