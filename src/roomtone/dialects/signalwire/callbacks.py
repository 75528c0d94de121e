"""How SignalWire tells the news of conferences, calls and recordings.

Of conferences: its documented parameters, and the more telling of Twilio's. Receivers ignore what they do not know, and
without SequenceNumber and the reasons an application cannot put leave and end in order. Of calls: its documented
parameters without the counters of their audio. Which words HangupBy and HangupDirection hold is not published: here it
is the one who hung up, and which way the hanging up went as seen from the server.

Sources: SignalWire cXML "Conference", status callback ("first the standard parameters"); "Voice status callback".
"""

from __future__ import annotations

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import CallTopic, HangupParty
from roomtone.core.conference.messages import CallStatus, ConferenceEnded, ParticipantLeft
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Participant
from roomtone.core.exchange import Parameters
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.core.values import Direction
from roomtone.dialects import call_events, recording_events
from roomtone.dialects import conference_events as events
from roomtone.dialects.callers import standing
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import dashed as show
from roomtone.dialects.signalwire.call_resources import SOURCES
from roomtone.dialects.signalwire.paths import PATHS
from roomtone.dialects.sip_parameters import forwarding
from roomtone.dialects.sip_phrases import phrase


def conference_parameters(notice: ConferenceNotice) -> Parameters:
    """Give the parameters of a conference status callback, in order, no name twice."""
    name = events.NAMES[type(notice.event)]
    return (
        ("AccountSid", show(notice.project)),
        ("ApiVersion", VERSION),
        *_participant(notice),
        ("ConferenceSid", show(notice.conference)),
        ("FriendlyName", notice.name),
        ("StatusCallbackEvent", name),
        ("EventName", name),
        ("Timestamp", rfc2822(notice.at_ms)),
        ("SequenceNumber", str(notice.sequence)),
        *_particulars(notice),
    )


def call_parameters(notice: CallNotice, house: str = "") -> Parameters:
    """Give the parameters of a call status callback, in order, no name twice."""
    return (
        ("CallSid", show(notice.call)),
        ("AccountSid", show(notice.project)),
        ("ApiVersion", VERSION),
        ("CallStatus", call_events.status(notice)),
        *standing(notice.state.caller, show),
        *forwarding(notice.state),
        *call_events.progress(notice),
        *call_events.durations(notice),
        *recording_events.of_call(notice, house, PATHS, show),
        *call_events.sip_result(notice, "SipResultCode"),
        *_sip_phrase(notice),
        *_hang_up(notice),
    )


def _sip_phrase(notice: CallNotice) -> Parameters:
    """Give the phrase of the final response: SIP's own for its code, whatever the peer wrote."""
    told = call_events.sip_result(notice, "SipInviteResultPhrase")
    known = phrase(notice.state.sip_status) if told and notice.state.sip_status is not None else None
    return () if known is None else (("SipInviteResultPhrase", known),)


def _hang_up(notice: CallNotice) -> Parameters:
    party = notice.state.hung_up_by
    if notice.topic is not CallTopic.COMPLETED or party is None:
        return ()
    by_peer = party is HangupParty.PEER
    by_caller = by_peer == (notice.state.caller.direction is Direction.INBOUND)
    return (
        ("HangupBy", "caller" if by_caller else "callee"),
        ("HangupDirection", "inbound" if by_peer else "outbound"),
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
    )


def _recorded(state: Recording) -> Parameters:
    call = () if state.call is None else (("CallSid", show(state.call)),)
    return call if state.conference is None else (*call, ("ConferenceSid", show(state.conference)))


def _participant(notice: ConferenceNotice) -> Parameters:
    who, event = notice.participant, notice.event
    if who is None:
        return ()
    status = event.status if isinstance(event, ParticipantLeft) else CallStatus.IN_PROGRESS
    return (*_standard(who, status), *events.flags(who))


def _standard(participant: Participant, status: CallStatus) -> Parameters:
    return (
        ("CallSid", show(participant.call)),
        ("CallStatus", status.value),
        *standing(participant.caller, show),
    )


def _particulars(notice: ConferenceNotice) -> Parameters:
    match notice.event:
        case ConferenceEnded() as event:
            return events.ending(event, show)
        case ParticipantLeft() as event:
            return events.leaving(event)
        case _:
            return ()
