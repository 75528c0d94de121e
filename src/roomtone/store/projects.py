"""Projects and who may speak for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.store import tables
from roomtone.store.credentials import Credential, Memory, seal
from roomtone.store.faults import NameTaken
from roomtone.store.shelf import Shelf
from roomtone.store.threads import Readers, Writer


class Projects(Shelf):
    """Projects and their credentials."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._tokens = Memory()

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""
        return await self._read(lambda connection: _find(connection, project))

    async def projects(self) -> Sequence[Project]:
        """List all projects, oldest first."""
        query = select(tables.projects).order_by(tables.projects.c.created_ms, tables.projects.c.id)
        return await self._read(lambda connection: [_project(row) for row in connection.execute(query)])

    async def project_with_token(self, project: ProjectId, token: str) -> Project | None:
        """Find the project if this is one of its API tokens.

        A right token is believed for half a minute without asking the database, so a revoked one works that much
        longer. A new project or token works at once, whichever process made it.
        """
        if (known := self._tokens.recall(project, token)) is not None:
            return known
        found, credentials = await self._read(lambda connection: _find_with_credentials(connection, project))
        if found is None or not await self._tokens.check(found, token, credentials):
            return None
        return found

    async def add_project(self, project: Project, token: str) -> None:
        """Make a project with its first API token.

        Raises:
            NameTaken: There is one with this id.
        """
        credential = await asyncio.to_thread(seal, token)
        await self._write(lambda connection: _add(connection, project, credential))

    async def add_token(self, project: ProjectId, token: str, created_ms: int) -> bool:
        """Give a project another API token, beside those it has; False: there is no such project."""
        credential = await asyncio.to_thread(seal, token)
        return await self._write(lambda connection: _add_token(connection, project, credential, created_ms))


def _find(connection: Connection, project: ProjectId) -> Project | None:
    row = connection.execute(select(tables.projects).where(tables.projects.c.id == project.hex)).first()
    return None if row is None else _project(row)


def _find_with_credentials(
    connection: Connection, project: ProjectId
) -> tuple[Project | None, list[Credential]]:
    found = _find(connection, project)
    stored = tables.credentials.c
    query = select(stored.salt, stored.digest).where(
        stored.project == project.hex, stored.revoked_ms.is_(None)
    )
    return found, [Credential(row.salt, row.digest) for row in connection.execute(query)]


def _add(connection: Connection, project: Project, credential: Credential) -> None:
    row = {
        "id": project.id.hex,
        "name": project.name,
        "dialect": project.dialect,
        "signing_key": project.signing_key,
        "created_ms": project.created_ms,
    }
    try:
        connection.execute(insert(tables.projects).values(row))
    except IntegrityError as taken:
        raise NameTaken(f"project {project.id} is there already") from taken
    _add_credential(connection, project.id, credential, project.created_ms)


def _add_token(connection: Connection, project: ProjectId, credential: Credential, created_ms: int) -> bool:
    if _find(connection, project) is None:
        return False
    _add_credential(connection, project, credential, created_ms)
    return True


def _add_credential(
    connection: Connection, project: ProjectId, credential: Credential, created_ms: int
) -> None:
    row = {
        "project": project.hex,
        "salt": credential.salt,
        "digest": credential.digest,
        "created_ms": created_ms,
    }
    connection.execute(insert(tables.credentials).values(row))


def _project(row: Row[Any]) -> Project:
    return Project(ProjectId.from_hex(row.id), row.name, row.dialect, row.signing_key, row.created_ms)
