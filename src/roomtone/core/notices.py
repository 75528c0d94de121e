"""Whatever a customer may be owed word of, and how it is kept until it is told.

Each kind is made by the machine it tells of (`conference.notices`, `call.notices`, `recording.notices`). What they have in common is read by
the store and the courier: `lane`, `project`, `sequence`, `url`, `method`.

The spelling is that of `roomtone.core.shapes`. Text without a kind is of the time when only conferences had notices.
"""

from __future__ import annotations

from typing import cast

from roomtone.core.call.notices import CallNotice
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.shapes import Shape
from roomtone.core.streaming import StreamNotice
from roomtone.core.transcription import TranscriptionNotice

Notice = ConferenceNotice | CallNotice | RecordingNotice | StreamNotice | TranscriptionNotice
"""One thing a customer is to be told."""

_NOTICE = Shape(Notice, otherwise=ConferenceNotice)


def notice_to_json(notice: Notice) -> str:
    """Spell one notice, with all it tells."""
    return _NOTICE.to_json(notice)


def notice_from_json(text: str) -> Notice:
    """Read a notice.

    Raises:
        ValueError: Of another version, or not a notice.
    """
    return cast("Notice", _NOTICE.from_json(text))
