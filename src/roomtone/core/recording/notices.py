"""Who is owed word of a recording, and where.

Sources: Twilio "recordingStatusCallback"; SignalWire cXML "Conference" (recordingStatusCallbackEvent), "Record".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from roomtone.core.ids import ProjectId, RecordingId
from roomtone.core.moment import Moment
from roomtone.core.recording.messages import (
    Event,
    RecordingAbsent,
    RecordingCompleted,
    RecordingFailed,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from roomtone.core.recording.state import Recording
from roomtone.core.recording.wishes import RecordingTopic
from roomtone.core.values import Method

TOPICS: Mapping[type[Event], RecordingTopic] = MappingProxyType(
    {
        RecordingStarted: RecordingTopic.IN_PROGRESS,
        RecordingPaused: RecordingTopic.PAUSED,
        RecordingResumed: RecordingTopic.RESUMED,
        RecordingStopped: RecordingTopic.STOPPED,
        RecordingCompleted: RecordingTopic.COMPLETED,
        RecordingAbsent: RecordingTopic.ABSENT,
        RecordingFailed: RecordingTopic.FAILED,
    }
)
"""Which topic a customer subscribes to in order to be told of an event."""


@dataclass(frozen=True, slots=True)
class RecordingNotice:
    """One thing a customer is to be told, complete in itself: a later change of the recording does not change it."""

    recording: RecordingId
    project: ProjectId
    state: Recording
    """The recording as it is in the state committed with this."""

    topic: RecordingTopic
    sequence: int
    """From 1, gap-free within the recording."""

    at_ms: int
    url: str
    method: Method

    @property
    def lane(self) -> RecordingId:
        """Whose notices arrive one after the other: this recording's."""
        return self.recording


def notices(
    state: Recording, events: Sequence[Event], now: Moment
) -> tuple[Recording, tuple[RecordingNotice, ...]]:
    """Say what the customer is owed word of after one step.

    Returns:
        The state to commit (its `last_sequence` moved on past these notices), and the notices in order.
    """
    callback = state.callback
    if callback is None:
        return state, ()
    topics = [TOPICS[type(event)] for event in events if TOPICS[type(event)] in callback.topics]
    if not topics:
        return state, ()
    told = replace(state, last_sequence=state.last_sequence + len(topics))
    return told, tuple(
        RecordingNotice(
            state.id, state.project, told, topic, number, now.wall_ms, callback.url, callback.method
        )
        for number, topic in enumerate(topics, state.last_sequence + 1)
    )
