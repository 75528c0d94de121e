"""What is known of the inside of a finished recording: its files, what happened in it and when, what was silenced.

Times are samples of the files, that is: of the recording's clock after what was cut off its beginning. Ids are the
house's own, 32 hex digits, for it is kept as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
    def stem(self) -> str:
        """Its name without the ending."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that happened."""

    sample: int
    kind: str
    call: str | None = None
    label: str | None = None
    at_unix_ms: int | None = field(default=None, compare=False)
    """By the wall clock, which goes on while a recording stands still; None: not known."""


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

    moments: tuple[Noted, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    version: int = VERSION

    def file(self, stem: str) -> FileNote | None:
        """Find a file by its name without the ending."""
        return next((one for one in self.files if one.stem == stem), None)
