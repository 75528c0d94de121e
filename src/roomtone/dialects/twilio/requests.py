"""What Twilio says when it asks for a document.

Not sent, since a SIP call does not bring them: the places of the numbers (FromCity …), CallerName, CallToken. Source: Twilio "TwiML: request parameters", "Dial action URL", "Voice fallback".
"""

from __future__ import annotations

from roomtone.core.call.state import Call
from roomtone.core.conference.messages import CallStatus
from roomtone.core.conference.state import Conference, Participant, Topic
from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.dialects.callers import joined, legacy, standing
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import prefixed as show


def voice_parameters(project: Project, call: Call, extra: Parameters = ()) -> Parameters:
    """Give the parameters of a request for a call's document: standard ones, the call's own, then `extra`."""
    standard: Parameters = (
        ("CallSid", show(call.id)),
        ("AccountSid", show(project.id)),
        ("CallStatus", call.status.value),
        ("ApiVersion", VERSION),
        *standing(call.caller, show),
        *legacy(call.caller),
    )
    return joined(standard, call.parameters, _of_dial(extra))


_BRIDGED = frozenset({"completed", "answered"})


def _of_dial(extra: Parameters) -> Parameters:
    """Say of a dial whether anybody was connected where nobody has said so: it failed at once, or a restart ended it."""
    status = dict(extra).get("DialCallStatus")
    return extra if status is None else (*extra, *dial_extras(bridged=status in _BRIDGED))


def soundtrack_parameters(conference: Conference, participant: Participant | None) -> Parameters:
    """Give the parameters of a request for wait, hold or announcement media; None: it is for everybody."""
    whom: Parameters = ()
    if participant is not None:
        whom = (
            ("CallSid", show(participant.call)),
            ("CallStatus", CallStatus.IN_PROGRESS.value),
            *standing(participant.caller, show),
            *legacy(participant.caller),
        )
    return (
        *whom,
        ("AccountSid", show(conference.project)),
        ("ApiVersion", VERSION),
        ("ConferenceSid", show(conference.id)),
        ("FriendlyName", conference.name),
    )


def dial_extras(*, bridged: bool) -> Parameters:
    """Give what ``<Dial>``'s action is told beyond what both vendors tell: whether anybody was connected."""
    return (("DialBridged", "true" if bridged else "false"),)


def default_gender() -> str:
    """Give the gender of the voice of a ``<Say>`` that names none. Source: "Say", voice (default ``man``)."""
    return "male"


def unknown_verb() -> int:
    """Give the number of a verb that is unknown or not there yet."""
    return 12200


def event_topics() -> frozenset[Topic]:
    """Give what a conference's old ``eventCallbackUrl`` is told of (nothing without recordings)."""
    return frozenset()


def unfit_status() -> int:
    """Give the number of a document that the server answered with a status of 400 or more."""
    return 11200
