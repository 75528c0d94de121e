"""What both vendors call the events of a call, and the parts of its callback they share.

Sources: Twilio "Call resource" (StatusCallbackEvent), "Call status callback parameters"; SignalWire "Create a Call"
(StatusCallbackEvent), "Voice status callback".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import CallTopic
from roomtone.core.exchange import Parameters
from roomtone.dialects.dates import rfc2822

SOURCE = "call-progress-events"
"""What ``CallbackSource`` always says."""

NEVER_TOLD = frozenset({"ringing_forwarded", "ringing_queued"})
"""Events that SignalWire's forms may name and that never come: nothing is forwarded or queued on its way to a phone."""

STATUSES: Mapping[CallTopic, str] = MappingProxyType(
    {CallTopic.INITIATED: "initiated", CallTopic.RINGING: "ringing", CallTopic.ANSWERED: "in-progress"}
)
"""What ``CallStatus`` says at each event; at the last one it is how the call ended."""


def topics(words: Iterable[str]) -> frozenset[CallTopic]:
    """Read the events of a subscription, in any case; words that are none, and those never told, are left out."""
    known = {topic.value: topic for topic in CallTopic}
    return frozenset(known[word] for text in words if (word := text.strip().lower()) in known)


def status(notice: CallNotice) -> str:
    """Give what ``CallStatus`` says: of an event, not of what has become of the call since."""
    return STATUSES.get(notice.topic, notice.state.status.value)


def progress(notice: CallNotice) -> Parameters:
    """Give which event this is among the call's."""
    return (
        ("Timestamp", rfc2822(notice.at_ms)),
        ("CallbackSource", SOURCE),
        ("SequenceNumber", str(notice.sequence)),
    )


def durations(notice: CallNotice) -> Parameters:
    """Give how long a call that is over has lasted, in seconds and in begun minutes."""
    seconds = notice.state.duration_s
    if notice.topic is not CallTopic.COMPLETED or seconds is None:
        return ()
    return (("CallDuration", str(seconds)), ("Duration", str(-(-seconds // 60))))


def sip_result(notice: CallNotice, name: str) -> Parameters:
    """Give the final response to the INVITE of a call that is over, if there was one, under the vendor's name for it."""
    code = notice.state.sip_status
    if notice.topic is not CallTopic.COMPLETED or code is None:
        return ()
    return ((name, str(code)),)
