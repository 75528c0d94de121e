"""Projects and their keys for the store that forgets (`roomtone.testing.memory_store`), secrets as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from roomtone.core.access import EVERYTHING, Access, AccountFilter, Key
from roomtone.core.deeds import Deed
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.project import Project
from roomtone.testing.memory_lists import through


class MemoryKeys:
    """Projects and keys in dictionaries, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: dict[ProjectId, Project] = {}
        self._keys: dict[KeyId, Key] = {}
        self._secrets: dict[KeyId, str] = {}
        self._revoked: set[KeyId] = set()
        self.deeds: list[Deed] = []
        """Who did what, in order."""

    def note_deed(self, deed: Deed) -> None:
        """Keep a line."""
        self.deeds.append(deed)

    def put_project(self, project: Project, token: str | None = None) -> None:
        """Let a project in, at once."""
        self.projects[project.id] = project
        if token is not None:
            made = project.created_ms
            main = Key(KeyId(project.id.value), project.id, "main", EVERYTHING, made, made, main=True)
            self._keys[main.id], self._secrets[main.id] = main, token

    async def add_project(self, project: Project, token: str | None = None) -> None:
        """Make a project."""
        self.put_project(project, token)

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""
        return self.projects.get(project)

    async def family(self, head: ProjectId, wanted: AccountFilter, window: Window) -> Sequence[Project]:
        """List a project and those below it."""
        return through(
            window,
            (
                one
                for one in self.projects.values()
                if head in {one.id, one.parent}
                and wanted.name in {None, one.name}
                and wanted.standing in {None, one.standing}
            ),
        )

    async def family_place(self, head: ProjectId, project: ProjectId) -> Place | None:
        """Give a project's place in that list."""
        found = self.projects.get(project)
        if found is None or head not in {found.id, found.parent}:
            return None
        return Place(found.created_ms, found.id)

    async def change_project(
        self, project: ProjectId, change: Callable[[Project], Project]
    ) -> Project | None:
        """Change a project."""
        if (stored := self.projects.get(project)) is None:
            return None
        self.projects[project] = change(stored)
        return self.projects[project]

    async def access(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Find out who has come in."""
        for key in self._keys.values():
            fits = self._secrets[key.id] == secret and key.id not in self._revoked
            if fits and user in {key.id, key.project}:
                return Access(self.projects[key.project], key)
        return None

    def proved(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Say the same of somebody who proved it a moment ago: this store remembers nobody."""
        del user, secret
        return None

    async def key(self, project: ProjectId, key: KeyId) -> Key | None:
        """Find a key of a project, or of one below it, that is neither revoked nor a main key."""
        found = self._keys.get(key)
        if found is None or found.main or key in self._revoked:
            return None
        owner = self.projects[found.project]
        return found if project in {owner.id, owner.parent} else None

    async def keys(self, project: ProjectId, window: Window) -> Sequence[Key]:
        """List a project's keys, without its main ones."""
        owned = (one for one in self._keys.values() if one.project == project and not one.main)
        return through(window, (one for one in owned if one.id not in self._revoked))

    async def key_place(self, project: ProjectId, key: KeyId) -> Place | None:
        """Give a key's place in that list, also after it was revoked."""
        found = self._keys.get(key)
        return None if found is None or found.project != project else Place(found.created_ms, found.id)

    async def add_key(self, key: Key, secret: str) -> bool:
        """Give a project another key."""
        if key.project not in self.projects:
            return False
        self._keys[key.id], self._secrets[key.id] = key, secret
        return True

    async def change_key(self, project: ProjectId, key: KeyId, change: Callable[[Key], Key]) -> Key | None:
        """Change a key."""
        if (stored := await self.key(project, key)) is None:
            return None
        self._keys[key] = change(stored)
        return self._keys[key]

    async def revoke_key(self, project: ProjectId, key: KeyId, at_ms: int) -> bool:
        """Let a key open nothing any more."""
        del at_ms  # the real store dates its rows with it
        if await self.key(project, key) is None:
            return False
        self._revoked.add(key)
        return True
