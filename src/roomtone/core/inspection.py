"""What was said to customers' servers and what they answered: for whoever wants to know why. Plain values.

Fit to be shown to the project's own people: no password, no key of a signature, nothing of what was said in a recording.
What the signature was over is there to the byte but for those, since a customer whose validator says no compares that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from roomtone.core.call.notices import CallNotice
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.exchange import Parameters
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.notices import Notice
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.transcription import TranscriptionNotice

SHOWN_BYTES = 1_024
"""How much of an answer's beginning is kept."""

DOCUMENT = "document"
"""What a request was for that asked for instructions."""

AUDIO = "audio"
"""What a request was for that asked for sound to play."""


@dataclass(frozen=True, slots=True)
class Said:
    """One request to a customer's server, and what came back."""

    method: str
    url: str
    """Without user, password and fragment; of a GET without what was added to its query."""

    headers: tuple[tuple[str, str], ...] = ()
    """Of those that were sent the ones that are not the same in every request; no authorization."""

    form: Parameters = ()
    """The body of a POST, or what was added to the query of a GET; see `fit`."""

    signed: str = ""
    """Exactly what the signatures in the headers are over, but for what is redacted in `form`."""

    signed_again: bool = False
    """Whether the server let in the former key's signature alone."""

    answered: tuple[tuple[str, str], ...] = ()
    """Headers of the answer, without cookies."""

    body: str = ""
    """The beginning of the answer, as far as it came at once; without what is no UTF-8."""


@dataclass(frozen=True, slots=True)
class About:
    """What a request was about."""

    project: ProjectId
    call: CallId | None = None
    conference: ConferenceId | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the delivery log."""

    about: About
    what: str
    """The event that was told of, as a word (``participant-joined``); `DOCUMENT` or `AUDIO`."""

    event_id: str
    """Of a callback, the same at every attempt; empty for what is no callback."""

    number: int
    """Which attempt it was, from 1."""

    at_ms: int
    """Wall clock at its beginning, ms since 1970 UTC."""

    latency_ms: int
    """From its beginning to the answer or the fault."""

    status: int | None
    """HTTP status of the answer; None: there was none."""

    problem: str | None
    """One sentence when there was no answer, or none of use; None otherwise."""

    said: Said


def said_to_json(said: Said) -> str:
    """Spell what was said."""
    return msgspec.json.encode(said).decode()


def said_from_json(text: str) -> Said:
    """Read what was said.

    Raises:
        ValueError: It is none.
    """
    return msgspec.json.decode(text, type=Said)


def about(notice: Notice) -> About:
    """Say which call and which conference a notice is about; maybe both, as with the recording of a dial."""
    match notice:
        case ConferenceNotice(conference=conference, participant=participant):
            return About(notice.project, None if participant is None else participant.call, conference)
        case CallNotice(call=call):
            return About(notice.project, call)
        case RecordingNotice(state=recording):
            return About(notice.project, recording.call, recording.conference)
        case TranscriptionNotice(state=one, record=record):
            return About(notice.project, one.call, None if record is None else record.conference)
        case _:
            return About(notice.project, notice.state.call, notice.state.conference)


def what(notice: Notice) -> str:
    """Name what a notice tells of, for people."""
    if isinstance(notice, ConferenceNotice):
        return hyphened(type(notice.event).__name__)
    if isinstance(notice, CallNotice | RecordingNotice):
        return f"{'call' if isinstance(notice, CallNotice) else 'recording'}-{notice.topic.value}"
    if isinstance(notice, TranscriptionNotice):
        return f"transcription-{notice.state.status.value}"
    return notice.topic.value


def beginning(body: bytes) -> str:
    """Give the beginning of an answer as text, without the passwords and tokens that a document shows to others."""
    text = body[:SHOWN_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")
    if len(body) >= SHOWN_BYTES:
        text = _CUT_LOGIN.sub(f"//{REDACTED}", text)
    return without_logins(_SECRET.sub(rf"\1{REDACTED}", text))


def without_logins(text: str) -> str:
    """Give a text without the users and passwords of its URLs."""
    return _LOGIN.sub(f"//{REDACTED}@", text)


def fit(form: Parameters, signed: str) -> tuple[Parameters, str]:
    """Give what was sent, and what was signed of it, without what is nobody's to read later.

    What was said in a recording can be silenced or deleted, and must not stay readable here.
    """
    shown = tuple(
        (name, REDACTED if value and name == SPEECH else without_logins(value)) for name, value in form
    )
    for sent, instead in zip(form, shown, strict=True):
        if sent != instead:
            signed = signed.replace("".join(sent), "".join(instead))
            signed = signed.replace(urlencode((sent,)), urlencode((instead,)))
    return shown, signed


REDACTED = "redacted"

SPEECH = "TranscriptionText"
"""The parameter, in both dialects, that says what was said in a recording."""

_SECRET = re.compile(r"""(\b(?:authBearerToken|password)\s*=\s*(["']))(?:(?!\2)[^<])*""")
_LOGIN = re.compile(r"""//[^\s/?#"'<>]*@""")
_CUT_LOGIN = re.compile(r"""//[^\s/?#"'<>@]*:[^\s/?#"'<>@]*\Z""")


def hyphened(name: str) -> str:
    """Give the name of an event's class as a word for people: ``ParticipantJoined`` is ``participant-joined``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
