"""The words that cross between the switchboard and the adapters below it: plain values, no behaviour.

They live on the lowest floor because both sides of every port speak them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from roomtone.core.call.messages import CallSignal
from roomtone.core.ids import CallId, ConferenceId, RecordingId
from roomtone.core.project import Project
from roomtone.core.routing import Target, Way
from roomtone.core.values import Method

OnSignal = Callable[[CallSignal], None]
"""How an adapter hands news up; never blocks, never raises."""

Parameters = tuple[tuple[str, str], ...]
"""Form parameters in order, no name twice."""


@dataclass(frozen=True, slots=True)
class Summons:
    """An INVITE in the making: everything but its description."""

    target_uri: str
    from_uri: str
    from_display: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: Parameters = ()
    ring_s: int = 60
    """How long it may ring."""

    keys: str = ""
    """To be pressed once they have answered; ``w`` and ``W`` wait half a second and a second."""

    hop_uri: str | None = None
    """Where to send it, if not to the target's own host."""

    also: tuple[Target, ...] = ()
    """Further places that ring at the same time; the first that answers is the call."""

    codecs: tuple[str, ...] = ()
    """What may be offered, by its name in SDP; none: all there is."""

    otherwise: tuple[Way, ...] = ()
    """Ways to try, in order, when this one leads to nobody who answers."""


class EngineUnavailable(Exception):  # noqa: N818 - a fault of the world, told by its state
    """No engine answers just now."""


class StaleRevision(Exception):  # noqa: N818 - same
    """Somebody else committed this conference or call first: this writer must stop."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Decoded audio."""

    name: str
    """Stable name of exactly this content at this rate (a digest); the same clip is handed over once."""

    rate_hz: int
    pcm: bytes
    """Signed 16-bit little-endian mono."""

    @property
    def duration_s(self) -> float:
        """How long it plays, in seconds."""
        return len(self.pcm) / 2 / self.rate_hz


@dataclass(frozen=True, slots=True)
class PlayClip:
    """Play a clip `loops` times; 0 = for ever."""

    clip: Clip
    loops: int = 1


@dataclass(frozen=True, slots=True)
class PlayTone:
    """Play a sine; duration 0 = for ever."""

    hz: float
    level_db: float
    duration_ms: int


@dataclass(frozen=True, slots=True)
class PlaySilence:
    """Play nothing for a while; duration 0 = for ever."""

    duration_ms: int


Sound = PlayClip | PlayTone | PlaySilence

Room = ConferenceId | CallId
"""What a plan is for: a conference, or a call that is in none and has a private plan."""


@dataclass(frozen=True, slots=True)
class EngineView:
    """What the engine holds, for a brain that has just come back."""

    legs: frozenset[CallId]
    answered: frozenset[CallId]
    streams: frozenset[CallId]
    plans: frozenset[str]
    """Hex of rooms with a plan."""

    sources: frozenset[tuple[str, int]]
    """Key and turn of sources that still play."""

    recordings: frozenset[RecordingId] = frozenset()
    """What it records."""

    browsers: frozenset[CallId] = frozenset()
    """Those of `legs` that have no SIP dialog: browsers that came over HTTP."""

    dialogs: Mapping[CallId, bytes] = field(default_factory=dict)
    """What another engine would need to go on with a call; read by no brain."""


@dataclass(frozen=True, slots=True)
class Reopened:
    """A stream that another engine has taken up."""

    same_port: bool
    """Whether sound comes and goes as before, whoever has been told."""

    port: int
    codec: str
    """What is in it, by its name in SDP, upper case."""

    sealed: bool
    """Whether it is encrypted."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """A question to a customer's server."""

    project: Project
    """Whose it is: decides dialect, time-outs, redirect limit and signing key."""

    url: str
    method: Method
    parameters: Parameters
    """Sent as a form body (POST) or in the query (GET)."""

    audio_only: bool = False
    """Play's own fetch: sends no parameters and takes nothing but audio."""

    call: CallId | None = None
    """Whose document or sound it is; None: it is for everybody in a conference."""

    conference: ConferenceId | None = None
    """Where it is to be heard, if it is asked for by a conference."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to be spoken."""

    text: str
    """Plain."""

    markup: str
    """The same as SSML: inside of a ``<speak>``, escaped; only break, emphasis, p, prosody, s and voice."""

    language: str
    """BCP 47: ``en-US``, ``de``."""

    gender: str | None = None
    """``female`` or ``male``; None: the vendor's default."""

    voice: str = ""
    """What the customer called the voice."""


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """The answer is a document."""

    text: str
    url: str
    """Where it came from in the end: relative URLs inside it are relative to this."""


@dataclass(frozen=True, slots=True)
class FetchedAudio:
    """The answer is audio, already decoded."""

    clip: Clip
    url: str


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """There is no usable answer."""

    code: int
    """The vendors' number of the problem, 11200 … 12400, 13420."""

    problem: str
    """One sentence for people."""

    url: str


Fetched = FetchedDocument | FetchedAudio | FetchFailed
