"""The sidecar of a recording: what its files are, what happened in it and when, what was silenced. One JSON file.

It is the last that a finished recording's folder gets and the first that is looked at: a recording is finished when its
sidecar is there, and a file of its folder that the sidecar does not name is nobody's. Times are samples of the files,
that is: of the recording's clock after what was cut off its beginning. Ids are the house's own, 32 hex digits.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from roomtone.archive import disk
from roomtone.archive.forms import Form
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finished, Finishing, Happening
from roomtone.core.recording.sidecar import SOUND, FileNote, Noted, Sidecar

NAME = "moments.json"


def form_of(note: FileNote) -> Form:
    """Say how a file is coded."""
    return Form(note.name.rpartition(".")[2])


def finished(known: Sidecar) -> Finished:
    """Say it as whoever ordered the recording wants to hear it."""
    sound = known.file(SOUND)
    return Finished(
        recording=RecordingId.from_hex(known.recording),
        channels=1 if sound is None else len(sound.channels),
        duration_ms=known.samples * 1_000 // known.rate_hz,
        size_bytes=0 if sound is None else sound.size_bytes,
        sha256="" if sound is None else sound.sha256,
        cut_samples=known.cut_samples,
        heard=sound is not None,
    )


def begun(finishing: Finishing, first: int, samples: int, files: tuple[FileNote, ...]) -> Sidecar:
    """Make the sidecar of a recording of which so many samples are kept, from `first` on."""
    return Sidecar(
        recording=finishing.recording.hex,
        rate_hz=finishing.rate_hz,
        samples=samples,
        began_unix_ms=finishing.began_unix_ms + first * 1_000 // finishing.rate_hz,
        cut_samples=first,
        lost_samples=finishing.lost_samples,
        files=files,
        moments=tuple(_moment(one, first, samples) for one in finishing.happenings),
    )


def _moment(happening: Happening, first: int, samples: int) -> Noted:
    """Give the moment in samples of the files; what happened in what was cut off is at their ends."""
    call = None if happening.call is None else happening.call.hex
    at = min(max(0, happening.sample - first), samples)
    return Noted(at, happening.kind.value, call, happening.label, happening.wall_ms)


def read(folder: Path) -> Sidecar | None:
    """Read a folder's sidecar; None: it has none that is whole, so the recording is not finished."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Sidecar)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def is_there(folder: Path) -> bool:
    """Whether a folder has a sidecar; it is put in its place whole, so that need not be read."""
    return (folder / NAME).exists()


def write(folder: Path, sidecar: Sidecar) -> None:
    """Put a sidecar in its place, whole and for good."""
    disk.write_whole(folder / NAME, msgspec.json.format(msgspec.json.encode(sidecar), indent=1))
