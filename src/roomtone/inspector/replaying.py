"""Having callbacks told again: in the store, beside the running server, whose courier does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roomtone.config import Settings
from roomtone.core.ids import ProjectId
from roomtone.inspector.reading import AT_ONCE, Reader, Wanted
from roomtone.provision import find_project, opened
from roomtone.starting import ServerProblem
from roomtone.store import Store
from roomtone.switchboard.clock import SystemClock


async def replay(
    settings: Settings, names: Iterable[str], wanted: Wanted | None, sid: str | None = None
) -> int:
    """Have callbacks told again, under the event ids they have; a server that runs does so within moments.

    Args:
        settings: Where the store is.
        names: Event ids, or numbers of lines.
        wanted: Further ones; None: no more.
        sid: Of which project the named ones are, if there are no others; None: of any.

    Returns:
        How many were put back. What is still owed is left as it is.

    Raises:
        ServerProblem: One of them is not there, or the store cannot be written.
    """
    async with opened(settings) as store:
        reader = Reader(store)
        project, of = await reader.scope(Wanted(sid) if wanted is None else wanted)
        rows = [row for name in names for row in await _named(store, reader, name, project)]
        if wanted is not None:
            rows += await store.rows(project, of, wanted.since_ms, wanted.until_ms)
        return await _put_back(store, list(dict.fromkeys(rows)))


async def replay_dead(settings: Settings, sid: str | None) -> int:
    """Have everything told again that was given up, of one project or of all; gives how many.

    Raises:
        ServerProblem: There is no such project, or the store cannot be written.
    """
    async with opened(settings) as store:
        project = None if sid is None else (await find_project(store, sid)).id
        count = 0
        before: int | None = None
        while found := await store.dead(project, AT_ONCE, before):
            before = found[-1].row
            count += await store.replay([one.row for one in found], SystemClock().now().wall_ms, project)
        return count


async def _named(store: Store, reader: Reader, name: str, project: ProjectId | None) -> list[int]:
    """Find the places of what a name means: an event, whether it was tried or not, or a line of the log."""
    event = name.lower()
    if (found := await store.delivery(event, project)) is not None:
        return [found.row]
    lines = [line.logged for line in await reader.named(name) if project in {None, line.logged.about.project}]
    if not lines:
        raise ServerProblem(f"that project has neither an event nor a line {name!r}")
    events = dict.fromkeys(line.event_id for line in lines if line.event_id)
    if not events:
        raise ServerProblem("documents are asked for by calls, and cannot be told again")
    kept = [await store.delivery(event, project) for event in events]
    return [one.row for one in kept if one is not None]


async def _put_back(store: Store, rows: Sequence[int]) -> int:
    now_ms = SystemClock().now().wall_ms
    return sum([await store.replay(rows[at : at + AT_ONCE], now_ms) for at in range(0, len(rows), AT_ONCE)])
