"""Recordings: how one is begun, paused and stopped, and the lists' filters.

Sources: SignalWire "Create a Recording", "List all Recordings"; Twilio "Recording resource", "Conference recording".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.listing import RecordingFilter
from roomtone.core.recording.messages import Command, Pause, Resume, Stop
from roomtone.core.recording.wishes import RecordingCallback, RecordingTopic, RecordingWish, Side
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, every
from roomtone.dialects.rules import Rules

DATE_NAMES = frozenset({"DateCreated", "DateCreated<", "DateCreated>"})
"""What the recordings of one call or conference are filtered by."""

FILTER_NAMES = DATE_NAMES | {"CallSid", "ConferenceSid", "IncludeSoftDeleted"}
"""What a project's are. A deleted recording is gone, so ``IncludeSoftDeleted`` changes nothing."""


UPDATE_NAMES = frozenset({"PauseBehavior", "Status"})

_CALLBACK = {"RecordingStatusCallback", "RecordingStatusCallbackMethod", "RecordingStatusCallbackEvent"}

CREATE_NAMES = frozenset({"RecordingChannels", "RecordingTrack", "Trim"} | _CALLBACK)
"""What a call's recording is begun with."""

CREATE_NAMES_OF_CONFERENCE = frozenset({"Trim"} | _CALLBACK)
"""What a conference's is: it has one channel."""

TRIM = ("trim-silence", "do-not-trim")
CHANNELS = ("mono", "dual")
TRACKS = ("inbound", "outbound", "both")
TOPICS: Mapping[str, RecordingTopic] = MappingProxyType(
    {"started": RecordingTopic.IN_PROGRESS, **{topic.value: topic for topic in RecordingTopic}}
)
"""What can be asked for; Twilio's participants have a second word for the beginning."""

COMPLETED = frozenset({RecordingTopic.COMPLETED})


def update(fields: Fields) -> Command:
    """Read the wish to pause, resume or stop a recording.

    Raises:
        Refused: PARAMETER_MISSING: no status; PARAMETER_INVALID: a word that is none.
    """
    status = parameters.one_of(fields, "Status", "in-progress", "paused", "stopped")
    behaviour = parameters.one_of(fields, "PauseBehavior", "skip", "silence")
    match status:
        case None:
            raise Refused(Reason.PARAMETER_MISSING, name="Status")
        case "paused":
            return Pause(standing=behaviour == "skip")
        case "in-progress":
            return Resume()
        case _:
            return Stop()


def wish(fields: Fields, *, trimmed: bool) -> RecordingWish:
    """Read how a call is to be recorded.

    Args:
        fields: The form's.
        trimmed: Whether silence at the ends is cut off unless ``Trim`` is given; the vendors' operations differ.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    trim = parameters.one_of(fields, "Trim", *TRIM)
    return RecordingWish(
        channels=2 if parameters.one_of(fields, "RecordingChannels", *CHANNELS) == "dual" else 1,
        side=Side(parameters.one_of(fields, "RecordingTrack", *TRACKS) or "both"),
        trimmed=trimmed if trim is None else trim == "trim-silence",
        callback=callback(fields, "RecordingStatusCallback", COMPLETED),
    )


def wish_of_conference(fields: Fields, rules: Rules) -> RecordingWish:
    """Read how a conference is to be recorded that is in progress.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    trim = parameters.one_of(fields, "Trim", *TRIM)
    told = callback(fields, "RecordingStatusCallback", rules.conference_recording_topics)
    return RecordingWish(trimmed=trim == "trim-silence", callback=told)


def callback(fields: Fields, name: str, otherwise: frozenset[RecordingTopic]) -> RecordingCallback | None:
    """Read where a recording's news goes; None: nowhere.

    Args:
        fields: The form's.
        name: Of the parameter with the URL; those with ``Method`` and ``Event`` behind it belong to it.
        otherwise: What is told unless it is said.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    url, method = parameters.url(fields, name), parameters.method(fields, f"{name}Method")
    words = [
        word for text in every(fields, f"{name}Event") for word in re.split(r"[ ,]+", text.lower()) if word
    ]
    if set(words) - TOPICS.keys():
        expected = f"of {', '.join(sorted(TOPICS))}"
        raise Refused(Reason.PARAMETER_INVALID, name=f"{name}Event", expected=expected)
    if not url:
        return None
    topics = frozenset(TOPICS[word] for word in words) if words else otherwise
    return RecordingCallback(url, method or Method.POST, topics)


def wanted(fields: Fields) -> RecordingFilter:
    """Read the filters of a project's recordings.

    Raises:
        Refused: PARAMETER_INVALID: no sid of that kind, no boolean, or neither a day nor a moment.
    """
    parameters.boolean(fields, "IncludeSoftDeleted")
    return replace(
        dated(fields),
        call=parameters.sid(fields, "CallSid", CallId),
        conference=parameters.sid(fields, "ConferenceSid", ConferenceId),
    )


def dated(fields: Fields) -> RecordingFilter:
    """Read the filters of the recordings of one call or conference.

    Raises:
        Refused: PARAMETER_INVALID: neither a day nor a moment.
    """
    return RecordingFilter(created=parameters.span(fields, "DateCreated"))
