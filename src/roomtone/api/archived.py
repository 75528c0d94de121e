"""What the doors need of whoever keeps the sound of recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from roomtone.core.ids import RecordingId
from roomtone.core.recording.sidecar import Sidecar


class Sound(Protocol):
    """Sound that is about to be delivered. To be closed."""

    @property
    def size_bytes(self) -> int:
        """How large it is."""

    @property
    def media_type(self) -> str:
        """What it is."""

    @property
    def sha256(self) -> str:
        """Its digest, as 64 hex digits."""

    def pieces(self, first: int, last: int) -> AsyncIterator[bytes]:
        """Give bytes `first` to the one before `last`, a bounded piece at a time."""

    def close(self) -> None:
        """Let go of it."""


class Archive(Protocol):
    """Keeps sound. Any question may raise an `OSError`: it cannot be answered just now."""

    async def sound(
        self, recording: RecordingId, form: str | None = None, channels: int | None = None, /
    ) -> Sound | None:
        """Open the sound of a recording; None: there is none, or not yet."""

    async def track(self, recording: RecordingId, name: str, form: str | None = None, /) -> Sound | None:
        """Open one track of a recording; None: there is none."""

    async def about(self, recording: RecordingId, /) -> Sidecar | None:
        """Give what is known of a recording's sound; None: there is none, or not yet."""

    async def redact(self, recording: RecordingId, from_sample: int, to_sample: int, /) -> Sidecar | None:
        """Silence a span for good; None: there is no sound."""

    def waits(self, recording: RecordingId, /) -> bool:
        """Whether the storage has failed to take something of it."""
