"""What a conference's life means for its recording: when it begins, what it hears, and what its sidecar tells.

Sources: Twilio TwiML "Conference" (record): recording begins when the first two are bridged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceStarted,
    Event,
    ParticipantHeld,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantMuted,
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    ParticipantUnheld,
    ParticipantUnmuted,
)
from roomtone.core.conference.mix import announcement_key
from roomtone.core.conference.state import Conference, Status
from roomtone.core.ids import CallId
from roomtone.core.recording.finishing import HappeningKind
from roomtone.core.recording.messages import Happened, SceneChanged, Signal, SubjectEnded
from roomtone.core.recording.wishes import RecordingWish

KINDS: Mapping[type[Event], HappeningKind] = MappingProxyType(
    {
        ParticipantJoined: HappeningKind.JOIN,
        ParticipantLeft: HappeningKind.LEAVE,
        ParticipantMuted: HappeningKind.MUTE,
        ParticipantUnmuted: HappeningKind.UNMUTE,
        ParticipantHeld: HappeningKind.HOLD,
        ParticipantUnheld: HappeningKind.UNHOLD,
        ParticipantSpeechStarted: HappeningKind.SPEECH_START,
        ParticipantSpeechStopped: HappeningKind.SPEECH_STOP,
        AnnouncementEnded: HappeningKind.ANNOUNCE_END,
        AnnouncementFailed: HappeningKind.ANNOUNCE_END,
    }
)
"""What the sidecar calls an event."""


def begins(conference: Conference, events: Sequence[Event]) -> RecordingWish | None:
    """Say how a conference is to be recorded that has just started; None: it has not, or is not to be."""
    if not any(isinstance(event, ConferenceStarted) for event in events):
        return None
    return conference.record


def scene(conference: Conference) -> SceneChanged:
    """Say who is there, and what plays to everybody."""
    return SceneChanged(
        tuple(one.call for one in conference.participants if one.here),
        tuple(announcement_key(conference.id, one) for one in conference.announcements[:1]),
    )


def roll_call(conference: Conference) -> tuple[Signal, ...]:
    """Give what a recording is told that has just begun: who is there, and how."""
    told: list[Signal] = [scene(conference)]
    for one in conference.participants:
        if one.here:
            told.append(Happened(HappeningKind.JOIN, one.call, one.label))
            told += [Happened(HappeningKind.MUTE, one.call, one.label)] if one.muted else []
            told += [Happened(HappeningKind.HOLD, one.call, one.label)] if one.held else []
    return tuple(told)


def followed(before: Conference, after: Conference, events: Sequence[Event]) -> tuple[Signal, ...]:
    """Give what a recording is told of one step of its conference."""
    told: list[Signal] = [
        Happened(KINDS[type(event)], call, _label(before, after, call))
        for event in events
        if type(event) in KINDS
        for call in (getattr(event, "call", None),)
    ]
    told += (
        Happened(HappeningKind.ANNOUNCE_START, call, _label(before, after, call))
        for call in _announced(before, after)
    )
    if scene(before) != (now := scene(after)):
        told.append(now)
    if after.status is Status.COMPLETED:
        told.append(SubjectEnded())
    return tuple(told)


def _label(before: Conference, after: Conference, call: CallId | None) -> str | None:
    found = None if call is None else after.find(call) or before.find(call)
    return None if found is None else found.label


def _announced(before: Conference, after: Conference) -> Iterator[CallId | None]:
    """Say to whom an announcement begins: it is the first of its queue, and was not."""
    if after.announcements[:1] not in {before.announcements[:1], ()}:
        yield None
    for one in after.participants:
        if one.announcements:
            was = before.find(one.call)
            if was is None or was.announcements[:1] != one.announcements[:1]:
                yield one.call
