"""What both vendors tell of a recording alike: status, length, channels, and where its sound is.

Sources: Twilio "recordingStatusCallback"; SignalWire cXML "Conference", "Dial", "Record" (recordingStatusCallback).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import CallTopic
from roomtone.core.exchange import Parameters
from roomtone.core.ids import Id, ProjectId, RecordingId
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording, RecordingFault, RecordingStatus
from roomtone.core.recording.wishes import RecordingTopic
from roomtone.dialects.paths import Paths

STATUSES: Mapping[RecordingTopic, str] = MappingProxyType(
    {
        RecordingTopic.IN_PROGRESS: "in-progress",
        RecordingTopic.PAUSED: "paused",
        RecordingTopic.RESUMED: "in-progress",
        RecordingTopic.STOPPED: "stopped",
        RecordingTopic.COMPLETED: "completed",
        RecordingTopic.ABSENT: "absent",
        RecordingTopic.FAILED: "failed",
    }
)
"""``RecordingStatus`` of each piece of news."""

ERROR_CODES: Mapping[RecordingFault, int] = MappingProxyType(
    {
        RecordingFault.EMPTY: 16101,
        RecordingFault.SILENT: 16102,
        RecordingFault.NOT_TAKEN: 16114,
        RecordingFault.DISK_FULL: 16114,
        RecordingFault.CANNOT_WRITE: 16114,
        RecordingFault.UNREADABLE: 16114,
    }
)
"""Why there is no sound: too short, silent, or in no state to be had (Twilio error dictionary)."""


def status_in_resources(recording: Recording) -> str:
    """Give the status that a resource has: neither vendor's resources know ``failed``."""
    if recording.status is RecordingStatus.FAILED:
        return RecordingStatus.ABSENT.value
    return recording.status.value


def error_code(recording: Recording) -> int | None:
    """Give the number of what is wrong with it; None: nothing is."""
    return None if recording.fault is None else ERROR_CODES[recording.fault]


def url(recording: Recording, house: str, paths: Paths, show: Callable[[Id], str]) -> str:
    """Give the address its sound is fetched from; with ``.wav`` or ``.mp3`` behind it, in that form."""
    return _address(recording.project, recording.id, house, paths, show)


def _address(
    project: ProjectId, recording: RecordingId, house: str, paths: Paths, show: Callable[[Id], str]
) -> str:
    return house + paths.media(show(project), "Recordings", show(recording))


def of_call(notice: CallNotice, house: str, paths: Paths, show: Callable[[Id], str]) -> Parameters:
    """Give what the end of a call tells of the recording that was begun with its answer.

    It may still be finished then; its own callback says when its sound is there. Its length is the call's.
    """
    call = notice.state
    if call.recording is None or notice.topic is not CallTopic.COMPLETED:
        return ()
    return (
        ("RecordingUrl", _address(call.project, call.recording, house, paths, show)),
        ("RecordingSid", show(call.recording)),
        ("RecordingDuration", str(call.duration_s or 0)),
    )


def telling(notice: RecordingNotice, address: str, source: str) -> Parameters:
    """Give what is told of a recording's fate; its length only once it is known, its address unless nothing is ever there.

    Args:
        notice: The news.
        address: Of its sound.
        source: What began it, in the vendor's word.
    """
    state = notice.state
    duration = () if state.duration_s is None else (("RecordingDuration", str(state.duration_s)),)
    error = () if state.fault is None else (("ErrorCode", str(ERROR_CODES[state.fault])),)
    where = () if state.soundless else (("RecordingUrl", address),)
    return (
        *where,
        ("RecordingStatus", STATUSES[notice.topic]),
        *duration,
        ("RecordingChannels", str(state.channels)),
        ("RecordingSource", source),
        *error,
    )
