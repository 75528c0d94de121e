"""The sidecar of a recording: what its files are, what happened in it and when, what was silenced. One JSON file.

It is the last that a finished recording's folder gets and the first that is looked at: a recording is finished when its
sidecar is there, and a file of its folder that the sidecar does not name is nobody's. Times are samples of the files,
that is: of the recording's clock after what was cut off its beginning. Ids are the house's own, 32 hex digits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from roomtone.archive import disk
from roomtone.archive.forms import Form
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finished, Finishing, Happening

NAME = "moments.json"
VERSION = 1

SOUND = "sound"
"""What the file of the recording is called, without its ending."""

TRACKS = "tracks"
"""What the file of all participants is called, without its ending."""


@dataclass(frozen=True, slots=True)
class FileNote:
    """One file of sound."""

    name: str
    sha256: str
    """64 lower-case hex digits."""

    size_bytes: int
    channels: tuple[str, ...]
    """The tracks in it, by their names, one for each channel."""

    @property
    def form(self) -> Form:
        """How it is coded."""
        return Form(self.name.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened."""

    sample: int
    kind: str
    call: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """A span that was silenced for good: from its first sample to the one after its last."""

    from_sample: int
    to_sample: int


@dataclass(frozen=True, slots=True)
class Sidecar:
    """All of it."""

    recording: str
    rate_hz: int
    samples: int
    began_unix_ms: int
    """Wall clock of the files' first sample."""

    cut_samples: int = 0
    """What was cut off the beginning."""

    lost_samples: int = 0
    """Silent because the disk did not keep up, before anything was cut off."""

    files: tuple[FileNote, ...] = ()
    """None: there is nothing but silence, and nothing was kept."""

    moments: tuple[Moment, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    version: int = VERSION

    def file(self, stem: str) -> FileNote | None:
        """Find a file by its name without the ending."""
        return next((one for one in self.files if one.name.rpartition(".")[0] == stem), None)

    def with_files(self, files: tuple[FileNote, ...]) -> Sidecar:
        """Give the same with other files."""
        return replace(self, files=files)

    @property
    def finished(self) -> Finished:
        """Say it as whoever ordered the recording wants to hear it."""
        sound = self.file(SOUND)
        return Finished(
            recording=RecordingId.from_hex(self.recording),
            channels=1 if sound is None else len(sound.channels),
            duration_ms=self.samples * 1_000 // self.rate_hz,
            size_bytes=0 if sound is None else sound.size_bytes,
            sha256="" if sound is None else sound.sha256,
            cut_samples=self.cut_samples,
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


def _moment(happening: Happening, first: int, samples: int) -> Moment:
    """Give the moment in samples of the files; what happened in what was cut off is at their ends."""
    call = None if happening.call is None else happening.call.hex
    at = min(max(0, happening.sample - first), samples)
    return Moment(at, happening.kind.value, call, happening.label)


def read(folder: Path) -> Sidecar | None:
    """Read a folder's sidecar; None: it has none that is whole, so the recording is not finished."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Sidecar)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def write(folder: Path, sidecar: Sidecar) -> None:
    """Put a sidecar in its place, whole and for good."""
    disk.write_whole(folder / NAME, msgspec.json.format(msgspec.json.encode(sidecar), indent=1))
