"""Audio files that customers keep here: one file each below the data folder, what is known of it in the first line.

A file is written whole or not at all, and is looked at before it is kept: what is no audio, or too long, is not kept.
Whoever knows a file's id may have it: the id is as good as a secret, as those of hosted documents are.
"""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from roomtone.core.audio_file import LONGEST_S, MOST, AudioFile
from roomtone.core.exchange import Clip, FetchedAudio
from roomtone.core.ids import AudioFileId, ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.shapes import Shape
from roomtone.dialects import sids
from roomtone.documents.cache import Cache, Kept
from roomtone.documents.decode import DecodeLimits, NotAudio, decode

_ABOUT = Shape(AudioFile)
_LONGEST_ABOUT = 8_192
_AT_ONCE = 2
_UPLOADS_AT_ONCE = 1
_LIMITS = DecodeLimits(LONGEST_S)

Result = TypeVar("Result")


class AudioFiles:
    """All of them. Any question may raise an `OSError`: it cannot be answered just now.

    Args:
        folder: Where they are.
        cache_bytes: Decoded audio kept in memory at most.
    """

    def __init__(self, folder: Path, cache_bytes: int = 32_000_000) -> None:
        self._folder = folder
        self._decoded = Cache(cache_bytes)
        self._working = asyncio.Semaphore(_AT_ONCE)
        # Ten minutes take seconds to be looked through, and are sent by whoever may wait: no announcement waits behind them.
        self._taking = asyncio.Semaphore(_UPLOADS_AT_ONCE)

    async def keep(self, file: AudioFile, content: bytes) -> AudioFile:
        """Keep a file, and give what is known of it then: how large it is, and how long it plays.

        Raises:
            ValueError: It is no audio, or too long, or one too many; says why.
        """
        async with self._taking:
            return await asyncio.to_thread(self._keep, file, content)

    async def find(self, project: ProjectId, id_: AudioFileId) -> AudioFile | None:
        """Find a project's file."""
        return await self._do(lambda: _about(self._of(project) / id_.hex))

    async def place(self, project: ProjectId, id_: AudioFileId) -> Place | None:
        """Give a file's place in the list; None: there is no such file."""
        found = await self.find(project, id_)
        return None if found is None else Place(found.created_ms, found.id)

    async def page(self, project: ProjectId, window: Window) -> Sequence[AudioFile]:
        """List a project's files, the newest first."""
        found = await self._do(lambda: self._all(project))
        order = sorted(found, key=_order, reverse=True)
        if window.before is not None:
            newer = [one for one in order if _order(one) > _at(window.before)]
            return newer[-window.limit :]
        if window.after is not None:
            order = [one for one in order if _order(one) < _at(window.after)]
        return order[: window.limit]

    async def remove(self, project: ProjectId, id_: AudioFileId) -> bool:
        """Remove a file; False: there is no such file."""
        removed = await self._do(lambda: _unlink(self._of(project) / id_.hex))
        if removed:
            self._decoded.drop((id_.hex, ""))
        return removed

    async def content(self, id_: AudioFileId) -> tuple[AudioFile, bytes] | None:
        """Give a file, whosever it is; None: there is no such file."""
        return await self._do(lambda: self._content(id_))

    async def clip(self, sid: str) -> Clip | None:
        """Give a file decoded, whosever it is, by its id in either spelling; None: there is no such file.

        Raises:
            ValueError: It cannot be decoded (any more); says why.
        """
        id_ = sids.parse(AudioFileId, sid)
        if id_ is None:
            return None
        kept = self._decoded.find((id_.hex, ""))
        if kept is not None:
            return kept.audio.clip
        clip = await self._do(lambda: self._clip(id_))
        if clip is not None:
            self._decoded.keep((id_.hex, ""), Kept(FetchedAudio(clip, ""), math.inf))
            if await self._do(lambda: self._path(id_)) is None:  # removed while it was decoded
                self._decoded.drop((id_.hex, ""))
        return clip

    async def _do(self, work: Callable[[], Result]) -> Result:
        async with self._working:
            return await asyncio.to_thread(work)

    def _of(self, project: ProjectId) -> Path:
        return self._folder / project.hex

    def _keep(self, file: AudioFile, content: bytes) -> AudioFile:
        clip = _decoded(content, file.media_type)
        if sum(1 for _ in self._of(file.project).glob("?" * 32)) >= MOST:
            raise ValueError(f"one of at most {MOST} files that a project keeps; remove one first")
        known = replace(file, size_bytes=len(content), duration_s=clip.duration_s)
        _write(self._of(file.project) / file.id.hex, _ABOUT.to_json(known).encode(), content)
        return known

    def _all(self, project: ProjectId) -> list[AudioFile]:
        found = (_about(path) for path in self._of(project).glob("?" * 32))
        return [one for one in found if one is not None]

    def _path(self, id_: AudioFileId) -> Path | None:
        return next(self._folder.glob(f"*/{id_.hex}"), None)

    def _content(self, id_: AudioFileId) -> tuple[AudioFile, bytes] | None:
        path = self._path(id_)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                return _read(file), file.read()
        except FileNotFoundError:  # removed just now
            return None

    def _clip(self, id_: AudioFileId) -> Clip | None:
        found = self._content(id_)
        return None if found is None else _decoded(found[1], found[0].media_type)


def _decoded(content: bytes, media_type: str) -> Clip:
    try:
        return decode(content, media_type, _LIMITS)
    except NotAudio as why:
        raise ValueError(f"an audio file: {why}") from why


def _about(path: Path) -> AudioFile | None:
    try:
        with path.open("rb") as file:
            return _read(file)
    except FileNotFoundError:
        return None


def _read(file: BinaryIO) -> AudioFile:
    return cast("AudioFile", _ABOUT.from_json(file.readline(_LONGEST_ABOUT).decode()))


def _write(path: Path, about: bytes, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(about + b"\n" + content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _order(one: AudioFile) -> tuple[int, AudioFileId]:
    return one.created_ms, one.id


def _at(place: Place) -> tuple[int, AudioFileId]:
    return place.created_ms, cast("AudioFileId", place.id)
