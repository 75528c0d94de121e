"""What the outside tells about calls: signals from the engine, in the house's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.ids import CallId


class EndedBy(StrEnum):
    """Who or what ended a leg."""

    REMOTE = "remote"
    LOCAL = "local"
    TIMEOUT = "timeout"
    TRANSPORT = "transport"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody calls."""

    call: CallId
    """Minted by the engine; identity of the leg, the stream and the seat."""

    from_uri: str
    from_display: str
    to_uri: str
    request_uri: str
    sip_call_id: str
    sdp: str | None
    """Their offer; None: they want ours (a late offer)."""

    headers: tuple[tuple[str, str], ...]
    transport: str
    source_host: str
    source_port: int


@dataclass(frozen=True, slots=True)
class CallConfirmed:
    """The caller acknowledged our answer."""

    call: CallId
    sdp: str | None = None
    """Their answer, when ours carried the offer (a late offer)."""


@dataclass(frozen=True, slots=True)
class CallReoffered:
    """The caller wants other media: another address, on hold, back again."""

    call: CallId
    sdp: str | None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A leg is over; told exactly once for each leg."""

    call: CallId
    by: EndedBy
    status: int
    """SIP status; 0 for a plain BYE."""

    reason: str
    answered: bool


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key was pressed."""

    call: CallId
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """A source has played to its end."""

    key: str
    turn: int


@dataclass(frozen=True, slots=True)
class StreamWentSilent:
    """No audio packets have come from a caller for this long."""

    call: CallId
    silent_ms: int


@dataclass(frozen=True, slots=True)
class StreamWasHeard:
    """Audio packets come from a caller, for the first time or again."""

    call: CallId


CallSignal = (
    IncomingCall | CallConfirmed | CallReoffered | CallEnded | DigitPressed | SourceEnded | SpeechStarted
    | SpeechStopped | StreamWentSilent | StreamWasHeard
)  # fmt: skip
