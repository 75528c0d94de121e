"""The part of the store that forgets which keeps the delivery log."""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.core.delivery import Delivery
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.inspection import Logged, about


class MemoryExchanges:
    """A list, numbered from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.logged: list[Logged] = []
        """What was said, in order."""

        self.owed: dict[str, Delivery] = {}
        """Callbacks by their names."""

        self.replayed: list[int] = []
        """Places of those that were told again."""

    async def delivery(self, event_id: str, project: ProjectId | None = None) -> Delivery | None:
        """Find a callback."""
        found = self.owed.get(event_id)
        return found if found is not None and project in {None, found.notice.project} else None

    async def rows(
        self,
        project: ProjectId | None = None,
        of: CallId | ConferenceId | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int | None = None,
    ) -> Sequence[int]:
        """Find the places of callbacks that were owed in a span."""
        found = [
            one.row
            for one in self.owed.values()
            if project in {None, one.notice.project}
            and (of is None or of in (about(one.notice).call, about(one.notice).conference))
            and (since_ms is None or one.owed_ms >= since_ms)
            and (until_ms is None or one.owed_ms <= until_ms)
        ]
        return found[:limit]

    async def replay(self, rows: Sequence[int], now_ms: int, project: ProjectId | None = None) -> int:
        """Note that they are to be told again."""
        del now_ms, project
        self.replayed += rows
        return len(rows)

    def note_exchange(self, logged: Logged) -> None:
        """Keep a line."""
        self.logged.append(logged)

    async def exchanges(
        self, project: ProjectId, of: CallId | ConferenceId, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, Logged]]:
        """List the lines of a project's call or conference with their numbers, the newest first."""
        own = [
            (number, one)
            for number, one in enumerate(self.logged, 1)
            if one.about.project == project
            and of in (one.about.call, one.about.conference)
            and (before is None or number < before)
        ]
        return own[::-1][:limit]
