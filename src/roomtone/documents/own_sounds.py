"""Sounds of the house that the operator keeps in files: what is heard when somebody comes or goes."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from roomtone.core.exchange import Clip
from roomtone.documents.decode import DecodeLimits, NotAudio, decode

LONGEST_S = 10.0
"""A sound that says that somebody has come is over before they have spoken."""

LARGEST_BYTES = 8 << 20


def sound_in(file: Path) -> Clip:
    """Decode an audio file of the operator's.

    Raises:
        ValueError: It cannot be read, or is no audio, or longer than ten seconds; says which file, and why.
    """
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise ValueError(f"{file}: is larger than {LARGEST_BYTES >> 20} MiB")
        body = file.read_bytes()
        return decode(body, mimetypes.guess_type(file.name)[0] or "", DecodeLimits(LONGEST_S))
    except (OSError, NotAudio) as why:
        raise ValueError(f"{file}: {why}") from why
