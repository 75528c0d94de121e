"""The forms that sound is kept and delivered in, and why something could not be made. Loads nothing heavy."""

from __future__ import annotations

import errno
from enum import StrEnum


class Form(StrEnum):
    """How sound is coded; the words are the endings of its files."""

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    OGG = "ogg"

    @property
    def media_type(self) -> str:
        """The content type. Source: Twilio "Recording resource" (audio/x-wav, audio/mpeg); RFC 9639; RFC 7845."""
        return {"wav": "audio/x-wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg"}[
            self.value
        ]


class NotWave(Exception):  # noqa: N818 - a fault of the file, told by its state
    """It is no file of 16-bit PCM; the text says why."""


class Damaged(OSError):  # noqa: N818 - told by its state
    """A finished file has not the sound that its sidecar tells of."""

    def __init__(self, name: str, found: int, wanted: int) -> None:
        super().__init__(errno.EIO, f"{name} is damaged: {found} samples can be read of {wanted}")


class Nothing(Exception):  # noqa: N818 - told by its state
    """There are no tracks, or not one sample."""


class Stopped(Exception):  # noqa: N818 - told by its state
    """The house is being shut; the work is taken up again at the next start."""
