"""How Twilio tells a conference's news. Source: Twilio "Conference status callback parameters"."""

from __future__ import annotations

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceEnded,
    ParticipantLeft,
)
from roomtone.core.conference.notices import Notice
from roomtone.core.conference.state import Participant
from roomtone.core.exchange import Parameters
from roomtone.dialects import conference_events as events
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.sids import prefixed as show


def conference_parameters(notice: Notice) -> Parameters:
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


def _participant(participant: Participant | None) -> Parameters:
    if participant is None:
        return ()
    label = () if participant.label is None else (("ParticipantLabel", participant.label),)
    return (("CallSid", show(participant.call)), *events.flags(participant), *label)


def _particulars(notice: Notice) -> Parameters:
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
