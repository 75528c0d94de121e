"""The archive: finishes, keeps, serves and removes the sound of recordings, by their ids alone; holds no policy.

What blocks is done by a few threads of its own, which give way to everything else on the machine, so that the loop goes
on. Locks on folders keep other processes (`roomtone recording redact`) and these threads apart. `docs/decisions/0023`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from roomtone.archive import disk, moving, sidecar
from roomtone.archive.carrier import REMOVED, Carrier, daemonly, remove_everywhere
from roomtone.archive.conversions import Conversions, Source
from roomtone.archive.forms import Form, Nothing, NotWave, Stopped
from roomtone.archive.sounds import FileSound, StoredSound
from roomtone.archive.storage import S3, Bucket, Storage
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, Finishing
from roomtone.core.recording.sidecar import SOUND, FileNote, Redaction, Sidecar

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

Delivered = FileSound | StoredSound

_THREADS = 2
_NICE = 10

MOST_CONVERTED = 2
"""Channels of MP3 and Opus."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where sound is kept, and how."""

    data: Path
    """The house's data folder; recordings are in ``recordings``, converted files in ``recordings-cache``."""

    form: Form = Form.WAV
    """How finished sound is coded: WAV or FLAC."""

    cache_bytes: int = 1 << 30
    """Bytes of converted files that are kept at most."""

    bucket: Bucket | None = None
    """Where finished sound is brought to; None: it stays in the data folder."""


class _MustConvert(Exception):  # noqa: N818 - no fault
    """What is asked for has to be made first."""


class Archive:
    """The sound of recordings. Its methods never raise for what the world does, unless they say so."""

    def __init__(self, settings: Settings, storage: Storage | None = None) -> None:
        """Take it over; `storage` goes before the one that the settings name."""
        self._settings = settings
        self._folder = settings.data / "recordings"
        self._conversions = Conversions(settings.data / "recordings-cache", settings.cache_bytes)
        self._stopping = threading.Event()
        if storage is None and settings.bucket is not None:
            storage = S3(settings.bucket)
        self._storage = storage
        self._carrier = Carrier(self._folder, storage)
        self._threads = ThreadPoolExecutor(_THREADS, "archive", initializer=_give_way)
        self._quick = ThreadPoolExecutor(_THREADS, "archive-quick")
        self._converting = ThreadPoolExecutor(_THREADS, "archive-converting", initializer=_give_way)

    async def folder(self, recording: RecordingId) -> str | FinishFailed:
        """Make the folder that the engine is to write tracks to, and give its absolute path."""
        path = self._of(recording)
        try:
            await self._soon(lambda: path.mkdir(mode=0o700, parents=True, exist_ok=True))
        except OSError as fault:
            return _failed(recording, fault)
        return str(path.absolute())

    async def finish(self, wanted: Finishing) -> Finished | FinishFailed:
        """Make of the tracks what is delivered; what was finished before is told again."""
        done = await self._do(lambda: self._finish(wanted))
        self._carrier.wake(wanted.recording.hex)
        return done

    async def keep_carrying(self) -> None:
        """Bring finished sound to the storage, and end what an earlier run began; until it is cancelled."""
        await self._carrier.run()

    def waits(self, recording: RecordingId) -> bool:
        """Whether the storage has failed to take something of a recording, which is kept here meanwhile."""
        return recording.hex in self._carrier.waiting

    def _finish(self, wanted: Finishing) -> Finished | FinishFailed:
        from roomtone.archive import finishing  # with numpy, which takes a moment

        id_, folder = wanted.recording, self._of(wanted.recording)
        try:
            with disk.locked(folder):
                return sidecar.finished(finishing.finish(folder, wanted, self._settings.form, self._go_on))
        except FileNotFoundError as gone:
            if wanted.samples:
                return _failed(id_, gone)  # its folder is elsewhere just now
            return FinishFailed(id_, FinishFault.NOTHING_RECORDED, "nothing was recorded")
        except Nothing:
            return FinishFailed(id_, FinishFault.NOTHING_RECORDED, "nothing was recorded")
        except NotWave as fault:
            return FinishFailed(id_, FinishFault.UNREADABLE, f"what was recorded cannot be read: {fault}")
        except Stopped:
            return FinishFailed(id_, FinishFault.CANNOT_WRITE, "the house is being shut")
        except OSError as fault:
            _log.warning("recording not finished recording=%s fault=%s", id_, fault)
            return _failed(id_, fault)

    async def remove(self, recording: RecordingId) -> None:
        """Remove the sound and all that belongs to it, finished or not.

        Raises:
            OSError: It cannot be removed now.
        """
        try:
            await self._soon(lambda: self._remove(recording))
        except OSError as fault:
            _log.warning("recording not removed recording=%s fault=%s", recording, fault)
            raise
        self._carrier.wake(recording.hex + REMOVED)

    def _remove(self, recording: RecordingId) -> None:
        folder = self._of(recording)
        gone = folder.with_name(folder.name + REMOVED)
        with suppress(FileNotFoundError), disk.locked(folder):
            folder.rename(gone)
        self._conversions.drop(recording.hex)
        if self._storage is None and gone.exists():  # else the carrier does it: a bucket may take its time
            remove_everywhere(gone, None)

    async def redact(self, recording: RecordingId, from_sample: int, to_sample: int) -> Sidecar | None:
        """Silence a span in every file, for good; samples are those of the sidecar, `to_sample` is the first after.

        Returns:
            The sidecar as it is now; None: there is no finished recording.

        Raises:
            OSError: It is not done yet: something cannot be read or written. It is tried again.
        """
        span = Redaction(from_sample, to_sample)
        try:
            return await self._do(lambda: self._redact(recording, span))
        finally:
            self._carrier.wake(recording.hex)

    def _redact(self, recording: RecordingId, span: Redaction) -> Sidecar | None:
        from roomtone.archive.redacting import redact

        folder = self._of(recording)
        try:
            with disk.locked(folder):
                made = redact(folder, span, lambda name: moving.bring_back(folder, name, self._storage))
        except NotADirectoryError:
            return None
        except FileNotFoundError:
            if folder.exists():
                raise
            return None
        self._conversions.drop(recording.hex)
        return made

    async def bring(self, recording: RecordingId) -> None:
        """Bring a recording to the storage now, if there is one.

        Raises:
            OSError: The storage cannot be reached, or denies.
        """
        storage = self._storage
        if storage is not None:
            await daemonly(lambda: moving.bring_all(self._of(recording), storage))

    async def left_over(self) -> Sequence[RecordingId]:
        """List the recordings whose folder was made and that are not finished."""
        try:
            return await self._soon(self._left_over)
        except OSError as fault:
            _log.warning("recordings cannot be listed fault=%s", fault)
            return []

    def _left_over(self) -> Sequence[RecordingId]:
        if not self._folder.exists():
            return []
        found = []
        for path in sorted(self._folder.iterdir()):
            with suppress(ValueError):
                if sidecar.read(path) is None:
                    found.append(RecordingId.from_hex(path.name))
        return found

    async def about(self, recording: RecordingId) -> Sidecar | None:
        """Give what is known of a recording's sound; None: it is not finished, or not here."""
        return await self._soon(lambda: sidecar.read(self._of(recording)))

    async def sound(
        self, recording: RecordingId, form: str | None = None, channels: int | None = None
    ) -> Delivered | None:
        """Open the sound of a recording, converted if need be.

        Args:
            recording: Whose.
            form: How it is to be coded, a word of `Form`; None: as it is kept.
            channels: 1 or 2; None, and 2 where there is but one: as it was recorded.

        Returns:
            To be closed by whoever asked; None: there is none, or not yet.

        Raises:
            OSError: It cannot be read, or not converted, just now.
        """
        return await self._opened(recording, SOUND, _form(form), channels)

    async def track(self, recording: RecordingId, name: str, form: str | None = None) -> Delivered | None:
        """Open one track that was kept by itself, or `TRACKS`: all in one file. As `sound`."""
        return await self._opened(recording, name, _form(form), None)

    async def _opened(
        self, recording: RecordingId, stem: str, form: Form | None, channels: int | None
    ) -> Delivered | None:
        """Open what is there; what has to be converted first is, by threads that nobody else waits for."""
        try:
            return await self._soon(lambda: self._open(recording, stem, form, channels, convert=False))
        except _MustConvert:
            return await self._in(
                self._converting, lambda: self._open(recording, stem, form, channels, convert=True)
            )

    def _open(
        self, recording: RecordingId, stem: str, form: Form | None, channels: int | None, *, convert: bool
    ) -> Delivered | None:
        folder = self._of(recording)
        known = sidecar.read(folder)
        note = None if known is None else known.file(stem)
        if known is None or note is None:
            return None
        wide = len(note.channels)
        wish = (form or sidecar.form_of(note), 1 if channels == 1 else wide)
        if wide > MOST_CONVERTED and wish[0] in {Form.MP3, Form.OGG}:
            return None
        if wish == (sidecar.form_of(note), wide):
            return self._as_kept(folder, note)
        found = self._conversions.find(recording.hex, note.sha256, wish[1], wish[0])
        if found is None and not convert:
            raise _MustConvert
        if found is None:
            try:
                with disk.locked(folder):
                    return self._convert(folder, stem, wish)
            except FileNotFoundError:  # removed meanwhile
                return None
            except Stopped:
                raise OSError(errno.ESHUTDOWN, "the house is being shut") from None
        return FileSound(found.path, found.form.media_type, found.sha256)

    def _as_kept(self, folder: Path, note: FileNote) -> Delivered | None:
        try:
            return FileSound(folder / note.name, sidecar.form_of(note).media_type, note.sha256)
        except FileNotFoundError:
            if self._storage is None or moving.stored(folder).get(note.name) != note.sha256:
                return None
        told = (note.size_bytes, sidecar.form_of(note).media_type, note.sha256)
        return StoredSound(self._storage, f"{folder.name}/{note.name}", told)

    def _convert(self, folder: Path, stem: str, wish: tuple[Form, int]) -> Delivered | None:
        """Convert, unless somebody else just has; in a locked folder."""
        known = sidecar.read(folder)
        note = None if known is None else known.file(stem)
        if known is None or note is None:
            return None
        form, channels = wish
        found = self._conversions.find(known.recording, note.sha256, channels, form)
        if found is None:
            at_hand = (folder / note.name).exists()
            moving.bring_back(folder, note.name, self._storage)
            try:
                source = _source(folder, known, note)
                found = self._conversions.make(source, channels, form, self._go_on)
            finally:
                if not at_hand:
                    (folder / note.name).unlink(missing_ok=True)
        return FileSound(found.path, found.form.media_type, found.sha256)

    async def close(self) -> None:
        """Stop what is being done; it is taken up again at the next start."""
        self._stopping.set()
        for threads in (self._converting, self._threads, self._quick):
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)

    def _of(self, recording: RecordingId) -> Path:
        return self._folder / recording.hex

    def _go_on(self) -> bool:
        return not self._stopping.is_set()

    async def _do(self, work: Callable[[], _T]) -> _T:
        return await self._in(self._threads, work)

    async def _soon(self, work: Callable[[], _T]) -> _T:
        """Do what takes milliseconds, and waits for nothing that takes longer."""
        return await self._in(self._quick, work)

    async def _in(self, threads: ThreadPoolExecutor, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(threads, work)


def _form(word: str | None) -> Form | None:
    return None if word is None else Form(word)


def _source(folder: Path, known: Sidecar, note: FileNote) -> Source:
    return Source(
        known.recording,
        folder / note.name,
        sidecar.form_of(note),
        note.sha256,
        known.rate_hz,
        len(note.channels),
        known.samples,
    )


def _failed(recording: RecordingId, fault: OSError) -> FinishFailed:
    kind = FinishFault.DISK_FULL if disk.full(fault) else FinishFault.CANNOT_WRITE
    return FinishFailed(recording, kind, f"sound cannot be written: {fault.strerror or fault}")


def _give_way() -> None:
    """Let everything else on the machine go first. Linux gives each thread a niceness of its own."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
