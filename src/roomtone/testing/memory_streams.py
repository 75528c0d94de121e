"""The part of the store that forgets which answers for streams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roomtone.core.ids import ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.notices import Notice
from roomtone.core.streaming import Stream, StreamNotice, Subject


class MemoryStreams:
    """A dictionary by id."""

    notices: list[Notice]

    def __init__(self) -> None:
        super().__init__()
        self._streams: dict[StreamId, Stream] = {}

    async def stream(self, project: ProjectId, stream: StreamId) -> Stream | None:
        """Find a project's stream."""
        found = self._streams.get(stream)
        return found if found is not None and found.project == project else None

    async def streams_of(self, project: ProjectId, subject: Subject) -> Sequence[Stream]:
        """List the streams of a call or conference, the latest first."""
        own = [one for one in self._streams.values() if one.project == project and one.subject == subject]
        return sorted(own, key=lambda one: (-one.created_ms, -one.id.value))

    async def live_streams(self) -> Sequence[Stream]:
        """All streams not over."""
        return [one for one in self._streams.values() if not one.over]

    async def commit_stream(self, stream: Stream, notices: Iterable[StreamNotice], _now: Moment) -> None:
        """Keep a stream, and what is owed for it."""
        self._streams[stream.id] = stream
        self.notices += notices
