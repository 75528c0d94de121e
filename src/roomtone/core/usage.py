"""What a project has used that one of the vendors lacks. A plain value."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that was used."""

    project: ProjectId
    feature: str
    """What: an operation and, after a blank, its parameter; or words."""

    lacking: str
    """Names of the dialects whose vendor does not have it, apart by blanks."""

    first_ms: int
    """When it was used first, ms since 1970 UTC."""
