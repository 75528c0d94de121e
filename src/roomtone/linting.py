"""Tells what applications have used that one of the vendors lacks: `roomtone lint-compat`. Reads the store alone."""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.config import Settings
from roomtone.core.ids import ProjectId
from roomtone.dialects import DIALECTS, sids
from roomtone.dialects.dates import iso8601
from roomtone.starting import ServerProblem
from roomtone.store import SchemaTooNew, StoreUnavailable, open_store


async def not_portable(settings: Settings, sid: str | None) -> list[dict[str, str | bool]]:
    """Give what one project used, or all did, that a vendor lacks.

    Returns:
        ``project`` and ``name``, ``uses``, ``lacking`` (names of dialects, apart by blanks), ``since``;
        ``strict``: whether its own vendor is among them, so that it would break in strict mode.

    Raises:
        ServerProblem: The sid is none, or the store cannot be read.
    """
    wanted = None if sid is None else sids.parse(ProjectId, sid)
    if sid is not None and wanted is None:
        raise ServerProblem(f"--project: {sid!r} is neither a UUID nor AC and 32 hex digits")
    file = settings.data / "roomtone.db"
    if not file.exists():
        raise ServerProblem(f"data: there is no {file}; name the server's folder with --data")
    try:
        async with open_store(file) as store:
            found = await store.uses(wanted)
            projects = {one.id: one for one in await store.projects()}
    except (StoreUnavailable, SchemaTooNew) as fault:
        raise ServerProblem(f"data: {settings.data}: {fault}") from fault
    return [
        {
            "project": DIALECTS[owner.dialect].sids.show(owner.id),
            "name": owner.name,
            "dialect": owner.dialect,
            "uses": use.feature,
            "lacking": use.lacking,
            "strict": owner.dialect in use.lacking.split(),
            "since": iso8601(use.first_ms),
        }
        for use in found
        if (owner := projects.get(use.project)) is not None
    ]


def told(found: Sequence[dict[str, str | bool]]) -> list[str]:
    """Write what was found, a line for each, under a line for each project."""
    lines: list[str] = []
    heading = ""
    for one in found:
        head = f"{one['project']} ({one['name']}, {one['dialect']})"
        if head != heading:
            lines.append(head)
            heading = head
        strict = "; refused or read otherwise in strict mode" if one["strict"] else ""
        lacking = str(one["lacking"]).replace(" ", " nor at ")
        lines.append(f"  {one['uses']}: not at {lacking}, used since {one['since']}{strict}")
    return lines or ["nothing was used that one of the vendors lacks"]
