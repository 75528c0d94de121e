"""Opens sound for whoever wants it: as it is kept, from the storage, or converted; and never one sound for another.

A sound's digest is its tag, by which a client goes on with a part: so what is opened is surely what the sidecar tells of.
Whoever silences a span notes that first, changes the files, then the sidecar, and takes the note away; looked at in that
order, no file passes for another, nor is anything given that somebody was told is silent. Blocks.

Source: RFC 9110 section 8.8.3 (entity tags).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from roomtone.archive import disk, moving, sidecar
from roomtone.archive.carrier import redacting
from roomtone.archive.conversions import Conversions, Source
from roomtone.archive.forms import Form, Stopped
from roomtone.archive.sounds import FileSound, StoredSound
from roomtone.archive.storage import Storage
from roomtone.core.recording.sidecar import FileNote, Sidecar

Delivered = FileSound | StoredSound

MOST_CONVERTED = 2
"""Channels of MP3 and Opus."""


class MustWait(Exception):  # noqa: N818 - no fault
    """What is asked for has to be made first, or is just being silenced."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to hear."""

    folder: Path
    """Of the recording; its name is the recording's id."""

    stem: str
    form: Form | None
    """None: as it is kept."""

    channels: int | None
    """1 or 2; None, and 2 where there is but one: as it was recorded."""


class Counter:
    """Where sound is handed out."""

    def __init__(self, conversions: Conversions, storage: Storage | None, go_on: Callable[[], bool]) -> None:
        self._conversions = conversions
        self._storage = storage
        self._go_on = go_on

    def open(self, wanted: Wanted, *, settled: bool = False) -> Delivered | None:
        """Open what is there; None: there is none.

        Raises:
            MustWait: Ask `open_settled`.
            OSError: It cannot be read.
        """
        known = sidecar.read(wanted.folder)
        note = None if known is None else known.file(wanted.stem)
        if known is None or note is None:
            return None
        kept, wide = sidecar.form_of(note), len(note.channels)
        form, channels = wanted.form or kept, 1 if wanted.channels == 1 else wide
        if wide > MOST_CONVERTED and form in {Form.MP3, Form.OGG}:
            return None
        if (form, channels) == (kept, wide):
            return self._as_kept(wanted.folder, note)
        found = self._conversions.find(known.recording, note.sha256, channels, form)
        if found is not None:
            with suppress(FileNotFoundError):  # others' sound has taken its room meanwhile
                return _unless_changed(
                    wanted.folder, note, FileSound(found.path, form.media_type, found.sha256)
                )
        if not settled:
            raise MustWait
        return self._convert(wanted.folder, known, note, (form, channels))

    def open_settled(self, wanted: Wanted) -> Delivered | None:
        """Open it once nobody changes it, with what was begun and broken off ended first; None: there is none.

        Raises:
            OSError: It cannot be read, converted, or silenced as it should have been.
        """
        try:
            with disk.locked(wanted.folder):
                self._end_redaction(wanted.folder)
                return self.open(wanted, settled=True)
        except (FileNotFoundError, NotADirectoryError):  # removed meanwhile
            return None
        except Stopped:
            raise OSError(errno.ESHUTDOWN, "the house is being shut") from None

    def _end_redaction(self, folder: Path) -> None:
        """Silence what was to be silenced when the house was killed: until then nothing of it is given."""
        if redacting(folder):
            from roomtone.archive.redacting import resume

            resume(folder, lambda name: moving.bring_back(folder, name, self._storage))
            self._conversions.drop(folder.name)

    def _as_kept(self, folder: Path, note: FileNote) -> Delivered | None:
        media_type = sidecar.form_of(note).media_type
        try:
            return _unless_changed(folder, note, FileSound(folder / note.name, media_type, note.sha256))
        except FileNotFoundError:
            if self._storage is None or moving.stored(folder).get(note.name) != note.sha256:
                return None
        stored = StoredSound(
            self._storage, f"{folder.name}/{note.name}", (note.size_bytes, media_type, note.sha256)
        )
        return _unless_changed(folder, note, stored)

    def _convert(self, folder: Path, known: Sidecar, note: FileNote, wish: tuple[Form, int]) -> Delivered:
        """Convert, in a locked folder."""
        form, channels = wish
        at_hand = (folder / note.name).exists()
        moving.bring_back(folder, note.name, self._storage)
        try:
            source = _source(folder, known, note)
            found = self._conversions.make(source, channels, form, self._go_on)
        finally:
            if not at_hand:
                (folder / note.name).unlink(missing_ok=True)
        return FileSound(found.path, found.form.media_type, found.sha256)


def _unless_changed(folder: Path, note: FileNote, sound: Delivered) -> Delivered:
    """Give what was opened, if it is what its note tells of."""
    changing = redacting(folder)
    now = sidecar.read(folder)
    if changing or now is None or note not in now.files:
        sound.close()
        raise MustWait
    return sound


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
