"""What SignalWire says when it asks for a document. Source: SignalWire cXML guides, "Request parameters"."""

from __future__ import annotations

from roomtone.core.call.state import Call
from roomtone.core.conference.messages import CallStatus
from roomtone.core.conference.state import Conference, Participant, Topic
from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.dialects.callers import joined, standing
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import dashed as show

NOT_SENT = frozenset({"ForwardedFrom", "SipDomain", "SipSourceIp"})
"""What a call may bring along and only Twilio tells."""


def voice_parameters(project: Project, call: Call, extra: Parameters = ()) -> Parameters:
    """Give the parameters of a request for a call's document: standard ones, the call's own, then `extra`."""
    standard: Parameters = (
        ("CallSid", show(call.id)),
        ("AccountSid", show(project.id)),
        ("ApiVersion", VERSION),
        ("CallStatus", call.status.value),
        *standing(call.caller, show),
    )
    own = tuple(pair for pair in call.parameters if pair[0] not in NOT_SENT)
    return joined(standard, own, extra)


def soundtrack_parameters(conference: Conference, participant: Participant | None) -> Parameters:
    """Give the parameters of a request for wait, hold or announcement media; None: it is for everybody."""
    whom: Parameters = ()
    if participant is not None:
        whom = (
            ("CallSid", show(participant.call)),
            ("CallStatus", CallStatus.IN_PROGRESS.value),
            *standing(participant.caller, show),
        )
    return (
        *whom,
        ("AccountSid", show(conference.project)),
        ("ApiVersion", VERSION),
        ("ConferenceSid", show(conference.id)),
        ("FriendlyName", conference.name),
    )


def dial_extras(*, bridged: bool) -> Parameters:  # noqa: ARG001 - the other vendor tells it
    """Give what ``<Dial>``'s action is told beyond what both vendors tell: whether anybody was connected."""
    return ()


def default_gender() -> str:
    """Give the gender of the voice of a ``<Say>`` that names none. Source: "Say", voice (default ``woman``)."""
    return "female"


def unknown_verb() -> int:
    """Give the number of a verb that is unknown or not there yet."""
    return 13750


def event_topics() -> frozenset[Topic]:
    """Give what a conference's old ``eventCallbackUrl`` is told of."""
    return frozenset({Topic.END})


def unfit_status() -> int:
    """Give the number of a document that the server answered with a status of 400 or more."""
    return 11217
