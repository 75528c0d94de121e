"""Calls and recordings as Twilio writes them.

What Roomtone does not measure or charge reads as not known. Source: schemas and examples of Twilio's API specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, Id
from roomtone.core.recording.state import Recording, RecordingSource
from roomtone.dialects.dates import rfc2822, rfc2822_or_none
from roomtone.dialects.dialect import Resource
from roomtone.dialects.number_forms import formatted
from roomtone.dialects.paths import VERSION
from roomtone.dialects.recording_events import error_code, status_in_resources
from roomtone.dialects.sids import prefixed as show
from roomtone.dialects.sip_parameters import forwarded_from
from roomtone.dialects.twilio.paths import PATHS

SOURCES: Mapping[RecordingSource, str] = MappingProxyType(
    {
        RecordingSource.DIAL: "DialVerb",
        RecordingSource.CONFERENCE: "Conference",
        RecordingSource.CALL_MADE: "OutboundAPI",
        RecordingSource.RECORD_VERB: "RecordVerb",
        RecordingSource.CALL_STARTED: "StartCallRecordingAPI",
        RecordingSource.CONFERENCE_STARTED: "StartConferenceRecordingAPI",
    }
)

_SUBRESOURCES = {
    "notifications": "Notifications",
    "recordings": "Recordings",
    "payments": "Payments",
    "events": "Events",
    "siprec": "Siprec",
    "streams": "Streams",
    "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
    "user_defined_messages": "UserDefinedMessages",
}


def call(call: Call) -> Resource:
    """Write a call. Its duration is a text, null until it is over."""
    path = (show(call.project), "Calls", show(call.id))
    return {
        "sid": show(call.id),
        "date_created": rfc2822(call.created_ms),
        "date_updated": rfc2822(call.updated_ms),
        "parent_call_sid": None if call.caller.parent is None else show(CallId.from_hex(call.caller.parent)),
        "account_sid": show(call.project),
        "to": call.caller.to,
        "to_formatted": formatted(call.caller.to),
        "from": call.caller.from_,
        "from_formatted": formatted(call.caller.from_),
        "phone_number_sid": _shown(call.number),
        "status": call.status.value,
        "start_time": rfc2822_or_none(call.began_ms),
        "end_time": rfc2822_or_none(call.ended_ms),
        "duration": _text(call.duration_s),
        "price": None,
        "price_unit": "USD",
        "direction": call.caller.direction.value,
        "answered_by": None,
        "api_version": VERSION,
        "forwarded_from": forwarded_from(call),
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "uri": PATHS.item(*path),
        "subresource_uris": {name: PATHS.item(*path, last) for name, last in _SUBRESOURCES.items()},
    }


def recording(recording: Recording) -> Resource:
    """Write a recording of a project."""
    path = (show(recording.project), "Recordings", show(recording.id))
    names = {"add_on_results": "AddOnResults", "transcriptions": "Transcriptions"}
    return {
        **_recording(recording, path),
        "subresource_uris": {name: PATHS.item(*path, last) for name, last in names.items()},
        "media_url": None,
    }


def call_recording(recording: Recording) -> Resource:
    """Write a recording as one of its call's."""
    assert recording.call is not None, "a call's recording has a call"
    path = ("Calls", show(recording.call), "Recordings", show(recording.id))
    return {**_recording(recording, (show(recording.project), *path)), "track": recording.track}


def conference_recording(recording: Recording) -> Resource:
    """Write a recording as one of its conference's."""
    assert recording.conference is not None, "a conference's recording has a conference"
    path = ("Conferences", show(recording.conference), "Recordings", show(recording.id))
    return _recording(recording, (show(recording.project), *path))


def _recording(recording: Recording, path: tuple[str, ...]) -> Resource:
    return {
        "account_sid": show(recording.project),
        "api_version": VERSION,
        "call_sid": _shown(recording.call),
        "conference_sid": _shown(recording.conference),
        "date_created": rfc2822(recording.created_ms),
        "date_updated": rfc2822(recording.updated_ms),
        "start_time": rfc2822_or_none(recording.started_ms),
        "duration": _text(recording.duration_s),
        "sid": show(recording.id),
        "price": None,
        "price_unit": "USD",
        "status": status_in_resources(recording),
        "channels": recording.channels,
        "source": SOURCES[recording.source],
        "error_code": error_code(recording),
        "uri": PATHS.item(*path),
        "encryption_details": None,
    }


def _shown(id_: Id | None) -> str | None:
    return None if id_ is None else show(id_)


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
