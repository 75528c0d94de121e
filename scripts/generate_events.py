"""Write `docs/reference/events.md`: every callback event and its parameters, as the dialects spell them.

The parameters are those of samples, one for each event, spelled by the functions that spell the real ones.

Usage: ``python scripts/generate_events.py`` writes; ``python scripts/generate_events.py --check`` exits 1 if the page has
drifted from the dialects.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from drift import write_or_check

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call, CallStatus, CallTopic
from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceEnded,
    ConferenceStarted,
    Event,
    ParticipantLeft,
)
from roomtone.core.conference.notices import TOPICS, ConferenceNotice
from roomtone.core.conference.state import EndReason, LeaveReason, Participant
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId, RecordingId
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording, RecordingFault, RecordingSource
from roomtone.core.recording.wishes import RecordingTopic
from roomtone.core.values import Caller, Method
from roomtone.dialects.conference_events import NAMES
from roomtone.dialects.dialect import Dialect
from roomtone.dialects.recording_events import STATUSES
from roomtone.dialects.signalwire import SIGNALWIRE
from roomtone.dialects.twilio import TWILIO

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "events.md"

HEAD = """\
# Events

What customers' servers are told, at which subscription, and with which parameters: those of every such callback, and those that
one event adds. A parameter whose value is unknown is left out where the vendor leaves it out, as
`ForwardedFrom` is of calls that nobody forwarded. How callbacks are delivered is in
[Receive callbacks](../howto/receive-callbacks.md); what the operator's log says is in [Log events](log-events.md). Generated from the
dialects by `scripts/generate_events.py`; do not edit.
"""

_CALL, _ROOM, _OWNER = CallId(1), ConferenceId(2), ProjectId(3)
_CALLER = Caller("+12125550100", "+12125550101")
_PERSON = Participant(ParticipantId(1), _CALL, _CALLER, 1, 1, label="agent")
_OVER = replace(
    Call(_CALL, _OWNER, _CALLER, 1, 1),
    status=CallStatus.COMPLETED, started_ms=1_000, ended_ms=62_000, sip_status=200,
    parameters=(("ForwardedFrom", "+12125550102"),),
)  # fmt: skip

Told = list[tuple[str, str, str, list[str]]]
"""Of each event: subscription, name, whether it is told, its parameters."""


def page() -> str:
    """Write the whole page."""
    parts = [HEAD]
    for dialect, name in ((SIGNALWIRE, "SignalWire"), (TWILIO, "Twilio")):
        parts += [f"## {name}\n"]
        parts += _part("Conferences", "`statusCallbackEvent`, `StatusCallbackEvent`", _conferences(dialect))
        parts += _part("Calls", "`StatusCallbackEvent`", _calls(dialect))
        parts += _part("Recordings", "`RecordingStatusCallbackEvent`", _recordings(dialect))
    return "\n".join(parts)


def _part(title: str, subscribed: str, told: Told) -> Iterator[str]:
    common = [name for name in told[0][2:][1] if all(name in names for *_, names in told)]
    yield f"### {title}\n\nAlways: {_code(common)}.\n\n| {subscribed} | told as | besides |\n|---|---|---|"
    for topic, event, how, names in told:
        yield f"| `{topic}` | {how} `{event}` | {_code(name for name in names if name not in common)} |"
    yield ""


def _code(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _conferences(dialect: Dialect) -> Told:
    return [
        (topic.value, NAMES[kind], "`StatusCallbackEvent`", _names(_conference(dialect, kind)))
        for kind, topic in TOPICS.items()
        if topic in dialect.forms.rules.topics
    ]


def _conference(dialect: Dialect, kind: type[Event]) -> Iterable[tuple[str, str]]:
    event = _event(kind)
    person = _PERSON if getattr(event, "call", None) is not None and kind is not ConferenceEnded else None
    return dialect.callbacks.conference_parameters(
        ConferenceNotice(_ROOM, _OWNER, "Room", 1, 1, "https://x", Method.POST, event, person, "agent")
    )


def _event(kind: type[Event]) -> Event:
    if kind is ConferenceStarted:
        return ConferenceStarted()
    if kind is ConferenceEnded:
        return ConferenceEnded(EndReason.LAST_LEFT, _CALL)
    if kind is ParticipantLeft:
        return ParticipantLeft(_CALL, LeaveReason.HUNG_UP, CallStatus.COMPLETED)
    if kind is AnnouncementEnded:
        return AnnouncementEnded("https://x", _CALL)
    if kind is AnnouncementFailed:
        return AnnouncementFailed("https://x", _CALL, "why")
    return kind(_CALL)  # type: ignore[call-arg]


def _calls(dialect: Dialect) -> Told:
    return [
        (topic.value, word, "`CallStatus`", _names(_call(dialect, topic)))
        for topic, word in zip(CallTopic, ("initiated", "ringing", "in-progress", "completed"), strict=True)
    ]


def _call(dialect: Dialect, topic: CallTopic) -> Iterable[tuple[str, str]]:
    return dialect.callbacks.call_parameters(
        CallNotice(_CALL, _OWNER, _OVER, topic, 0, 1, "https://x", Method.POST), "https://x"
    )


def _recordings(dialect: Dialect) -> Told:
    begun = Recording(
        RecordingId(4), _OWNER, 1, 1, RecordingSource.CONFERENCE, conference=_ROOM, started_ms=1
    )
    told: Told = []
    for topic in RecordingTopic:
        kept = replace(begun, ended_ms=61_001) if topic is RecordingTopic.COMPLETED else begun
        if topic in {RecordingTopic.FAILED, RecordingTopic.ABSENT}:
            kept = replace(begun, fault=RecordingFault.SILENT)
        notice = RecordingNotice(kept.id, _OWNER, kept, topic, 1, 1, "https://x", Method.POST)
        names = _names(dialect.callbacks.recording_parameters(notice, "https://x"))
        told.append((topic.value, STATUSES[topic], "`RecordingStatus`", names))
    return told


def _names(parameters: Iterable[tuple[str, str]]) -> list[str]:
    return [name for name, _ in parameters]


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "the dialects"))
