"""Calls and recordings as SignalWire writes them.

What Roomtone does not measure or charge reads as not known. Source: schemas of SignalWire's Compatibility API
specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, Id
from roomtone.core.recording.state import Recording, RecordingSource
from roomtone.core.values import Direction
from roomtone.dialects.dates import rfc2822, rfc2822_or_none
from roomtone.dialects.dialect import Resource
from roomtone.dialects.number_forms import formatted
from roomtone.dialects.paths import VERSION
from roomtone.dialects.recording_events import error_code, status_in_resources
from roomtone.dialects.sids import dashed as show
from roomtone.dialects.signalwire.paths import PATHS

SOURCES: Mapping[RecordingSource, str] = MappingProxyType(
    {
        RecordingSource.DIAL: "DialVerb",
        RecordingSource.CONFERENCE: "Conference",
        RecordingSource.CALL_MADE: "OutBoundApi",
        RecordingSource.RECORD_VERB: "RecordVerb",
        RecordingSource.CALL_STARTED: "StartCallRecordingApi",
        RecordingSource.CONFERENCE_STARTED: "StartConferenceRecording",
    }
)
"""What began a recording. A conference's own has two words only, both of which are here."""

_UNMEASURED = (
    "audio_in_mos",
    "audio_rtt_avg",
    "audio_rtt_min",
    "audio_rtt_max",
    "audio_out_jitter_min",
    "audio_out_jitter_max",
    "audio_out_jitter_avg",
    "audio_out_lost",
)


def call(call: Call) -> Resource:
    """Write a call. Its duration is a number, 0 until it is over; its direction has two words."""
    path = (show(call.project), "Calls", show(call.id))
    to, from_ = call.caller.to, call.caller.from_
    return {
        "sid": show(call.id),
        "account_sid": show(call.project),
        "date_created": rfc2822(call.created_ms),
        "date_updated": rfc2822(call.updated_ms),
        "parent_call_sid": None if call.caller.parent is None else show(CallId.from_hex(call.caller.parent)),
        "to": to,
        "formatted_to": formatted(to),
        "to_formatted": formatted(to),
        "from": from_,
        "formatted_from": formatted(from_),
        "from_formatted": formatted(from_),
        "phone_number_sid": _shown(call.number),
        "status": call.status.value,
        "start_time": rfc2822_or_none(call.began_ms),
        "end_time": rfc2822_or_none(call.ended_ms),
        "duration": call.duration_s or 0,
        "price": None,
        "price_unit": "USD",
        "direction": "inbound" if call.caller.direction is Direction.INBOUND else "outbound",
        "answered_by": None,
        "api_version": VERSION,
        "forwarded_from": None,
        "caller_name": None,
        "uri": PATHS.item(*path),
        "subresource_uris": {"notifications": None, "recordings": PATHS.item(*path, "Recordings")},
        "annotation": None,
        "group_sid": None,
        "sip_result_code": None if call.sip_status is None else str(call.sip_status),
        **dict.fromkeys(_UNMEASURED),
    }


def recording(recording: Recording) -> Resource:
    """Write a recording of a project."""
    return _recording(recording, (show(recording.project), "Recordings", show(recording.id)))


def call_recording(recording: Recording) -> Resource:
    """Write a recording as one of its call's."""
    assert recording.call is not None, "a call's recording has a call"
    path = ("Calls", show(recording.call), "Recordings", show(recording.id))
    return _recording(recording, (show(recording.project), *path))


def conference_recording(recording: Recording) -> Resource:
    """Write a recording as one of its conference's: it names no call."""
    assert recording.conference is not None, "a conference's recording has a conference"
    path = ("Conferences", show(recording.conference), "Recordings", show(recording.id))
    return {**_recording(recording, (show(recording.project), *path)), "call_sid": None}


def _recording(recording: Recording, path: tuple[str, ...]) -> Resource:
    account, sid = show(recording.project), show(recording.id)
    return {
        "sid": sid,
        "account_sid": account,
        "api_version": VERSION,
        "call_sid": _shown(recording.call),
        "conference_sid": _shown(recording.conference),
        "channel": str(recording.channels),
        "channels": str(recording.channels),
        "date_created": rfc2822(recording.created_ms),
        "date_updated": rfc2822(recording.updated_ms),
        "start_time": rfc2822_or_none(recording.started_ms),
        "end_time": rfc2822_or_none(recording.ended_ms),
        "duration": recording.duration_s or 0,
        "price": None,
        "price_unit": "USD",
        "source": SOURCES[recording.source],
        "status": status_in_resources(recording),
        "error_code": _text(error_code(recording)),
        "uri": PATHS.item(*path),
        "subresource_uris": {"transcriptions": PATHS.item(account, "Recordings", sid, "Transcriptions")},
        "encryption_details": None,
        "trim": "trim-silence" if recording.trimmed else "do-not-trim",
    }


def _shown(id_: Id | None) -> str | None:
    return None if id_ is None else show(id_)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
