"""What projects used that one of the vendors lacks, each with the moment it was used first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from roomtone.core.ids import ProjectId
from roomtone.core.usage import Use
from roomtone.store.shelf import Shelf
from roomtone.store.tables import uses


class Uses(Shelf):
    """What was used."""

    async def note_use(self, use: Use) -> None:
        """Note a use, if it is the first of its kind."""
        await self._write(lambda connection: _note(connection, use))

    async def uses(self, project: ProjectId | None = None) -> Sequence[Use]:
        """Give what one project used, or all did: by project, and there by name."""
        query = select(uses).order_by(uses.c.project, uses.c.feature)
        if project is not None:
            query = query.where(uses.c.project == project.hex)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [Use(ProjectId.from_hex(row.project), row.feature, row.lacking, row.first_ms) for row in rows]


def _note(connection: Connection, use: Use) -> None:
    known = select(uses.c.feature).where(uses.c.project == use.project.hex, uses.c.feature == use.feature)
    if connection.execute(known).first() is None:
        row = {
            "project": use.project.hex,
            "feature": use.feature,
            "lacking": use.lacking,
            "first_ms": use.first_ms,
        }
        connection.execute(insert(uses).values(row))
