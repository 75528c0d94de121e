"""The wish to call somebody into a conference: whom to call, and how they take part.

Source: Twilio "Participant resource", create.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.call.wishes import Invitation
from roomtone.core.conference.messages import Join
from roomtone.core.conference.state import Callback
from roomtone.core.ids import CallId, ParticipantId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Beep, Caller, Document, HouseMusic, JitterBuffer, Method, Music, Silence
from roomtone.dialects import parameters, sids
from roomtone.dialects.call_orders import ignored, invited, party
from roomtone.dialects.conference_forms import topics
from roomtone.dialects.fields import Fields, every, last
from roomtone.dialects.participant_forms import coached
from roomtone.dialects.recording_forms import TRIM, callback
from roomtone.dialects.rules import Rules

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
LARGEST = 250
"""Participants of a conference at most, unless told fewer."""

_PHONE = re.compile(r"\+?[\d .()-]{3,30}", re.ASCII)
_NAMED = re.compile(r"(?:sips?|client|app):\S+", re.IGNORECASE)


UNSUPPORTED = frozenset(
    {
        "AmdStatusCallback",
        "AmdStatusCallbackMethod",
        "Byoc",
        "CallReason",
        "CallToken",
        "ClientNotificationUrl",
        "MachineDetection",
        "MachineDetectionSilenceTimeout",
        "MachineDetectionSpeechEndThreshold",
        "MachineDetectionSpeechThreshold",
        "MachineDetectionTimeout",
        "RecordingConfigurationId",
    }
)
"""Known, and without effect: the answer says so."""


@dataclass(frozen=True, slots=True)
class ParticipantOrder:
    """Somebody who is to be called in."""

    invitation: Invitation
    fields: Fields
    callback: Callback | None
    """For the conference, if they are the first in it."""

    record: RecordingWish | None
    """For the conference, too."""

    ignored: tuple[str, ...]
    """Parameters that were given and have no effect."""

    def join(self, participant: ParticipantId, call: CallId, caller: Caller) -> Join:
        """Spell how they take part."""
        fields = self.fields
        size = parameters.one_of(fields, "JitterBufferSize", *JitterBuffer)
        target = last(fields, "CallSidToCoach")
        return Join(
            participant=participant,
            call=call,
            caller=caller,
            label=last(fields, "Label") or None,
            muted=bool(parameters.boolean(fields, "Muted")),
            start_on_enter=parameters.boolean(fields, "StartConferenceOnEnter") is not False,
            end_on_exit=bool(parameters.boolean(fields, "EndConferenceOnExit")),
            beep=_BEEPS[(last(fields, "Beep") or "true").lower()],
            wait=_wait(fields),
            coached=coached(target)
            if target and parameters.boolean(fields, "Coaching") is not False
            else None,
            max_participants=parameters.whole(fields, "MaxParticipants", 2, 250) or LARGEST,
            callback=self.callback,
            region=last(fields, "Region") or None,
            jitter_buffer=JitterBuffer(size) if size else JitterBuffer.LARGE,
            early_sound=parameters.boolean(fields, "EarlyMedia") is not False,
            record=self.record,
        )


_BEEPS = {
    "true": Beep(),
    "false": Beep(on_enter=False, on_exit=False),
    "onenter": Beep(on_enter=True, on_exit=False),
    "onexit": Beep(on_enter=False, on_exit=True),
}


def read(fields: Fields, rules: Rules) -> ParticipantOrder:
    """Read whom to call, and how they take part.

    Raises:
        Refused: As `check`, or CALLER_INVALID.
    """
    check(fields)
    unheeded = ignored(fields, UNSUPPORTED)
    return ParticipantOrder(
        invited(fields), fields, _callback(fields, rules), _recorded(fields, rules), unheeded
    )


def _recorded(fields: Fields, rules: Rules) -> RecordingWish | None:
    """Read how the conference is recorded from its start; None: it is not."""
    if (last(fields, "ConferenceRecord") or "").lower() not in {"true", "record-from-start"}:
        return None
    trim = parameters.one_of(fields, "ConferenceTrim", *TRIM)
    told = callback(fields, "ConferenceRecordingStatusCallback", rules.conference_recording_topics)
    return RecordingWish(trimmed=trim != "do-not-trim", callback=told)


def _callback(fields: Fields, rules: Rules) -> Callback | None:
    url = parameters.url(fields, "ConferenceStatusCallback")
    if not url:
        return None
    method = parameters.method(fields, "ConferenceStatusCallbackMethod") or Method.POST
    words = every(fields, "ConferenceStatusCallbackEvent") or ("start end",)
    return Callback(url, method, topics(" ".join(words)) & rules.topics)


def _wait(fields: Fields) -> Music:
    url = parameters.url(fields, "WaitUrl")
    if url is None:
        return HouseMusic()
    return Document(url, parameters.method(fields, "WaitMethod") or Method.POST) if url else Silence()


def check(fields: Fields) -> None:
    """Check a form, in the order in which a caller would mend it.

    Raises:
        Refused: CALLER_MISSING, DESTINATION_MISSING, PARAMETER_INVALID, METHOD_INVALID, URL_INVALID, LABEL_INVALID,
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
    text = party(fields, name)
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
