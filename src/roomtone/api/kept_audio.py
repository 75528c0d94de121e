"""What the doors need of whoever keeps customers' audio files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from roomtone.core.audio_file import AudioFile
from roomtone.core.ids import AudioFileId, ProjectId
from roomtone.core.listing import Place, Window


class KeptAudio(Protocol):
    """Keeps audio files. Any question may raise an `OSError`: it cannot be answered just now."""

    async def keep(self, file: AudioFile, content: bytes, /) -> AudioFile:
        """Keep a file, and give what is known of it then: how large it is, and how long it plays.

        Raises:
            ValueError: It is no audio, or too long, or one too many; says what is wanted, and why not this.
        """

    async def find(self, project: ProjectId, id_: AudioFileId, /) -> AudioFile | None:
        """Find a project's file."""

    async def place(self, project: ProjectId, id_: AudioFileId, /) -> Place | None:
        """Give a file's place in the list; None: there is no such file."""

    async def page(self, project: ProjectId, window: Window, /) -> Sequence[AudioFile]:
        """List a project's files, the newest first."""

    async def remove(self, project: ProjectId, id_: AudioFileId, /) -> bool:
        """Remove a file; False: there is no such file."""

    async def content(self, id_: AudioFileId, /) -> tuple[AudioFile, bytes] | None:
        """Give a file, whosever it is; None: there is no such file."""
