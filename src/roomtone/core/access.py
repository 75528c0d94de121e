"""Who may do what: the permissions of an API key, and who has come in with one. Plain values.

What a permission opens is the doors' to say (`roomtone.api.scopes`). Source: SignalWire "API tokens", whose permissions
are the finest that either vendor has; a key of Twilio's is the set of all of them but `MANAGEMENT`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.passes import Pass
from roomtone.core.project import Project, Standing


class Permission(StrEnum):
    """One thing that a key opens."""

    CALLING = "calling"
    CHAT = "chat"
    DATASPHERE = "datasphere"
    FAX = "fax"
    MANAGEMENT = "management"
    MESSAGING = "messaging"
    NUMBERS = "numbers"
    PUBSUB = "pubsub"
    STORAGE = "storage"
    TASKING = "tasking"
    VIDEO = "video"


EVERYTHING = frozenset(Permission)
ALL_BUT_MANAGEMENT = EVERYTHING - {Permission.MANAGEMENT}


@dataclass(frozen=True, slots=True)
class Key:
    """An API token of a project, without its secret, which nobody keeps."""

    id: KeyId
    project: ProjectId
    name: str
    """For people."""

    permissions: frozenset[Permission]
    created_ms: int
    updated_ms: int
    main: bool = False
    """Made with the project itself: it opens everything and is no API key, so the API neither lists nor revokes it."""


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody who has proved who they are."""

    project: Project
    """Whose key it is."""

    key: Key

    pass_: Pass | None = None
    """What a page may do that has shown this in place of a key; None: it was a key."""

    def lacks(self, wanted: frozenset[Permission]) -> frozenset[Permission]:
        """Say which of these permissions they do not have themselves, and so cannot give to any key."""
        return wanted - self.key.permissions

    @property
    def opens_everything(self) -> bool:
        """Whether they may be told, or choose, what opens everything: a project's main key, its signing key."""
        return self.pass_ is None and not self.lacks(EVERYTHING)

    def reaches(self, project: Project) -> bool:
        """Whether this project is theirs: their own, or one below it; of a pass its own alone."""
        if self.pass_ is not None:
            return project.id == self.project.id
        return self.project.id in {project.id, project.parent}


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which projects of a family: a project and those below it."""

    name: str | None = None
    """Exactly this name."""

    standing: Standing | None = None
