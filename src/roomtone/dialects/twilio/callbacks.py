"""How Twilio tells the news of conferences, calls and recordings.

Sources: Twilio "Conference status callback parameters", "Call status callback parameters".
"""

from __future__ import annotations

from roomtone.core.call.notices import CallNotice
from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceEnded,
    ParticipantLeft,
)
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Participant
from roomtone.core.exchange import Parameters
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.dialects import call_events, recording_events
from roomtone.dialects import conference_events as events
from roomtone.dialects.callers import legacy, standing
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import prefixed as show
from roomtone.dialects.sip_parameters import forwarding
from roomtone.dialects.twilio.call_resources import SOURCES
from roomtone.dialects.twilio.paths import PATHS


def conference_parameters(notice: ConferenceNotice) -> Parameters:
    """Give the parameters of a conference status callback, in order, no name twice."""
    return (
        ("ConferenceSid", show(notice.conference)),
        ("FriendlyName", notice.name),
        ("AccountSid", show(notice.project)),
        ("SequenceNumber", str(notice.sequence)),
        ("Timestamp", rfc2822(notice.at_ms)),
        ("StatusCallbackEvent", events.NAMES[type(notice.event)]),
        *_participant(notice.participant),
        *_particulars(notice),
    )


def call_parameters(notice: CallNotice, house: str = "") -> Parameters:
    """Give the parameters of a call status callback, in order, no name twice."""
    caller = notice.state.caller
    return (
        ("CallSid", show(notice.call)),
        ("AccountSid", show(notice.project)),
        ("CallStatus", call_events.status(notice)),
        ("ApiVersion", VERSION),
        *standing(caller, show),
        *legacy(caller),
        *forwarding(notice.state),
        *call_events.progress(notice),
        *call_events.durations(notice),
        *recording_events.of_call(notice, house, PATHS, show),
        *call_events.sip_result(notice, "SipResponseCode"),
    )


def recording_url(recording: Recording, house: str) -> str:
    """Give the address a recording's sound is fetched from."""
    return recording_events.url(recording, house, PATHS, show)


def recording_parameters(notice: RecordingNotice, house: str) -> Parameters:
    """Give the parameters of a recording status callback, in order, no name twice."""
    state = notice.state
    address = recording_url(state, house)
    return (
        ("AccountSid", show(notice.project)),
        *_recorded(state),
        ("RecordingSid", show(state.id)),
        *recording_events.telling(notice, address, SOURCES[state.source]),
        *_start(state),
        *(() if state.conference is not None else (("RecordingTrack", state.track),)),
    )


def _recorded(state: Recording) -> Parameters:
    if state.conference is not None:
        return (("ConferenceSid", show(state.conference)),)
    return () if state.call is None else (("CallSid", show(state.call)),)


def _start(state: Recording) -> Parameters:
    return () if state.started_ms is None else (("RecordingStartTime", rfc2822(state.started_ms)),)


def _participant(participant: Participant | None) -> Parameters:
    if participant is None:
        return ()
    label = () if participant.label is None else (("ParticipantLabel", participant.label),)
    return (("CallSid", show(participant.call)), *events.flags(participant), *label)


def _particulars(notice: ConferenceNotice) -> Parameters:
    match notice.event:
        case ConferenceEnded() as event:
            return _ending(event, notice.ended_by_label)
        case ParticipantLeft() as event:
            return events.leaving(event)
        case AnnouncementEnded(url=url):
            return (("AnnounceUrl", url),)
        case AnnouncementFailed(url=url, problem=problem):
            return (("AnnounceUrl", url), ("ReasonAnnouncementFailed", problem))
        case _:
            return ()


def _ending(event: ConferenceEnded, label: str | None) -> Parameters:
    named = () if label is None else (("ParticipantLabelEndingConference", label),)
    call = "" if event.call is None else show(event.call)
    text = events.END_TEXTS[event.reason].format(call=call)
    return (*events.ending(event, show), *named, ("Reason", text))
