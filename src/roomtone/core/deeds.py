"""Who did what: one line of the audit. A plain value, without any secret and without what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import KeyId, ProjectId


@dataclass(frozen=True, slots=True)
class Deed:
    """A request that was to change something, and what it was answered."""

    at_ms: int
    project: ProjectId
    """In which project; a key of the one above it may have asked."""

    key: KeyId
    """Who asked: by which key."""

    key_name: str
    source: str
    """Address that the connection came from."""

    method: str
    route: str
    """The operation's name, ``resource.operation``."""

    subject: str
    """The path as it came, which names what it was about."""

    status: int
    """Of the answer."""

    request: str
    """The request's id, as its answer's headers name it."""
