"""What the doors need of whoever keeps the sound of recordings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from roomtone.core.ids import RecordingId


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


class SoundFile(Protocol):
    """A file of sound, as its sidecar has it. See `roomtone.archive.sidecar`."""

    @property
    def name(self) -> str:
        """``sound.wav``, ``tracks.flac``, ``call-HEX.flac``."""

    @property
    def sha256(self) -> str:
        """Its digest."""

    @property
    def size_bytes(self) -> int:
        """How large it is."""

    @property
    def channels(self) -> Sequence[str]:
        """The tracks in it."""


class Moment(Protocol):
    """Something that happened."""

    @property
    def sample(self) -> int:
        """When."""

    @property
    def kind(self) -> str:
        """What."""

    @property
    def call(self) -> str | None:
        """To whom, as 32 hex digits."""

    @property
    def label(self) -> str | None:
        """What they are called."""


class Redaction(Protocol):
    """A span that was silenced."""

    @property
    def from_sample(self) -> int:
        """Its first sample."""

    @property
    def to_sample(self) -> int:
        """The one after its last."""


class Sidecar(Protocol):
    """What is known of a recording's sound. Times are samples of its files."""

    @property
    def rate_hz(self) -> int:
        """Samples a second."""

    @property
    def samples(self) -> int:
        """How long it is."""

    @property
    def began_unix_ms(self) -> int:
        """Wall clock of the first sample."""

    @property
    def cut_samples(self) -> int:
        """What was cut off the beginning."""

    @property
    def lost_samples(self) -> int:
        """Silent because the disk did not keep up."""

    @property
    def files(self) -> Sequence[SoundFile]:
        """Its files."""

    @property
    def moments(self) -> Sequence[Moment]:
        """What happened."""

    @property
    def redactions(self) -> Sequence[Redaction]:
        """What was silenced."""


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
