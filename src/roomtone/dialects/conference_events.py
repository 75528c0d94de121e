"""What both vendors call a conference's events, and the parts of a callback they share.

Sources: Twilio "Conference status callback parameters"; SignalWire cXML "Conference", status callback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceEnded,
    ConferenceStarted,
    Event,
    ParticipantHeld,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantModified,
    ParticipantMuted,
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    ParticipantUnheld,
    ParticipantUnmuted,
)
from roomtone.core.conference.state import EndReason, Participant
from roomtone.core.exchange import Parameters
from roomtone.core.ids import Id
from roomtone.dialects.booleans import write

NAMES: Mapping[type[Event], str] = MappingProxyType(
    {
        ConferenceStarted: "conference-start",
        ConferenceEnded: "conference-end",
        ParticipantJoined: "participant-join",
        ParticipantLeft: "participant-leave",
        ParticipantMuted: "participant-mute",
        ParticipantUnmuted: "participant-unmute",
        ParticipantHeld: "participant-hold",
        ParticipantUnheld: "participant-unhold",
        ParticipantModified: "participant-modify",
        ParticipantSpeechStarted: "participant-speech-start",
        ParticipantSpeechStopped: "participant-speech-stop",
        AnnouncementEnded: "announcement-end",
        AnnouncementFailed: "announcement-fail",
    }
)
"""What ``StatusCallbackEvent`` says of each event."""

END_TEXTS: Mapping[EndReason, str] = MappingProxyType(
    {
        EndReason.VIA_API: "Conference ended via API",
        EndReason.END_ON_EXIT_LEFT: "Participant {call} with endConferenceOnExit left the conference",
        EndReason.END_ON_EXIT_KICKED: "Participant {call} with endConferenceOnExit was removed via API",
        EndReason.LAST_KICKED: "Last participant {call} was removed via API",
        EndReason.LAST_LEFT: "Last participant {call} left the conference",
    }
)
"""What ``Reason`` says to people of each way to end."""


def flags(participant: Participant) -> Parameters:
    """Give the participant's flags that both vendors send."""
    return (
        ("Muted", write(participant.muted)),
        ("Hold", write(participant.held)),
        ("Coaching", write(participant.coaching)),
        ("EndConferenceOnExit", write(participant.end_on_exit)),
        ("StartConferenceOnEnter", write(participant.start_on_enter)),
    )


def ending(event: ConferenceEnded, show: Callable[[Id], str]) -> Parameters:
    """Give why a conference ended, and by whose leaving if it was that."""
    why: Parameters = (("ReasonConferenceEnded", event.reason.value),)
    if event.call is None:
        return why
    return (*why, ("CallSidEndingConference", show(event.call)))


def leaving(event: ParticipantLeft) -> Parameters:
    """Give why a participant left, and how their call fares."""
    return (
        ("ParticipantCallStatus", event.status.value),
        ("ReasonParticipantLeft", event.reason.value),
    )
