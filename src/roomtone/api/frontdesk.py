"""What stands behind the REST doors, and what an endpoint is given and gives back. No HTTP beyond status and body."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import msgspec

from roomtone.api.archived import Archive, Sound
from roomtone.api.changes import Changes
from roomtone.api.kept_audio import KeptAudio
from roomtone.api.limits import Limits
from roomtone.api.measuring import Count
from roomtone.api.ports import Clock, Dice, Store, Switchboard
from roomtone.api.readiness import Readiness
from roomtone.core.access import Access
from roomtone.core.ice import IceServers
from roomtone.core.ids import ProjectId
from roomtone.core.pool import FICTIONAL, Pool
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import Dialect
from roomtone.dialects.dialect import Resource
from roomtone.dialects.fields import Fields


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """Everything the doors need."""

    switchboard: Switchboard
    store: Store
    clock: Clock
    dice: Dice
    public_url: str
    """The house's own address as customers reach it, ``https://host:port`` without a slash at its end."""

    pool: Pool = FICTIONAL
    """The numbers that are offered."""

    limits: Limits = Limits()  # noqa: RUF009 - frozen
    """How much anybody may ask."""

    ice: IceServers = IceServers()  # noqa: RUF009 - frozen
    """The STUN and TURN servers that are offered."""

    archive: Archive | None = None
    """Where the sound of recordings is; None: there is none to be had."""

    public_recordings: bool = False
    """Whether whoever knows the address of a recording's sound may have it."""

    readiness: Readiness = field(default_factory=Readiness)
    """Whether the house can be given work."""

    transcribe: Callable[[], None] | None = None
    """Called when something is to be transcribed; None: nothing here does that."""

    count: Count | None = None
    """Told of each answered request; None: nobody counts."""

    changes: Changes = field(default_factory=Changes)
    """Tells those who listen what has changed."""

    owed: Callable[[], None] = lambda: None
    """Called when callbacks are owed that no commit tells of."""

    is_swamped: Callable[[], bool] = lambda: False
    """Whether there is so much to do that requests are refused unread."""

    audio_files: KeptAudio | None = None
    """Where customers' audio files are; None: none are kept."""

    operator: ProjectId | None = None
    """Which project may make and change trunks; None: none may."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An authenticated request, read."""

    project: Project
    """Which the path names."""

    access: Access
    """Who asks: by a key of that project, or of the one above it."""

    dialect: Dialect
    path: str
    """As it came, for messages."""

    names: tuple[str, ...]
    """What stood in the route's open places, decoded."""

    fields: Fields = ()
    """The query (GET, DELETE) or the body (POST)."""

    def nothing_here(self) -> Refused:
        """Make the refusal for a resource that is not there, or not this project's: the two look the same."""
        return Refused(Reason.NOT_FOUND, path=self.path)


Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    content: bytes = b""
    media_type: str | None = None
    headers: Headers = ()
    resource: Resource | None = None
    """What the content was written from, if it can be written otherwise."""

    mark: str = ""
    """The content's ETag without its quotes, if it is known already."""

    sound: Sound | None = None
    """In place of the content; closed by whoever has written it."""

    span: tuple[int, int] = (0, 0)
    """What is given of the sound: its first byte, and the one after its last."""

    events: AsyncIterator[bytes] | None = None
    """In place of the content: what is told for as long as somebody listens."""

    def with_headers(self, *headers: tuple[str, str]) -> Answer:
        """Give the answer with more headers."""
        return self if not headers else replace(self, headers=(*self.headers, *headers))


Endpoint: TypeAlias = Callable[[Visit, FrontDesk], Awaitable[Answer]]

NO_CONTENT = Answer(204)

_JSON = msgspec.json.Encoder()


def json_answer(status: int, resource: Resource) -> Answer:
    """Answer with a resource. Half a surrogate pair, which UTF-8 cannot hold, leaves as its JSON escape."""
    try:
        content = _JSON.encode(resource)
    except UnicodeEncodeError:
        text = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
        content = text.encode("utf-8", "backslashreplace")
    return Answer(status, content, "application/json; charset=utf-8", resource=resource)
