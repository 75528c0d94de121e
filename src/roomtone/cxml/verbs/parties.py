"""Number, Sip, Client: those whom a Dial rings, all at once or one after the other.

Whether somebody may be called at all is not decided here; here it is only read whom the document means. What comes from
a document and would go into a SIP message holds no control characters.

Sources: SignalWire cXML "Number", "Sip"; Twilio TwiML "Number", "Sip", "Client".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from roomtone.core.values import Document, Method
from roomtone.cxml.attributes import (
    Attribute,
    Table,
    integer,
    location,
    method,
    plain,
    word_set,
)
from roomtone.cxml.oddities import Oddity

TOPICS = ("initiated", "ringing", "answered", "completed")
"""What `statusCallback` may be told of."""

CODECS = ("OPUS", "G722", "PCMU", "PCMA", "L16")
"""Names in SDP of what may be offered."""

MAX_PARTIES = 10
MAX_URI = 255
MAX_HEADERS = 1_024
MAX_IDENTITY = 256

_NUMBER = re.compile(r"\+?[0-9*#]{1,20}", re.ASCII)
SIP_URI = re.compile(
    r"(sips?):([^\s@<>\"?;]{1,128})@([A-Za-z0-9.:\[\]-]{1,128})((?:;[^\s<>\"?]*)?)", re.ASCII
)
_IDENTITY = re.compile(r"[A-Za-z0-9_.+@!~'*()%-]+", re.ASCII)
_KEYS = re.compile(r"[0-9A-D*#wW]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ringing:
    """What every party may be told to do besides being rung."""

    url: str | None = None
    """Absolute URL of a document that the called party hears, alone, before they are connected."""

    method: Method = Method.POST
    callback_url: str | None = None
    """Absolute URL that is told of the called party's call."""

    callback_method: Method = Method.POST
    callback_topics: tuple[str, ...] = ("completed",)
    machine_detection: str | None = None
    """As written; detection is not there yet."""

    @property
    def document(self) -> Document | None:
        """What the called party hears first."""
        return None if self.url is None else Document(self.url, self.method)


@dataclass(frozen=True, slots=True)
class Number:
    """Somebody by their number."""

    number: str
    """Digits, with ``+`` before E.164; spaces and the like are taken out."""

    ringing: Ringing = Ringing()
    send_digits: str | None = None
    """Keys to send after the answer, ``w`` for half a second's pause."""

    byoc: str | None = None


@dataclass(frozen=True, slots=True)
class Sip:
    """Somebody by their SIP URI."""

    uri: str
    """``sip:user@host[:port][;parameters]``, without headers."""

    ringing: Ringing = Ringing()
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    """To go into the INVITE; names begin with ``X-`` or are ``User-to-User``."""

    codecs: tuple[str, ...] = ()
    """The only ones to offer, upper case; none: all there are."""

    session_timeout_s: int = 600
    byoc: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who registered under a name."""

    identity: str
    ringing: Ringing = Ringing()
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to the phone, as headers ``X-Name``: names fit into one, values are printable."""

    notification_url: str | None = None


Party = Number | Sip | Client
"""One whom a Dial rings."""


def number_of(text: str) -> str:
    """Read a number.

    Raises:
        ValueError: It is none.
    """
    bare = re.sub(r"[\s().\-/\u00a0]", "", text)
    if not _NUMBER.fullmatch(bare):
        raise ValueError("not a phone number")
    return bare


def sip_of(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Read a SIP URI: itself, and the headers that its query asks for.

    Raises:
        ValueError: It is none, or too long, or asks for a header it may not set.
    """
    uri, _, query = text.strip().partition("?")
    if not SIP_URI.fullmatch(uri) or not uri.isprintable() or len(uri) > MAX_URI:
        raise ValueError(f"not a SIP URI of up to {MAX_URI} characters")
    if len(query) > MAX_HEADERS:
        raise ValueError(f"its headers have more than {MAX_HEADERS} characters")
    headers = tuple(parse_qsl(query, keep_blank_values=True))
    for name, value in headers:
        if not re.fullmatch(r"(?:X-[A-Za-z0-9-]{1,64}|User-to-User)", name, re.ASCII | re.IGNORECASE):
            raise ValueError("its headers must be named X-…")
        if not value.isprintable():
            raise ValueError("its headers hold control characters")
    return uri, headers


def identity_of(text: str) -> str:
    """Read a client's name.

    Raises:
        ValueError: It is none.
    """
    name = text.strip().removeprefix("client:")
    if not _IDENTITY.fullmatch(name) or len(name) > MAX_IDENTITY:
        raise ValueError(f"not a name of 1 to {MAX_IDENTITY} letters, digits and _.+@!~'*()%-")
    return name


def _keys(text: str, _url: str) -> str:
    if not _KEYS.fullmatch(text.strip()):
        raise ValueError("not up to 100 of 0 to 9, A to D, *, #, w and W")
    return text.strip()


def _codecs(text: str, _url: str) -> tuple[str, ...]:
    """Read those of a list that are known here: the others are for other houses."""
    named = (one.strip().partition("@")[0].upper() for one in text.split(","))
    known = tuple(one for one in named if one in CODECS)
    if not known:
        raise ValueError(f"none of {', '.join(CODECS)}")
    return known


def parameter_of(name: str, value: str) -> tuple[str, str]:
    """Read a client's parameter.

    Raises:
        ValueError: It cannot be told to a phone.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name) or not value.isprintable() or len(value) > MAX_HEADERS:
        raise ValueError("needs a name of up to 64 letters, digits and dashes, and a printable value")
    return name, value


IDLE = frozenset({"machineDetection", "byoc", "clientNotificationUrl", "sessionTimeout"})
"""Attributes that are read and have no effect yet."""

RINGING: Table = (
    Attribute("url", "url", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.METHOD_INVALID),
    Attribute("statusCallback", "callback_url", location, Oddity.URL_INVALID),
    Attribute("statusCallbackMethod", "callback_method", method, Oddity.METHOD_INVALID),
    Attribute("statusCallbackEvent", "callback_topics", word_set(*TOPICS)),
    Attribute("machineDetection", "machine_detection", plain),
)
"""Attributes that fill `Ringing`."""

DETECTION = (
    "machineDetectionTimeout", "machineDetectionSpeechThreshold", "machineDetectionSpeechEndThreshold",
    "machineDetectionSilenceTimeout", "amdStatusCallback", "amdStatusCallbackMethod",
)  # fmt: skip
"""Attributes of answering machine detection, without effect."""

_IDLE: Table = tuple(Attribute(name, "idle", plain) for name in DETECTION)

NUMBER: Table = (
    *RINGING,
    *_IDLE,
    Attribute("sendDigits", "send_digits", _keys, Oddity.SEND_DIGITS_INVALID),
    Attribute("byoc", "byoc", plain),
)
SIP: Table = (
    *RINGING,
    *_IDLE,
    Attribute("username", "username", plain),
    Attribute("password", "password", plain),
    Attribute("codecs", "codecs", _codecs),
    Attribute("sessionTimeout", "session_timeout_s", integer(90, 86_400)),
    Attribute("byoc", "byoc", plain),
)
CLIENT: Table = (
    *RINGING,
    *_IDLE,
    Attribute("clientNotificationUrl", "notification_url", location, Oddity.URL_INVALID),
)
QUEUE: Table = (
    Attribute("url", "url", location, Oddity.URL_INVALID),
    Attribute("method", "method", method, Oddity.METHOD_INVALID),
    Attribute("reservationSid", "reservation", plain),
    Attribute("postWorkActivitySid", "activity", plain),
)


QUEUE_IDLE = frozenset({"reservationSid", "postWorkActivitySid"})
"""Attributes of a queue that are read and have no effect."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The noun Queue: whoever waits in a queue the longest."""

    name: str
    url: str | None = None
    """Absolute URL of a document that whoever waited hears, alone, before they are connected."""

    method: Method = Method.POST
    reservation: str | None = None
    activity: str | None = None

    @property
    def document(self) -> Document | None:
        """What whoever waited hears first."""
        return None if self.url is None else Document(self.url, self.method)
