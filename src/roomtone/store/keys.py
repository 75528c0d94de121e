"""API keys: what opens a project, with what permissions. A revoked one leaves its row, so that a list knows its place.

Of a token that the house made up, the first characters are kept as they are, so that a project with many keys needs
one slow digest to find the right one and not many; more than a hundred bits of it stay secret.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from roomtone.core.access import EVERYTHING, Access, Key, Permission
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.project import Project, Standing
from roomtone.store import windows
from roomtone.store.credentials import Credential, Lock, Memory, seal
from roomtone.store.prepared import Found
from roomtone.store.shelf import Shelf
from roomtone.store.tables import keys, projects
from roomtone.store.threads import Readers, Writer

_MADE_UP = re.compile(r"(?:PT)?[0-9a-f]{32,}")
_HINT = 8
"""Characters of a made-up token that are kept in clear."""

_valid = keys.c.revoked_ms.is_(None)


class Keys(Shelf):
    """API keys."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._proved = Memory()

    async def access(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Find out who has come in: with a project's id and one of its secrets, or with a key's id and its own.

        A right secret is believed for half a minute without asking the database: a key that another process revoked
        works that much longer, one that this store revoked ends at once. A new one works at once, whoever made it.
        """
        if (known := self.proved(user, secret)) is not None:
            return known
        turn = self._proved.turn
        locks = await self._read(lambda connection: _locks(connection, user, secret))
        return await self._proved.prove(user, secret, locks, turn)

    def proved(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Say the same of somebody who proved it a moment ago; None: it would have to be found out."""
        return self._proved.recall(user, secret)

    async def key(self, project: ProjectId, key: KeyId) -> Key | None:
        """Find a key of a project, or of one below it, that is neither revoked nor a main key."""
        return await self._read(lambda connection: _first(connection, _one(project, key)))

    async def keys(self, project: ProjectId, window: Window) -> Sequence[Key]:
        """List a project's keys, without its main ones."""
        query = select(keys).where(keys.c.project == project.hex, _valid, ~keys.c.main)
        rows = await self._read(lambda connection: windows.run(connection, query, keys, window))
        return [_key(row) for row in rows]

    async def all_keys(self, project: ProjectId) -> Sequence[Key]:
        """List all keys that open a project, main ones too; oldest first."""
        query = (
            select(keys).where(keys.c.project == project.hex, _valid).order_by(keys.c.created_ms, keys.c.id)
        )
        return await self._read(lambda connection: [_key(row) for row in connection.execute(query)])

    async def key_place(self, project: ProjectId, key: KeyId) -> Place | None:
        """Give a key's place in the list of keys, also after it was revoked; None: never was this project's."""
        own = keys.c.project == project.hex
        return await self._read(lambda connection: windows.place(connection, keys, key, own))

    async def add_key(self, key: Key, secret: str) -> bool:
        """Give a project another key, beside those it has; False: there is no such project."""
        credential = await asyncio.to_thread(seal, secret)
        return await self._write(lambda connection: _add(connection, key, credential, _hint(secret)))

    async def change_key(self, project: ProjectId, key: KeyId, change: Callable[[Key], Key]) -> Key | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such key (see `key`)."""
        changed = await self._write(lambda connection: _change(connection, project, key, change))
        self._proved.forget()
        return changed

    async def revoke_key(self, project: ProjectId, key: KeyId, at_ms: int, *, main: bool = False) -> bool:
        """Let a key open nothing any more; False: there is no such key (see `key`; `main`: main ones, too)."""
        query = _one(project, key, main=main)
        done = await self._write(lambda connection: _revoke(connection, query, at_ms))
        self._proved.forget()
        return done


def add_main(connection: Connection, project: Project, credential: Credential) -> None:
    """Put in a new project's main key, as part of the transaction that makes the project."""
    main = Key(
        KeyId.from_hex(secrets.token_hex(16)),
        project.id,
        "main",
        EVERYTHING,
        project.created_ms,
        project.created_ms,
        main=True,
    )
    connection.execute(insert(keys).values(_row(main, credential, None)))


def _hint(secret: str) -> str | None:
    return secret[:_HINT] if _MADE_UP.fullmatch(secret) else None


def _locks(connection: Connection, user: ProjectId | KeyId, secret: str) -> list[Lock]:
    """Give the keys that could be meant."""
    if isinstance(user, KeyId):
        meant = keys.c.id == user.hex
    else:
        meant = and_(keys.c.project == user.hex, or_(keys.c.hint.is_(None), keys.c.hint == secret[:_HINT]))
    found = connection.execute(select(keys).where(meant, _valid)).all()
    if not found:
        return []
    owner = connection.execute(select(projects).where(projects.c.id == found[0].project)).one()
    project = project_of(owner)
    return [(Access(project, _key(row)), Credential(row.salt, row.digest)) for row in found]


def _one(project: ProjectId, key: KeyId, *, main: bool = False) -> Select[Any]:
    below = select(projects.c.id).where(projects.c.parent == project.hex)
    query = select(keys).where(
        keys.c.id == key.hex, or_(keys.c.project == project.hex, keys.c.project.in_(below)), _valid
    )
    return query if main else query.where(~keys.c.main)


def _first(connection: Connection, query: Select[Any]) -> Key | None:
    row = connection.execute(query).first()
    return None if row is None else _key(row)


def _add(connection: Connection, key: Key, credential: Credential, hint: str | None) -> bool:
    if connection.execute(select(projects.c.id).where(projects.c.id == key.project.hex)).first() is None:
        return False
    connection.execute(insert(keys).values(_row(key, credential, hint)))
    return True


def _change(
    connection: Connection, project: ProjectId, key: KeyId, change: Callable[[Key], Key]
) -> Key | None:
    stored = _first(connection, _one(project, key))
    if stored is None:
        return None
    changed = change(stored)
    connection.execute(update(keys).where(keys.c.id == key.hex).values(_told(changed)))
    return changed


def _revoke(connection: Connection, query: Select[Any], at_ms: int) -> bool:
    found = _first(connection, query)
    if found is None:
        return False
    connection.execute(update(keys).where(keys.c.id == found.id.hex).values(revoked_ms=at_ms))
    return True


def _row(key: Key, credential: Credential, hint: str | None) -> dict[str, object]:
    return _told(key) | {
        "id": key.id.hex,
        "project": key.project.hex,
        "main": key.main,
        "hint": hint,
        "salt": credential.salt,
        "digest": credential.digest,
        "created_ms": key.created_ms,
    }


def _told(key: Key) -> dict[str, object]:
    """Give what of a key can change."""
    return {
        "name": key.name,
        "permissions": " ".join(sorted(key.permissions)),
        "updated_ms": key.updated_ms,
    }


def _key(row: Row[Any]) -> Key:
    return Key(
        KeyId.from_hex(row.id),
        ProjectId.from_hex(row.project),
        row.name,
        frozenset(Permission(word) for word in row.permissions.split()),
        row.created_ms,
        row.updated_ms,
        row.main,
    )


def project_of(row: Row[Any] | Found) -> Project:
    """Read a project from its row."""
    return Project(
        ProjectId.from_hex(row.id),
        row.name,
        row.dialect,
        row.signing_key,
        row.created_ms,
        row.updated_ms,
        None if row.parent is None else ProjectId.from_hex(row.parent),
        Standing(row.standing),
        bool(row.strict),
        row.previous_key,
        row.previous_until_ms,
    )
