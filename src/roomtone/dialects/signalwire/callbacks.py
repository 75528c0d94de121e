"""How SignalWire tells a conference's news: its documented parameters, and the more telling of Twilio's.

Receivers ignore what they do not know, and without SequenceNumber and the reasons an application cannot put leave and
end in order. Source: SignalWire cXML "Conference", status callback ("first the standard parameters").
"""

from __future__ import annotations

from roomtone.core.conference.messages import CallStatus, ConferenceEnded, ParticipantLeft
from roomtone.core.conference.notices import Notice
from roomtone.core.conference.state import Participant
from roomtone.core.exchange import Parameters
from roomtone.dialects import conference_events as events
from roomtone.dialects.callers import standing
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import dashed as show


def conference_parameters(notice: Notice) -> Parameters:
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


def _participant(notice: Notice) -> Parameters:
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


def _particulars(notice: Notice) -> Parameters:
    match notice.event:
        case ConferenceEnded() as event:
            return events.ending(event, show)
        case ParticipantLeft() as event:
            return events.leaving(event)
        case _:
            return ()
