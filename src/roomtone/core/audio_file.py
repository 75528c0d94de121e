"""Sounds that customers keep here, to be announced to people or played by documents."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import AudioFileId, ProjectId

LARGEST_BYTES = 10_000_000
"""Of a file, as it is sent."""

LONGEST_S = 600.0
"""Seconds that a file plays at most."""

MOST = 200
"""Files that a project keeps at most."""


@dataclass(frozen=True, slots=True)
class AudioFile:
    """What is known of one, without its content."""

    id: AudioFileId
    project: ProjectId
    name: str
    """Whatever its owner calls it."""

    media_type: str
    """As it was sent, ``audio/wav``; empty: nothing was said."""

    size_bytes: int
    duration_s: float
    created_ms: int
    """Wall clock, ms since 1970 UTC."""
