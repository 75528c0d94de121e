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
from roomtone.archive.conversions import Conversions
from roomtone.archive.counter import Counter, Delivered, MustWait, Wanted
from roomtone.archive.forms import Form, Nothing, NotWave, Stopped
from roomtone.archive.storage import S3, Bucket, Storage
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, Finishing
from roomtone.core.recording.sidecar import SOUND, Redaction, Sidecar

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_THREADS = 2
_NICE = 10


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
        self._counter = Counter(self._conversions, storage, self._go_on)
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
                if not sidecar.is_there(path):
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

    async def voices(self, recording: RecordingId) -> tuple[str, ...]:
        """Name the voices of a recording; none: there is no sound, or not yet."""
        known = await self.about(recording)
        if known is None:
            return ()
        from roomtone.archive.voices import voices_of  # with numpy, which takes a moment

        return voices_of(known)

    async def write_voice(self, recording: RecordingId, voice: str, to: Path) -> None:
        """Write one voice to a new file, as WAV of one channel.

        Raises:
            OSError: It cannot be read or written; `FileNotFoundError`: it is gone.
        """
        await self._in(self._converting, lambda: self._write_voice(recording, voice, to))

    def _write_voice(self, recording: RecordingId, voice: str, to: Path) -> None:
        from roomtone.archive import voices

        folder = self._of(recording)
        with disk.locked(folder):
            known = sidecar.read(folder)
            if known is None:
                raise FileNotFoundError(errno.ENOENT, "there is no sound")
            found = voices.file_of(known, voice)
            at_hand = (folder / found[0].name).exists()
            moving.bring_back(folder, found[0].name, self._storage)
            try:
                voices.write(folder, known, found, to, self._go_on)
            except Stopped:
                raise OSError(errno.ESHUTDOWN, "the house is being shut") from None
            finally:
                if not at_hand:
                    (folder / found[0].name).unlink(missing_ok=True)

    async def _opened(
        self, recording: RecordingId, stem: str, form: Form | None, channels: int | None
    ) -> Delivered | None:
        """Open what is there; what has to be converted first is, by threads that nobody else waits for."""
        wanted = Wanted(self._of(recording), stem, form, channels)
        try:
            return await self._soon(lambda: self._counter.open(wanted))
        except MustWait:
            return await self._in(self._converting, lambda: self._counter.open_settled(wanted))

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


def _failed(recording: RecordingId, fault: OSError) -> FinishFailed:
    kind = FinishFault.DISK_FULL if disk.full(fault) else FinishFault.CANNOT_WRITE
    return FinishFailed(recording, kind, f"sound cannot be written: {fault.strerror or fault}")


def _give_way() -> None:
    """Let everything else on the machine go first. Linux gives each thread a niceness of its own."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
