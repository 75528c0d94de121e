"""Record: let the caller say something, until they press a key, fall silent, or have said enough.

What they say is kept from the tone on, and `action` is told where it is, how long it is, and which key ended it.

Sources: SignalWire cXML "Record"; Twilio TwiML "Record".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.cxml.attributes import (
    Attribute,
    Table,
    boolean,
    choice,
    integer,
    location,
    method,
    plain,
    word_set,
)
from roomtone.cxml.oddities import Oddity
from roomtone.cxml.verbs.gather import KEYS

LONGEST_S = 3_600
HUNG_UP = "hangup"
"""What `Digits` says when the caller hung up."""


@dataclass(frozen=True, slots=True)
class Record:
    """Listen to the caller, then ask for the next document."""

    action: str | None = None
    """Absolute URL that is told what came of it; None: the document's own."""

    method: Method = Method.POST
    """How `action` is asked."""

    timeout_s: int = 5
    """Silence of so long ends it; 1 to 600 seconds."""

    finish_keys: str = "1234567890*#"
    """Each of them ends it; empty: none does."""

    max_length_s: int = LONGEST_S
    """The longest it lasts, 1 to 14 400 seconds."""

    beep: bool = True
    """Whether a tone tells the caller that it begins."""

    trim: str = "trim-silence"
    channels: str = "mono"
    track: str = "inbound"
    callback: str | None = None
    callback_method: Method = Method.POST
    callback_topics: tuple[str, ...] = ("completed",)
    transcribe: bool = False
    transcribe_callback: str | None = None
    """Who is told what was said; whoever is named here wishes it, whatever `transcribe` says."""

    storage_url: str | None = None
    storage_method: str = "POST"
    configuration: str | None = None


def _keys(text: str, _url: str) -> str:
    keys = text.strip()
    if set(keys) - set(KEYS):
        raise ValueError("not of 0 to 9, * and #")
    return keys


def _length(text: str, url: str) -> int:
    return integer(0, 14_400)(text, url) or LONGEST_S  # SignalWire: 0 is the longest


ATTRIBUTES: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.RECORD_METHOD_INVALID),
    Attribute("timeout", "timeout_s", integer(1, 600), Oddity.RECORD_TIMEOUT_INVALID),
    Attribute("finishOnKey", "finish_keys", _keys, Oddity.RECORD_FINISH_ON_KEY_INVALID),
    Attribute("maxLength", "max_length_s", _length, Oddity.RECORD_MAX_LENGTH_INVALID),
    Attribute("playBeep", "beep", boolean, Oddity.RECORD_BEEP_INVALID),
    Attribute("trim", "trim", choice("trim-silence", "do-not-trim")),
    Attribute("recordingChannels", "channels", choice("mono", "dual")),
    Attribute("recordingTrack", "track", choice("inbound", "outbound", "both")),
    Attribute("recordingStatusCallback", "callback", location, Oddity.URL_INVALID),
    Attribute("recordingStatusCallbackMethod", "callback_method", method, Oddity.METHOD_INVALID),
    Attribute(
        "recordingStatusCallbackEvent",
        "callback_topics",
        word_set("in-progress", "completed", "absent", "failed"),
    ),
    Attribute("transcribe", "transcribe", boolean),
    Attribute("transcribeCallback", "transcribe_callback", location, Oddity.URL_INVALID),
    Attribute("storageUrl", "storage_url", location, Oddity.URL_INVALID),
    Attribute("storageUrlMethod", "storage_method", choice("POST", "PUT"), Oddity.METHOD_INVALID),
    Attribute("recordingConfigurationId", "configuration", plain),
)


def action_parameters(duration_s: int, key: str, recording: Parameters = ()) -> Parameters:
    """Give what the `action` URL is told: what was kept, how long it is, and the key that ended it, if one did."""
    told = (*recording, ("RecordingDuration", str(duration_s)))
    return (*told, ("Digits", key)) if key else told


IDLE = frozenset({"storageUrl", "recordingConfigurationId"})
"""Attributes that are read and have no effect."""
