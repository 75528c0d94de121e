"""Conference: the noun that names a room and says how the call enters it.

Sources: SignalWire cXML "Conference"; Twilio TwiML "Conference".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.conference.state import Callback, Topic
from roomtone.core.streaming import StreamWish, socket_location
from roomtone.core.values import Beep, Document, HouseMusic, JitterBuffer, Method, Music, Silence
from roomtone.cxml.attributes import (
    Attribute,
    Table,
    boolean,
    choice,
    integer,
    location,
    method,
    plain,
    resolve,
    word_set,
)
from roomtone.cxml.oddities import Oddity

MAX_NAME = 128
"""Longest name of a room, in characters."""

_BEEPS = {
    "true": Beep(on_enter=True, on_exit=True),
    "false": Beep(on_enter=False, on_exit=False),
    "onEnter": Beep(on_enter=True, on_exit=False),
    "onExit": Beep(on_enter=False, on_exit=True),
}


@dataclass(frozen=True, slots=True)
class Conference:
    """A room by its name, and how to enter it."""

    name: str
    """Trimmed, 1 to `MAX_NAME` characters; belongs to the project."""

    muted: bool = False
    beep: Beep = Beep()
    start_on_enter: bool = True
    end_on_exit: bool = False
    label: str | None = None
    """As written, trimmed; the conference refuses one that is no good."""

    jitter_buffer: JitterBuffer = JitterBuffer.LARGE
    wait_url: str | None = None
    """Absolute URL; ``""``: silence was asked for; None: nothing was said."""

    wait_method: Method = Method.POST
    max_participants: int = 250
    record: str = "do-not-record"
    trim: str = "trim-silence"
    region: str | None = None
    coached: str | None = None
    """The call to coach, in the customer's spelling of its id."""

    callback_url: str | None = None
    callback_method: Method = Method.POST
    callback_topics: tuple[str, ...] = ()
    recording_callback: str | None = None
    recording_callback_method: Method = Method.POST
    recording_callback_topics: tuple[str, ...] | None = None
    """None: nothing was said, and the vendors' defaults differ."""

    event_callback: str | None = None
    stream_url: str | None = None
    streams: tuple[StreamWish, ...] = ()
    """Of the nested nouns."""

    recording_configuration: str | None = None

    @property
    def wait(self) -> Music:
        """What they hear until the conference starts."""
        if self.wait_url is None:
            return HouseMusic()
        return Document(self.wait_url, self.wait_method) if self.wait_url else Silence()

    @property
    def carried(self) -> tuple[StreamWish, ...]:
        """Where its sound is carried: begun with the one who enters first, and not again by who comes later."""
        plain = () if self.stream_url is None else (StreamWish(self.stream_url),)
        return (*plain, *self.streams)

    @property
    def callback(self) -> Callback | None:
        """Where this participant would have the conference's news sent; None: nowhere."""
        if self.callback_url is None:
            return None
        topics = frozenset(Topic(topic) for topic in self.callback_topics)
        return Callback(self.callback_url, self.callback_method, topics)


def _beep(text: str, _url: str) -> Beep:
    try:
        return _BEEPS[text.strip()]
    except KeyError:
        raise ValueError(f"not one of {', '.join(_BEEPS)}") from None


def _jitter_buffer(text: str, _url: str) -> JitterBuffer:
    try:
        return JitterBuffer(text.strip())
    except ValueError:
        raise ValueError(f"not one of {', '.join(JitterBuffer)}") from None


def _wait_url(text: str, url: str) -> str:
    return resolve(text.strip(), url) if text.strip() else ""


ATTRIBUTES: Table = (
    Attribute("muted", "muted", boolean, Oddity.MUTED_INVALID),
    Attribute("beep", "beep", _beep, Oddity.BEEP_INVALID),
    Attribute("startConferenceOnEnter", "start_on_enter", boolean, Oddity.START_ON_ENTER_INVALID),
    Attribute("endConferenceOnExit", "end_on_exit", boolean, Oddity.END_ON_EXIT_INVALID),
    Attribute("participantLabel", "label", plain),
    Attribute(
        "jitterBufferSize",
        "jitter_buffer",
        _jitter_buffer,
        Oddity.CONFERENCE_ATTRIBUTE_INVALID,
    ),
    Attribute("waitUrl", "wait_url", _wait_url, Oddity.WAIT_URL_INVALID),
    Attribute("waitMethod", "wait_method", method, Oddity.WAIT_METHOD_INVALID),
    Attribute("maxParticipants", "max_participants", integer(2, 250), Oddity.CONFERENCE_ATTRIBUTE_INVALID),
    Attribute(
        "record",
        "record",
        choice("do-not-record", "record-from-start", "true", "false"),
        Oddity.CONFERENCE_ATTRIBUTE_INVALID,
    ),
    Attribute("trim", "trim", choice("trim-silence", "do-not-trim"), Oddity.CONFERENCE_TRIM_INVALID),
    Attribute("region", "region", plain),
    Attribute("coach", "coached", plain),
    Attribute("statusCallback", "callback_url", location, Oddity.URL_INVALID),
    Attribute("statusCallbackMethod", "callback_method", method, Oddity.METHOD_INVALID),
    Attribute(
        "statusCallbackEvent",
        "callback_topics",
        word_set(*(topic.value for topic in Topic)),
        Oddity.CONFERENCE_ATTRIBUTE_INVALID,
    ),
    Attribute("recordingStatusCallback", "recording_callback", location, Oddity.URL_INVALID),
    Attribute("recordingStatusCallbackMethod", "recording_callback_method", method, Oddity.METHOD_INVALID),
    Attribute(
        "recordingStatusCallbackEvent",
        "recording_callback_topics",
        word_set("in-progress", "completed", "absent", "failed"),
        Oddity.CONFERENCE_ATTRIBUTE_INVALID,
    ),
    Attribute("eventCallbackUrl", "event_callback", location, Oddity.URL_INVALID),
    Attribute("streamUrl", "stream_url", socket_location, Oddity.URL_INVALID),
    Attribute("recordingConfigurationId", "recording_configuration", plain),
)

IDLE = frozenset({"recordingConfigurationId"})
"""Attributes that are read and have no effect."""
