"""Audio files that customers keep here: what comes with one. Roomtone's own, so both dialects have the same."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from roomtone.core.audio_file import LARGEST_BYTES
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last

CREATE_NAMES = frozenset({"Content", "ContentType", "FriendlyName"})
LARGEST_BODY = LARGEST_BYTES
"""Bytes of a request that brings a file: as it is, or in base64, which is a third longer."""

_MEDIA_TYPE = re.compile(r"audio/[a-z0-9.+-]{1,60}|application/ogg")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class AudioFileWish:
    """A file that is to be kept."""

    name: str
    content: bytes
    media_type: str
    """Empty: what is said of it says nothing."""


def create(fields: Fields) -> AudioFileWish:
    """Read a file and what is said of it.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID, BODY_TOO_LARGE.
    """
    content = last(fields, "Content")
    if not content:
        raise Refused(Reason.PARAMETER_MISSING, name="Content")
    try:
        decoded = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Reason.PARAMETER_INVALID, name="Content", expected="an audio file in base64") from None
    if len(decoded) > LARGEST_BYTES:
        raise Refused(Reason.BODY_TOO_LARGE, limit=LARGEST_BYTES)
    said = (last(fields, "ContentType") or "").lower()
    name = parameters.line(fields, "FriendlyName", _LONGEST_NAME) or "sound"
    return AudioFileWish(name, decoded, said if _MEDIA_TYPE.fullmatch(said) else "")
