"""Projects: who there is, and who is below whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.access import AccountFilter
from roomtone.core.ids import ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.project import Project
from roomtone.store import keys, windows
from roomtone.store.credentials import Credential, seal
from roomtone.store.faults import NameTaken
from roomtone.store.keys import project_of
from roomtone.store.prepared import Look
from roomtone.store.tables import projects

_ONE = Look(select(projects).where(projects.c.id == bindparam("project")))


class Projects(keys.Keys):
    """Projects, and the keys that open them."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""
        row = await self._look_one(_ONE, project=project.hex)
        return None if row is None else project_of(row)

    async def projects(self) -> Sequence[Project]:
        """List all projects, oldest first."""
        query = select(projects).order_by(projects.c.created_ms, projects.c.id)
        return await self._read(lambda connection: [project_of(row) for row in connection.execute(query)])

    async def family(self, head: ProjectId, wanted: AccountFilter, window: Window) -> Sequence[Project]:
        """List a project and those below it."""
        query = _family(head)
        if wanted.name is not None:
            query = query.where(projects.c.name == wanted.name)
        if wanted.standing is not None:
            query = query.where(projects.c.standing == wanted.standing.value)
        rows = await self._read(lambda connection: windows.run(connection, query, projects, window))
        return [project_of(row) for row in rows]

    async def family_place(self, head: ProjectId, project: ProjectId) -> Place | None:
        """Give a project's place in that list; None: not of this family."""
        ours = or_(projects.c.id == head.hex, projects.c.parent == head.hex)
        return await self._read(lambda connection: windows.place(connection, projects, project, ours))

    async def add_project(self, project: Project, token: str | None = None) -> None:
        """Make a project, with a main key of this token if it is to have one.

        Raises:
            NameTaken: There is one with this id.
        """
        credential = None if token is None else await asyncio.to_thread(seal, token)
        await self._write(lambda connection: _add(connection, project, credential))

    async def change_project(
        self, project: ProjectId, change: Callable[[Project], Project]
    ) -> Project | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such project."""
        changed = await self._write(lambda connection: _change(connection, project, change))
        self._proved.forget()
        return changed


def _find(connection: Connection, project: ProjectId) -> Project | None:
    row = connection.execute(select(projects).where(projects.c.id == project.hex)).first()
    return None if row is None else project_of(row)


def _family(head: ProjectId) -> Select[Any]:
    return select(projects).where(or_(projects.c.id == head.hex, projects.c.parent == head.hex))


def _add(connection: Connection, project: Project, credential: Credential | None) -> None:
    try:
        connection.execute(insert(projects).values(_row(project)))
    except IntegrityError as taken:
        raise NameTaken(f"project {project.id} is there already") from taken
    if credential is not None:
        keys.add_main(connection, project, credential)


def _change(
    connection: Connection, project: ProjectId, change: Callable[[Project], Project]
) -> Project | None:
    stored = _find(connection, project)
    if stored is None:
        return None
    changed = change(stored)
    connection.execute(update(projects).where(projects.c.id == project.hex).values(_row(changed)))
    return changed


def _row(project: Project) -> dict[str, object]:
    return {
        "id": project.id.hex,
        "name": project.name,
        "dialect": project.dialect,
        "signing_key": project.signing_key,
        "created_ms": project.created_ms,
        "updated_ms": project.updated_ms,
        "parent": None if project.parent is None else project.parent.hex,
        "standing": project.standing.value,
        "strict": project.strict,
        "previous_key": project.previous_key,
        "previous_until_ms": project.previous_until_ms,
    }
