"""Calls to be made and calls to be steered: what a form wishes.

Parameters of a carrier's or a vendor's magic (answering machines, branded calls, prices) are checked where that is easy,
named in the answer's warning, and left out. Sources: SignalWire "Create a Call", "Update a Call"; Twilio "Call resource".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.call.state import CallCallback, CallStatus, CallTopic
from roomtone.core.call.wishes import LONGEST_S, RING_S, Change, Finish, Instructions, Invitation, Terms, Wish
from roomtone.core.ids import ApplicationId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import parameters, recording_forms, sids
from roomtone.dialects.call_events import NEVER_TOLD, topics
from roomtone.dialects.fields import Fields, every, last

LONGEST_TEXT = 4_000
"""Characters of a document in a form (Twilio: ``Twiml``)."""

TEXTS = ("Twiml", "Laml")
_METHODS = ("Method", "FallbackMethod", "StatusCallbackMethod")
_URLS = ("Url", "FallbackUrl", "StatusCallback")

UNSUPPORTED = frozenset(
    {
        "AsyncAmd", "AsyncAmdPartialResults", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", "Byoc",
        "CallReason", "CallToken", "ClientNotificationUrl", "MachineDetection", "MachineDetectionSilenceTimeout",
        "MachineDetectionSpeechEndThreshold", "MachineDetectionSpeechThreshold", "MachineDetectionTimeout",
        "MachineWordsThreshold", "MaxPricePerMinute",
    }
)  # fmt: skip
"""Known, and without effect: the answer says so."""

_RANGES = {
    "MachineDetectionSilenceTimeout": (2_000, 10_000),
    "MachineDetectionSpeechEndThreshold": (500, 5_000),
    "MachineDetectionSpeechThreshold": (1_000, 6_000),
    "MachineDetectionTimeout": (1, 120),
    "MachineWordsThreshold": (1, 100),
}
"""What numbers of unsupported things may be, the wider of both vendors' ranges."""

_PRICE = re.compile(r"\d+\.?\d{0,4}", re.ASCII)

_QUIET = {"", "false", "none", "off"}
"""What says of an unsupported thing that it is not wanted."""

_ASKING = {"MachineDetection", "AsyncAmd"}
_DETAILS = ("MachineDetection", "MachineWords", "AsyncAmd", "Amd")
"""Parameters that ask for answering machines to be detected, and how the names of those begin that say in which way."""

CREATE_NAMES = frozenset(
    {
        "ApplicationSid",
        "CallerDisplayName",
        "CallerId",
        "From",
        "SendDigits",
        "SipAuthPassword",
        "SipAuthUsername",
        "Record",
    }
    | recording_forms.CREATE_NAMES
    | {"StatusCallbackEvent", "TimeLimit", "Timeout", "To", *TEXTS, *_METHODS, *_URLS}
    | UNSUPPORTED
)
UPDATE_NAMES = frozenset({"Status", "TimeLimit", *TEXTS, *_METHODS, *_URLS})

_KEYS = re.compile(r"[0-9A-D#*wW]{1,32}", re.ASCII)
_PARTY = re.compile(r"[^\s<>\"\x00-\x1f]{1,128}")


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call that is wanted."""

    invitation: Invitation
    instructions: Instructions | None
    """None: those of the application."""

    application: ApplicationId | None
    ignored: tuple[str, ...]
    """Parameters that were given and have no effect."""


def create(fields: Fields) -> CallOrder:
    """Read whom to call, and what for.

    Raises:
        Refused: DESTINATION_MISSING, CALLER_MISSING, CALLER_INVALID, APPLICATION_INVALID, INSTRUCTIONS_MISSING, KEYS_INVALID,
            RING_TIME_INVALID, PRICE_INVALID, PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    for name in ("To", "From"):
        party(fields, name)
    _check_unsupported(fields)
    application = _application(fields)
    instructions = None if application else read_instructions(fields)
    if application is None and instructions is None:
        raise Refused(Reason.INSTRUCTIONS_MISSING)
    return CallOrder(invited(fields), instructions, application, ignored(fields))


def party(fields: Fields, name: str) -> str:
    """Read ``To`` or ``From``, whatever it says.

    Raises:
        Refused: DESTINATION_MISSING, CALLER_MISSING.
    """
    text = (last(fields, name) or "").strip()
    if not text:
        raise Refused(Reason.DESTINATION_MISSING if name == "To" else Reason.CALLER_MISSING)
    return text


def _check_unsupported(fields: Fields) -> None:
    """Refuse what the vendors would refuse, though it has no effect: a form that is wrong is to be noticed here."""
    parameters.one_of(fields, "MachineDetection", "Enable", "DetectMessageEnd", "none", "off")
    for name, (least, most) in _RANGES.items():
        parameters.whole(fields, name, least, most)
    for name in ("AsyncAmd", "AsyncAmdPartialResults"):
        parameters.boolean(fields, name)
    for name in ("AsyncAmdStatusCallback", "ClientNotificationUrl"):
        parameters.url(fields, name)
    parameters.method(fields, "AsyncAmdStatusCallbackMethod")
    price = last(fields, "MaxPricePerMinute")
    if price and not _PRICE.fullmatch(price.strip()):
        raise Refused(Reason.PRICE_INVALID)


def _application(fields: Fields) -> ApplicationId | None:
    text = last(fields, "ApplicationSid")
    read = sids.parse(ApplicationId, text) if text else None
    if text and read is None:
        raise Refused(Reason.APPLICATION_INVALID)
    return read


def invited(fields: Fields) -> Invitation:
    """Read whom to call, as whom and for how long; `To` and `From` are there."""
    from_ = (last(fields, "From") or "").strip()
    if not _PARTY.fullmatch(re.sub(r"[\s().-]", "", from_)):
        raise Refused(Reason.CALLER_INVALID, from_=from_[:80])
    return Invitation(
        to=(last(fields, "To") or "").strip(),
        from_=from_,
        caller_id=parameters.line(fields, "CallerId", 128),
        display_name=parameters.line(fields, "CallerDisplayName", 255) or "",
        timeout_s=_ring_time(fields),
        time_limit_s=_time_limit(fields) or LONGEST_S,
        username=parameters.line(fields, "SipAuthUsername", 256),
        password=parameters.line(fields, "SipAuthPassword", 256),
        callback=_callback(fields),
        keys=_keys(fields),
        record=_recorded(fields),
    )


def _ring_time(fields: Fields) -> int:
    try:
        return parameters.whole(fields, "Timeout", 1, 600) or RING_S
    except Refused:
        raise Refused(Reason.RING_TIME_INVALID) from None


def _time_limit(fields: Fields) -> int | None:
    return parameters.whole(fields, "TimeLimit", 1, 86_400)


def _recorded(fields: Fields) -> RecordingWish | None:
    """Read how the call is recorded from its answer; None: it is not. What is said of it is checked all the same."""
    wish = recording_forms.wish(fields, trimmed=True)
    return wish if parameters.boolean(fields, "Record") else None


def _keys(fields: Fields) -> str:
    """Read what is pressed once they have answered."""
    keys = last(fields, "SendDigits") or ""
    if keys and not _KEYS.fullmatch(keys):
        raise Refused(Reason.KEYS_INVALID)
    return keys


def _callback(fields: Fields) -> CallCallback | None:
    """Read where progress is told; the end alone unless more is asked for."""
    url = parameters.url(fields, "StatusCallback")
    if not url:
        return None
    words = [
        word for text in every(fields, "StatusCallbackEvent") for word in re.split(r"[ ,]+", text) if word
    ]
    unknown = {word.lower() for word in words} - {*CallTopic} - NEVER_TOLD
    if unknown:
        expected = f"of {', '.join(CallTopic)}"
        raise Refused(Reason.PARAMETER_INVALID, name="StatusCallbackEvent", expected=expected)
    method = parameters.method(fields, "StatusCallbackMethod") or Method.POST
    return CallCallback(url, method, topics(words) if words else frozenset({CallTopic.COMPLETED}))


def read_instructions(fields: Fields) -> Instructions | None:
    """Read what a call does: a URL before a text; None: nothing is said of it."""
    for name in _METHODS:
        parameters.method(fields, name)
    url = parameters.url(fields, "Url")
    if url:
        return Instructions(
            Document(url, parameters.method(fields, "Method") or Method.POST), _fallback(fields)
        )
    for name in TEXTS:
        if text := parameters.text(fields, name, LONGEST_TEXT):
            return Instructions(text=text, fallback=_fallback(fields))
    return None


def _fallback(fields: Fields) -> Document | None:
    url = parameters.url(fields, "FallbackUrl")
    return Document(url, parameters.method(fields, "FallbackMethod") or Method.POST) if url else None


def update(fields: Fields) -> Wish | None:
    """Read what is to become of a call; a status before instructions. None: nothing is said.

    Raises:
        Refused: PARAMETER_INVALID: a status that cannot be set, or no length of time; METHOD_INVALID, URL_INVALID.
    """
    terms = Terms(
        parameters.url(fields, "StatusCallback"),
        parameters.method(fields, "StatusCallbackMethod"),
        _time_limit(fields),
    )
    then = _becoming(fields)
    return then if terms == Terms() else Change(terms, then)


def _becoming(fields: Fields) -> Instructions | Finish | None:
    status = last(fields, "Status")
    if status:
        try:
            return Finish(status.strip().lower())
        except ValueError:
            expected = f"{CallStatus.CANCELED} or {CallStatus.COMPLETED}"
            raise Refused(Reason.PARAMETER_INVALID, name="Status", expected=expected) from None
    return read_instructions(fields)


def ignored(fields: Fields, unsupported: frozenset[str] = UNSUPPORTED) -> tuple[str, ...]:
    """List the parameters that were given and have no effect; of a wish and its details the wish alone."""
    given = {name for name in unsupported if (last(fields, name) or "").strip().lower() not in _QUIET}
    if _ASKING & given:
        given = {name for name in given if name in _ASKING or not name.startswith(_DETAILS)}
    return tuple(sorted(given))
