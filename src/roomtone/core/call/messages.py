"""What the outside tells about calls: signals from the engine, in the house's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.ids import CallId, RecordingId


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
    replaces: CallId | None = None
    """The call whose place it is to take: one that is up."""


@dataclass(frozen=True, slots=True)
class PeerAsked:
    """A peer wants something that is no call: to register, or to have a call of ours go elsewhere (REFER)."""

    request: str
    """Minted by the engine, for the answer."""

    call: CallId | None
    """In whose dialog it came."""

    method: str
    request_uri: str
    from_uri: str
    to_uri: str
    sip_call_id: str
    cseq: int
    headers: tuple[tuple[str, str], ...]
    body: str
    transport: str
    source_host: str
    source_port: int
    flow: str = ""
    """The connection it came over, if it is a REGISTER; empty: over none."""

    def header(self, name: str) -> str | None:
        """Give the first header of a name."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class FlowClosed:
    """A connection that somebody registered over is closed."""

    flow: str


@dataclass(frozen=True, slots=True)
class PeerReplied:
    """A peer has answered a request of ours that is no call."""

    request: str
    """Minted by whoever asked."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallProgressed:
    """Whom we call has been reached: it rings there, or something is heard already."""

    call: CallId
    status: int
    """SIP status, 101 to 199."""

    sdp: str | None = None
    """Their description of early sound, if there is any."""


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """Whom we call has answered."""

    call: CallId
    sdp: str | None
    """Their answer to our offer."""

    sip_call_id: str = ""


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
class CallReanswered:
    """A peer has answered an offer of ours in a call that was up."""

    call: CallId
    status: int
    sdp: str | None
    """Their answer, when they took it."""


@dataclass(frozen=True, slots=True)
class EngineReplaced:
    """Another engine has taken the place of the one that held a call; it knows nothing of it."""

    call: CallId


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A leg is over; told exactly once for each leg."""

    call: CallId
    by: EndedBy
    status: int
    """SIP status; 0 for a plain BYE."""

    reason: str
    answered: bool


class DigitWay(StrEnum):
    """How a key came."""

    RTP = "rtp"
    """As events beside the sound (RFC 4733)."""

    INFO = "info"
    """As a SIP INFO."""

    TONE = "tone"
    """As a tone in the sound."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """A key was pressed."""

    call: CallId
    digit: str
    duration_ms: int
    way: DigitWay = DigitWay.RTP


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """A source has played to its end."""

    key: str
    turn: int


@dataclass(frozen=True, slots=True)
class RecordingOver:
    """The engine has written the last of a recording, or could not go on."""

    recording: RecordingId
    samples: int
    lost_samples: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class StreamWentSilent:
    """No audio packets have come from a caller for this long."""

    call: CallId
    silent_ms: int


@dataclass(frozen=True, slots=True)
class StreamWasHeard:
    """Audio packets come from a caller, for the first time or again."""

    call: CallId


@dataclass(frozen=True, slots=True)
class PeerLeft:
    """The browser at the other end is gone, without a word to whoever carries its calls."""

    call: CallId
    why: str
    """``closed``, ``impostor`` or ``no-consent``."""


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """The counters of a caller's audio since it was opened, and how it fared of late."""

    call: CallId
    packets_received: int
    packets_sent: int
    packets_lost: int
    packets_late: int
    packets_duplicate: int
    packets_refused: int
    jitter_ms: float
    """Interarrival jitter (RFC 3550, A.8)."""

    depth_ms: float
    """Sound that waits in the jitter buffer now."""

    round_trip_ms: float | None
    """To the phone and back, once its reports have told."""

    codec: str | None = None
    mix_delay_ms: float | None = None
    """From a packet's arrival to its mix, on average of late."""

    depths_ms: tuple[float, ...] = ()
    """The greatest depth in each of the last seconds, the latest last."""

    level_db: float | None = None
    """What was heard of late, against full scale; None: nothing was."""


CallSignal = (
    IncomingCall | CallProgressed | CallAnswered | CallConfirmed | CallReoffered | CallReanswered | CallEnded | DigitPressed | SourceEnded | SpeechStarted
    | SpeechStopped | StreamWentSilent | StreamWasHeard | PeerLeft | StreamFigures | PeerAsked | PeerReplied | FlowClosed | RecordingOver
)  # fmt: skip
