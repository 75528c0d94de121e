"""Dial: connect the call to somebody: a conference, one who waits in a queue, or parties who are rung.

Sources: SignalWire cXML "Dial"; Twilio TwiML "Dial".
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
from roomtone.cxml.verbs.conference import Conference
from roomtone.cxml.verbs.parties import Party, Waiting


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the call; the document goes on when the connection is over and the call still up."""

    to: Conference | Waiting | tuple[Party, ...]
    """No parties: none of those named can be called, and the dial fails."""

    action: str | None = None
    """Absolute URL asked for the next document afterwards; None: the next verb."""

    method: Method = Method.POST
    """How `action` is asked."""

    time_limit_s: int = 14_400
    """The connection is ended after so long; 1 to 86 400 seconds."""

    hangup_on_star: bool = False
    """Whether ``*`` ends the connection."""

    timeout_s: int = 30
    """How long parties are rung, or a queue may be empty; no effect on a conference."""

    caller_id: str | None = None
    """As whom parties are called; None: as the caller. No effect on a conference."""

    caller_name: str | None = None
    call_reason: str | None = None
    answer_on_bridge: bool = False
    ring_tone: str | None = None
    record: str = "do-not-record"
    recording_track: str = "both"
    trim: str = "do-not-trim"
    recording_callback: str | None = None
    recording_callback_method: Method = Method.POST
    recording_callback_topics: tuple[str, ...] = ("completed",)
    recording_storage_url: str | None = None
    recording_storage_method: str = "POST"
    recording_configuration: str | None = None
    refer_url: str | None = None
    refer_method: Method = Method.POST
    sequential: bool = False
    """Whether parties are rung one after the other; else all at once."""

    @property
    def conference(self) -> Conference:
        """The conference; asked of a dial into one only."""
        assert isinstance(self.to, Conference), "this dial is not into a conference"
        return self.to


ATTRIBUTES: Table = (
    Attribute("action", "action", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.DIAL_METHOD_INVALID),
    Attribute("timeLimit", "time_limit_s", integer(1, 86_400), Oddity.DIAL_TIME_LIMIT_INVALID),
    Attribute("hangupOnStar", "hangup_on_star", boolean, Oddity.DIAL_HANGUP_ON_STAR_INVALID),
    Attribute("timeout", "timeout_s", integer(5, 600), Oddity.DIAL_TIMEOUT_INVALID),
    Attribute("callerId", "caller_id", plain),
    Attribute("callerName", "caller_name", plain),
    Attribute("callReason", "call_reason", plain),
    Attribute("answerOnBridge", "answer_on_bridge", boolean),
    Attribute("ringTone", "ring_tone", plain),
    Attribute(
        "record",
        "record",
        choice(
            "do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual",
            "record-from-ringing-dual", "true", "false",
        ),
    ),
    Attribute("recordingTrack", "recording_track", choice("both", "inbound", "outbound")),
    Attribute("trim", "trim", choice("do-not-trim", "trim-silence")),
    Attribute("recordingStatusCallback", "recording_callback", location, Oddity.URL_INVALID),
    Attribute("recordingStatusCallbackMethod", "recording_callback_method", method, Oddity.METHOD_INVALID),
    Attribute(
        "recordingStatusCallbackEvent",
        "recording_callback_topics",
        word_set("in-progress", "completed", "absent", "failed"),
    ),
    Attribute("recordingStorageUrl", "recording_storage_url", location, Oddity.URL_INVALID),
    Attribute("recordingStorageUrlMethod", "recording_storage_method", choice("POST", "PUT"), Oddity.METHOD_INVALID),
    Attribute("recordingConfigurationId", "recording_configuration", plain),
    Attribute("referUrl", "refer_url", location, Oddity.URL_INVALID),
    Attribute("referMethod", "refer_method", method, Oddity.METHOD_INVALID),
    Attribute("sequential", "sequential", boolean),
)  # fmt: skip

IDLE = frozenset({"callReason", "recordingConfigurationId", "recordingStorageUrl"})
"""Attributes that are read and have no effect: nothing is branded, and sound is fetched from here."""

NOUNS_TO_COME = frozenset({"Sim", "Application", "WhatsApp", "Verto"})
"""Nouns the vendors have and Roomtone has not yet."""


def action_parameters(status: str) -> Parameters:
    """Give what the `action` URL is told about the dial that ended, in the vendors' spelling.

    After a conference both vendors leave the dialled call's id and duration out.
    """
    return (("DialCallStatus", status),)


def transfer_parameters(target: str) -> Parameters:
    """Give what `referUrl` is told: whom the called party puts in their place."""
    return (("ReferTransferTarget", target),)


def party_parameters(call: str, duration_s: int | None) -> Parameters:
    """Give what the `action` URL is told about the other call, where there was one.

    Args:
        call: Its sid.
        duration_s: How long it lasted, in whole seconds; None: it was never answered, and nothing is told of it.
    """
    told = (("DialCallSid", call),)
    return told if duration_s is None else (*told, ("DialCallDuration", str(duration_s)))


def sip_parameters(call_id: str, status: int | None) -> Parameters:
    """Give what the `action` URL is told about a party that was dialled by its SIP address.

    Args:
        call_id: Of its dialog; empty: it had none.
        status: The final response to its INVITE; None: there was none.
    """
    told = (("DialSipCallId", call_id),) if call_id else ()
    return told if status is None else (*told, ("DialSipResponseCode", str(status)))
