"""The wish to call somebody into a conference: every parameter checked, before there is anything that could call.

Source: Twilio "Participant resource", create.
"""

from __future__ import annotations

import re

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters, sids
from roomtone.dialects.fields import Fields, every, last
from roomtone.dialects.participant_forms import coached

BOOLEANS = ("Coaching", "EarlyMedia", "EndConferenceOnExit", "Muted", "Record", "StartConferenceOnEnter")
_METHODS = (
    "AmdStatusCallbackMethod",
    "ConferenceRecordingStatusCallbackMethod",
    "ConferenceStatusCallbackMethod",
    "RecordingStatusCallbackMethod",
    "StatusCallbackMethod",
    "WaitMethod",
)
_URLS = (
    "AmdStatusCallback",
    "ClientNotificationUrl",
    "ConferenceRecordingStatusCallback",
    "ConferenceStatusCallback",
    "RecordingStatusCallback",
    "StatusCallback",
    "WaitUrl",
)
RANGES = {
    "MachineDetectionSilenceTimeout": (2_000, 10_000),
    "MachineDetectionSpeechEndThreshold": (500, 5_000),
    "MachineDetectionSpeechThreshold": (1_000, 6_000),
    "MachineDetectionTimeout": (3, 120),
    "MaxParticipants": (2, 250),
    "TimeLimit": (1, 86_400),
    "Timeout": (5, 600),
}
WORDS = {
    "Beep": ("true", "false", "onEnter", "onExit"),
    "ConferenceRecord": ("true", "false", "record-from-start", "do-not-record"),
    "ConferenceTrim": ("trim-silence", "do-not-trim"),
    "JitterBufferSize": ("off", "small", "medium", "large"),
    "MachineDetection": ("Enable", "DetectMessageEnd"),
    "RecordingChannels": ("mono", "dual"),
    "RecordingTrack": ("inbound", "outbound", "both"),
    "Region": ("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"),
    "Trim": ("trim-silence", "do-not-trim"),
}
EVENTS = {
    "ConferenceRecordingStatusCallbackEvent": {"in-progress", "completed", "failed", "absent"},
    "ConferenceStatusCallbackEvent": {
        "start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement",
    },
    "RecordingStatusCallbackEvent": {
        "started", "in-progress", "paused", "resumed", "stopped", "completed", "failed", "absent",
    },
    "StatusCallbackEvent": {"initiated", "ringing", "answered", "completed"},
}  # fmt: skip
_FREE = {
    "Byoc", "CallReason", "CallToken", "CallerDisplayName", "CallerId", "RecordingConfigurationId", "SipAuthPassword",
    "SipAuthUsername",
}  # fmt: skip

NAMES = frozenset(
    {"CallSidToCoach", "From", "Label", "To"}.union(BOOLEANS, _METHODS, _URLS, RANGES, WORDS, EVENTS, _FREE)
)

LONGEST_LABEL = 128
_PHONE = re.compile(r"\+?[\d .()-]{3,30}", re.ASCII)
_NAMED = re.compile(r"(?:sips?|client|app):\S+", re.IGNORECASE)


def check(fields: Fields) -> None:
    """Check a form, in the order in which a caller would mend it.

    Raises:
        Refused: PARAMETER_MISSING: From or To; PARAMETER_INVALID, METHOD_INVALID, URL_INVALID, LABEL_INVALID,
            COACH_TARGET_MISSING, COACH_TARGET_NOT_PRESENT.
    """
    for name in ("From", "To"):
        _endpoint(fields, name)
    for name in BOOLEANS:
        parameters.boolean(fields, name)
    for name in _METHODS:
        parameters.method(fields, name)
    for name in _URLS:
        parameters.url(fields, name)
    for name, (least, most) in RANGES.items():
        parameters.whole(fields, name, least, most)
    for name, words in WORDS.items():
        parameters.one_of(fields, name, *words)
    for name, events in EVENTS.items():
        _events(fields, name, events)
    _label(fields)
    _coach(fields)


def _endpoint(fields: Fields, name: str) -> None:
    text = (last(fields, name) or "").strip()
    if not text:
        raise Refused(Reason.PARAMETER_MISSING, name=name)
    loose = name == "From"  # a SIP user or a client's name may stand alone there
    if not (loose or _PHONE.fullmatch(text) or _NAMED.fullmatch(text)):
        expected = "a phone number, sip:user@host or client:name"
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=expected)


def _events(fields: Fields, name: str, known: set[str]) -> None:
    words = [word for text in every(fields, name) for word in re.split(r"[ ,]+", text.lower()) if word]
    if not set(words) <= known:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=f"of {', '.join(sorted(known))}")


def _label(fields: Fields) -> None:
    text = last(fields, "Label")
    if not text:
        return
    if len(text) > LONGEST_LABEL or "/" in text or "%2f" in text.lower() or sids.looks_like_call(text):
        raise Refused(Reason.LABEL_INVALID, label=text[:40])


def _coach(fields: Fields) -> None:
    target = last(fields, "CallSidToCoach")
    if target:
        coached(target)
    elif parameters.boolean(fields, "Coaching"):
        raise Refused(Reason.COACH_TARGET_MISSING)
