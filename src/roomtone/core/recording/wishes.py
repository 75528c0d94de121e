"""How somebody wishes to have something recorded. Plain values, kept with the call or conference they are for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.values import Method


class RecordingTopic(StrEnum):
    """What a customer can ask to be told of a recording."""

    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    COMPLETED = "completed"
    """Its sound can be fetched."""

    ABSENT = "absent"
    """There is no sound: nothing was recorded, or nothing but silence."""

    FAILED = "failed"
    """It could not be recorded, or not to its end."""


@dataclass(frozen=True, slots=True)
class RecordingCallback:
    """Where a recording's news goes."""

    url: str
    """Absolute http or https URL, as configured."""

    method: Method = Method.POST
    topics: frozenset[RecordingTopic] = frozenset({RecordingTopic.COMPLETED})


class Side(StrEnum):
    """Which of the two directions of a call is recorded."""

    INBOUND = "inbound"
    """What comes from the call's phone."""

    OUTBOUND = "outbound"
    """What is sent to it."""

    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Transcribing:
    """That what was said is to be written down, once a recording is over."""

    callback: str | None = None
    """Absolute URL that is told; None: nobody is."""


@dataclass(frozen=True, slots=True)
class RecordingWish:
    """What is wished of a recording."""

    channels: int = 1
    """1: one channel; 2: what came from the phone left, and what it heard right."""

    side: Side = Side.BOTH
    """Of a call."""

    trimmed: bool = False
    """Whether silence at both ends is cut off."""

    callback: RecordingCallback | None = None
    transcribing: Transcribing | None = None
    """None: nothing is written down."""
