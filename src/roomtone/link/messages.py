"""The engine protocol, the brain's side. Generated from engine/wire/protocol.toml; do not edit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

VERSION = "1.0"
"""Of the protocol; the major part must be equal on both sides."""


class Codec(StrEnum):
    """What is inside an RTP packet of a stream."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    L16 = "L16"
    OPUS = "OPUS"


class Talks(StrEnum):
    """To whom a seat talks."""

    ROOM = "room"
    CALL = "call"
    NOBODY = "nobody"


class Hears(StrEnum):
    """What a seat hears."""

    ROOM = "room"
    SOURCE = "source"
    NOTHING = "nothing"


class JitterBuffer(StrEnum):
    """How much sound of a seat's peer may wait, so that uneven packets make even sound."""

    OFF = "off"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class DigitSource(StrEnum):
    """How a key came: as events of RFC 4733, as a SIP INFO, or as a tone in the sound."""

    RTP = "rtp"
    INFO = "info"
    TONE = "tone"


class EndedBy(StrEnum):
    """Who or what ended a leg."""

    REMOTE = "remote"
    LOCAL = "local"
    TIMEOUT = "timeout"
    TRANSPORT = "transport"
    INTERNAL = "internal"


class Suite(StrEnum):
    """How SRTP is sealed: AES_CM_128_HMAC_SHA1_80 and _32, AEAD_AES_128_GCM and _256 (RFC 4568, RFC 7714)."""

    CM80 = "cm80"
    CM32 = "cm32"
    GCM128 = "gcm128"
    GCM256 = "gcm256"


class Flow(StrEnum):
    """Direction of media, seen from the engine."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


class Ear(StrEnum):
    """Where sound is taken from. room: what those say together who talk to the room of a conference; no music, no whisper, no beep. said: what one call says to its room: nothing while muted, held or coaching. in: what comes from a call's phone, whoever hears it. out: what is sent to a call's phone."""

    ROOM = "room"
    SAID = "said"
    IN = "in"
    OUT = "out"


class Reel(StrEnum):
    """How a recording runs. running: it records. silent: time goes on, and nothing is heard. standing: time stands still, as if it had not passed."""

    RUNNING = "running"
    SILENT = "silent"
    STANDING = "standing"


class RelayCodec(StrEnum):
    """How sound is coded on a socket; L16 is little-endian."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    L16 = "L16"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """One SIP header, as text."""

    name: str
    value: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One of several places that a call of ours rings at."""

    uri: str
    hop_uri: str | None


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """One SIP socket the engine listens on."""

    transport: str
    host: str
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)]


class OpusFormat(msgspec.Struct, frozen=True, kw_only=True):
    """What the peer wishes of the Opus we send (RFC 7587, section 6.1)."""

    fec: bool
    dtx: bool
    bitrate_bps: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    max_playback_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]


class Security(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of SRTP and SRTCP, each a master key followed by its salt. A key that stays goes on with its count; a new one begins anew. An engine that lacks the suite answers Refused with code unknown-suite."""

    suite: Suite
    send_key: bytes
    receive_key: bytes

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        return f"{type(self).__name__}(…)"


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """How a browser comes in at a stream's own port: by ICE, of which we are the lite side (RFC 8445), and DTLS (RFC 5764); RTP and RTCP together (RFC 5761). The engine and the peer agree on keys by themselves, and until then nothing is sent or heard. Without `fingerprint` the peer's answer is still to come."""

    username: str
    password: bytes
    fingerprint: str | None
    active: bool

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        return f"{type(self).__name__}(…)"


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream sends and receives, as agreed by SDP; always mono. An engine that lacks the codec answers Refused with code unknown-codec."""

    codec: Codec
    payload_type: Annotated[int, msgspec.Meta(ge=0, le=255)]
    digit_payload_type: Annotated[int, msgspec.Meta(ge=0, le=255)] | None
    ptime_ms: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    clock_rate_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)] | None = None
    digit_clock_rate_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)] | None = None
    opus: OpusFormat | None = None
    noise_payload_type: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None


class SeatOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One seat of a plan. `target` is set when talks = call, and who talks to their own call hears themselves; `source` when hears = source."""

    call: str
    talks: Talks
    target: str | None
    hears: Hears
    source: str | None
    overlays: list[str]
    jitter_buffer: JitterBuffer | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a source plays. Exactly one of clip, tone_hz, or neither (silence)."""

    clip: str | None
    loops: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    tone_hz: float | None
    level_db: float
    duration_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]


class LegState(msgspec.Struct, frozen=True, kw_only=True):
    """A SIP leg the engine holds, for a brain that has just come back."""

    call: str
    answered: bool
    from_uri: str
    to_uri: str
    sip_call_id: str
    dialog: bytes | None = None


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """A media stream the engine holds."""

    call: str
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    format: Format
    remote_host: str
    remote_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    flow: Flow
    conference: str | None
    thread: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None
    security: Security | None = None
    door: Door | None = None


class PlanState(msgspec.Struct, frozen=True, kw_only=True):
    """The plan in force for one conference."""

    conference: str
    revision: int
    thread: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A source that is playing or has ended."""

    source: str
    turn: int
    ended: bool


class StreamFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of a stream since it opened, as they were within the last second. As in StreamStatistics."""

    call: str
    packets_received: int
    packets_sent: int
    packets_lost: int
    packets_late: int
    packets_duplicate: int
    packets_refused: int
    jitter_ms: float
    depth_ms: float
    round_trip_ms: float | None
    codec: Codec | None = None
    mix_delay_ms: float | None = None
    depths_ms: list[float] | None = None
    level_db: float | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One place that sound is taken from."""

    ear: Ear
    subject: str


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into one channel: the sum of all that is heard at these places, and of these sources as they play to others."""

    name: str
    heard: list[Heard]
    sources: list[str]
    place: str | None = None


class RecordingState(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that goes on."""

    recording: str
    began_unix_ms: int
    samples: int
    lost_samples: int


class RelayState(msgspec.Struct, frozen=True, kw_only=True):
    """A socket that carries sound, open or being opened."""

    relay: str
    connected: bool


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Hello"):
    """First order on every connection. Reply: Welcome, or Refused when the versions cannot work together."""

    n: int
    protocol: str
    brain: str


class TakeSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="TakeSnapshot"):
    """Reply: Snapshot. On each connection facts wait for the first one and follow it, so that a brain hears of nothing it cannot know yet; facts from before it are in the queue all the same."""

    n: int


class Invite(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Invite"):
    """Call somebody, with this offer. `call` is minted by the brain. Progressed follows for each provisional answer that tells something, then Answered or Ended. HangUp before the answer sends CANCEL. Unanswered after `ring_ms`, it ends by itself, by timeout. Redirections are told as the end, with the addresses; they are not followed."""

    n: int
    call: str
    target_uri: str
    hop_uri: str | None
    from_uri: str
    from_display: str
    to_uri: str
    username: str | None
    password: str | None
    sdp: str
    headers: list[Header]
    ring_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    also: list[Target] | None = None


class Ring(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Ring"):
    """Send 180 Ringing for an incoming leg, or 183 with this SDP."""

    n: int
    call: str
    sdp: str | None


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Answer"):
    """Answer an incoming INVITE, or a re-INVITE told by Reoffered, with 200 and this SDP."""

    n: int
    call: str
    sdp: str


class Refuse(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Refuse"):
    """Answer an incoming INVITE, or a re-INVITE, with this 3xx-6xx status. Refusing a re-INVITE leaves the call up."""

    n: int
    call: str
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    reason: str
    headers: list[Header]


class HangUp(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="HangUp"):
    """End a leg in whatever state: BYE, or a final response. Idempotent. Ended{by=local} follows once."""

    n: int
    call: str
    reason: str


class RestoreLeg(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="RestoreLeg"):
    """Go on with the dialog of a leg that another engine held: told by DialogKept, and read by no brain. It counts as answered and acknowledged. Refused: call-exists, bad-dialog (of an engine that kept them otherwise)."""

    n: int
    call: str
    dialog: bytes


class Reoffer(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Reoffer"):
    """Send a re-INVITE with this offer. Reanswered follows, once. Refused with offer-waits while another offer is unanswered."""

    n: int
    call: str
    sdp: str


class Respond(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Respond"):
    """Answer a request told by Requested with this final status. Refused with unknown-request when nobody waits for it any more."""

    n: int
    request: str
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    reason: str
    headers: list[Header]


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Ask"):
    """Send a request other than INVITE, ACK, BYE and CANCEL: in the dialog of a call, or outside any. Replied follows, once. `request` is minted by the brain."""

    n: int
    request: str
    call: str | None
    method: str
    target_uri: str
    hop_uri: str | None
    from_uri: str
    username: str | None
    password: str | None
    headers: list[Header]
    content_type: str | None
    body: str


class Shun(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Shun"):
    """Drop unread what begins something new (a call, a registration) and comes from this address, for so long; 0: no longer."""

    n: int
    host: str
    for_ms: int


class OpenStream(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="OpenStream"):
    """Open a UDP port for a call. Reply: Opened. Idempotent: an open stream answers with its port."""

    n: int
    call: str
    format: Format
    remote_host: str
    remote_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    flow: Flow
    security: Security | None = None
    shared: bool | None = None
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] | None = None
    door: Door | None = None


class ChangeStream(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="ChangeStream"):
    """Follow a re-INVITE: new address, format or direction; the port stays. The latch opens again. Refused with code address-taken when the stream has the shared port and another there has that peer address already."""

    n: int
    call: str
    format: Format
    remote_host: str
    remote_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    flow: Flow
    security: Security | None = None
    door: Door | None = None


class CloseStream(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="CloseStream"):
    """Close a call's port; StreamStatistics with last = true follows. Idempotent."""

    n: int
    call: str


class ApplyPlan(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="ApplyPlan"):
    """Make a conference's mix match these seats, whole, between two ticks. A plan with a lower revision than the one in force is ignored (reply Done). A stream sits in the plan that named it last. `conference` may be a call's own hex: a private plan for a call that is in no conference."""

    n: int
    conference: str
    revision: int
    seats: list[SeatOrder]
    speech: bool


class DropConference(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="DropConference"):
    """Forget a conference's plan; its streams hear and say nothing until another plan names them. Idempotent."""

    n: int
    conference: str


class LoadClip(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="LoadClip"):
    """Hand over decoded audio in one buffer: signed 16-bit little-endian mono. Idempotent by name."""

    n: int
    clip: str
    rate_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    pcm: bytes


class DropClip(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="DropClip"):
    """Forget a clip; sources that play it go on to their end. Idempotent."""

    n: int
    clip: str


class StartSource(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="StartSource"):
    """Start, or replace, what a source plays. `turn` comes back in SourceEnded. Refused when the clip is unknown."""

    n: int
    source: str
    turn: int
    content: Content


class StopSource(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="StopSource"):
    """End a source without a fact. Idempotent."""

    n: int
    source: str


class PlayOnce(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="PlayOnce"):
    """Play a tone or clip once, over whatever these seats of a conference hear (beeps). No fact follows."""

    n: int
    conference: str
    content: Content
    calls: list[str]


class PressKeys(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="PressKeys"):
    """Send keys to a stream's peer as events of RFC 4733, in place of its sound: `0`-`9` `*` `#` `A`-`D`; `w` and `W` wait 0.5 s and 1 s. Refused when the peer takes no events."""

    n: int
    call: str
    keys: str


class TakeStatistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="TakeStatistics"):
    """Reply: Statistics, of these calls, or of all when none is named; who has no stream, or one so new that nothing was counted, is left out. The engine counts once a second whether it is asked or not: asking costs the mix nothing."""

    n: int
    calls: list[str]


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Record"):
    """Make a recording be so, whole: the latest order counts, so it may be given again. The first begins it, with the next round of the mix. All tracks have one clock: sample n of each was heard at the same moment. Each track is a file NAME.wav in `folder`, mono and 16 bits, playable up to the last second at every moment, and one that was named once goes on to the end, silent when it is named no more. Who does not exist is silent. Reply: Recording. Refused: cannot-write (a file of that name is there, or the folder is not), too-many-recordings, ended, and bad-recording, bad-track, bad-rate."""

    n: int
    recording: str
    folder: str
    rate_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    reel: Reel
    tracks: list[Track]


class EndRecording(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="EndRecording"):
    """End a recording. RecordingEnded follows once its files are whole on the disk. Idempotent."""

    n: int
    recording: str


class OpenRelay(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="OpenRelay"):
    """Connect to a WebSocket server and carry sound to it as JSON text, as the vendors do: `opening` first, then `media` messages of 20 ms for each track that is not skipped, numbered together with all that is sent. Nobody is waited for: what the server does not take in time is dropped, the oldest first, and counted. RelayOpened follows, or RelayClosed. Refused: bad-rate, bad-message, too-many-relays. Idempotent."""

    n: int
    relay: str
    url: str
    addresses: list[str]
    trusted_roots: list[str]
    headers: list[Header]
    opening: list[str]
    stream_sid: str
    tracks: list[Track]
    encoding: RelayCodec
    rate_hz: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    source: str | None
    connect_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    again: list[Annotated[int, msgspec.Meta(ge=0, le=4294967295)]]


class TuneRelay(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="TuneRelay"):
    """Let a relay hear its tracks elsewhere from now on: their names and number stay as they are. What is in both is heard without a gap. Refused: bad-track, cannot-hear. Nothing happens if it is not there."""

    n: int
    relay: str
    tracks: list[Track]


class TellRelay(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="TellRelay"):
    """Send a JSON object to the server (keys pressed), numbered as an opening is. Nothing happens if it is not connected."""

    n: int
    relay: str
    text: str


class CloseRelay(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="CloseRelay"):
    """Send this JSON object, and close. RelayClosed follows. Idempotent."""

    n: int
    relay: str
    farewell: str


class Shutdown(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Shutdown"):
    """End every leg with BYE and exit once they are gone or after `within_ms`."""

    n: int
    within_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]


Order = (
    Hello
    | TakeSnapshot
    | Invite
    | Ring
    | Answer
    | Refuse
    | HangUp
    | RestoreLeg
    | Reoffer
    | Respond
    | Ask
    | Shun
    | OpenStream
    | ChangeStream
    | CloseStream
    | ApplyPlan
    | DropConference
    | LoadClip
    | DropClip
    | StartSource
    | StopSource
    | PlayOnce
    | PressKeys
    | TakeStatistics
    | Record
    | EndRecording
    | OpenRelay
    | TuneRelay
    | TellRelay
    | CloseRelay
    | Shutdown
)


class Done(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Done"):
    """The order was carried out."""

    n: int


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Refused"):
    """The order was not carried out; nothing changed. `code` is stable, `text` is for people."""

    n: int
    code: str
    text: str


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Welcome"):
    """The engine's side of Hello. `instance` is new for each engine process."""

    n: int
    protocol: str
    engine: str
    instance: str
    listeners: list[Listener]
    rtp_first: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    rtp_last: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    codecs: list[Codec] | None = None
    suites: list[Suite] | None = None
    fingerprint: str | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Snapshot"):
    """All the engine holds."""

    n: int
    legs: list[LegState]
    streams: list[StreamState]
    plans: list[PlanState]
    sources: list[SourceState]
    clips: list[str]
    recordings: list[RecordingState] | None = None
    relays: list[RelayState] | None = None


class Opened(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Opened"):
    """The stream's local port."""

    n: int
    call: str
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)]


class Statistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Statistics"):
    """The latest counters of streams, each at most a second old."""

    n: int
    streams: list[StreamFigures]


class Recording(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Recording"):
    """How far a recording is, now that the order was taken."""

    n: int
    recording: str
    began_unix_ms: int
    samples: int


Reply = (
    Done
    | Refused
    | Welcome
    | Snapshot
    | Opened
    | Statistics
    | Recording
)


class IncomingCall(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="IncomingCall"):
    """An INVITE came; 100 Trying is already sent. `call` is minted by the engine. `sdp` is None for a late offer."""

    call: str
    from_uri: str
    from_display: str
    to_uri: str
    request_uri: str
    sip_call_id: str
    sdp: str | None
    headers: list[Header]
    transport: str
    source_host: str
    source_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    replaces: str | None = None


class Requested(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Requested"):
    """A request came that the brain has to answer, by Respond: REGISTER, or REFER or NOTIFY in the dialog of a call. Nobody answering, it is answered 503 after a while."""

    request: str
    call: str | None
    method: str
    request_uri: str
    from_uri: str
    to_uri: str
    sip_call_id: str
    cseq: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    headers: list[Header]
    body: str
    transport: str
    source_host: str
    source_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    flow: str | None = None


class FlowClosed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="FlowClosed"):
    """A connection that a REGISTER came over is closed: nobody is reached by it any more. Those of an engine that is gone are, too, and nobody tells."""

    flow: str


class Replied(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Replied"):
    """The final answer to a request made by Ask; 408 when none came in time, 503 when it could not be sent."""

    request: str
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    reason: str


class Progressed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Progressed"):
    """A call of ours has a provisional answer: it rings (180), or is on its way (183), perhaps with early sound."""

    call: str
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    sdp: str | None


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Answered"):
    """A call of ours was answered, and the answer acknowledged. `sdp` is their answer; None: they sent none."""

    call: str
    sdp: str | None
    sip_call_id: str


class Confirmed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Confirmed"):
    """The peer's ACK for our 200 came: once for each answered INVITE, and again for an answered re-INVITE that made no offer. `sdp` is the peer's answer when our 200 carried the offer (late offer), else None."""

    call: str
    sdp: str | None


class DialogKept(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="DialogKept"):
    """All that another engine needs to go on with a leg: told when it is answered, and again when the peer's address or the session's time changes."""

    call: str
    dialog: bytes


class Reanswered(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Reanswered"):
    """The final answer to a re-INVITE made by Reoffer; 503 when it could not be sent. After 408 and 481 the leg ends, too. Other refusals leave it as it was."""

    call: str
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    sdp: str | None


class Reoffered(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Reoffered"):
    """A re-INVITE (or UPDATE with SDP) came. Reply with Answer or Refuse. `sdp` is None for a late offer."""

    call: str
    sdp: str | None


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Ended"):
    """A leg is over. Exactly one for each leg, always. `status` is a SIP status, 0 for a plain BYE."""

    call: str
    by: EndedBy
    status: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    reason: str
    answered: bool
    contacts: list[str] | None = None


class Digit(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Digit"):
    """A key was pressed (told once, at its end or after 40 ms of it)."""

    call: str
    digit: str
    duration_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    source: DigitSource | None = None


class SpeechStarted(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="SpeechStarted"):
    """Somebody began to speak. Told only for plans with speech = true."""

    call: str


class SpeechStopped(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="SpeechStopped"):
    """Somebody stopped speaking (after a hangover of about half a second)."""

    call: str


class SourceEnded(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="SourceEnded"):
    """A source has played its content to the end."""

    source: str
    turn: int


class StreamSilent(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="StreamSilent"):
    """No RTP has come for this long; told once until packets come again."""

    call: str
    silent_ms: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]


class StreamHeard(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="StreamHeard"):
    """RTP comes again after StreamSilent, or for the first time."""

    call: str
    remote_host: str
    remote_port: Annotated[int, msgspec.Meta(ge=0, le=65535)]


class PeerLeft(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="PeerLeft"):
    """The browser at a stream's door is gone: it said so, the handshake failed, its certificate was another, or it has not consented to be sent anything for 30 s (RFC 7675). Nothing is sent to it any more."""

    call: str
    why: str


class StreamStatistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="StreamStatistics"):
    """Counters of a stream since it opened, told at its end. Engines that know no TakeStatistics tell them every 5 s, too (last = false), and drop those first when the queue of facts is full."""

    call: str
    last: bool
    packets_received: int
    packets_sent: int
    packets_lost: int
    packets_late: int
    packets_duplicate: int
    packets_refused: int
    jitter_ms: float
    depth_ms: float
    round_trip_ms: float | None
    codec: Codec | None = None
    mix_delay_ms: float | None = None
    depths_ms: list[float] | None = None
    level_db: float | None = None


class TickStatistics(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="TickStatistics"):
    """How one real-time thread kept its time since it last told; every 5 s. Lateness is from the moment a tick was due to the moment it began. Dropped first when the queue of facts is full. Brains of protocol 1.0 may not know this fact."""

    thread: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    ticks: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    skipped: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    late_p50_us: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    late_p99_us: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    late_p999_us: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    late_max_us: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    busy_permille: Annotated[int, msgspec.Meta(ge=0, le=4294967295)] | None = None
    streams: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    conferences: Annotated[int, msgspec.Meta(ge=0, le=4294967295)]
    packets_unsent: int
    facts_dropped: int


class Strained(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="Strained"):
    """Whether the real-time threads have as much to do as they should; told when that changes, and again every 5 s while they have. For so long the engine answers new INVITEs with 503 by itself. Brains of protocol 1.0 may not know this fact."""

    strained: bool
    busy_permille: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    skipped_permille: Annotated[int, msgspec.Meta(ge=0, le=65535)]


class FactsDropped(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="FactsDropped"):
    """The queue of facts was full; this many were lost since the last such fact."""

    count: int


class RecordingEnded(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="RecordingEnded"):
    """A recording is over and its files are whole: it was ended, or could not go on (disk-full, cannot-write)."""

    recording: str
    samples: int
    lost_samples: int
    fault: str | None


class RelayOpened(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="RelayOpened"):
    """A socket is open and its opening was sent: for the first time, or again."""

    relay: str
    again: bool


class RelayClosed(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="RelayClosed"):
    """A socket is closed for good. `fault`: none when it was closed by order or by the server after it had opened, else bad-url, refused, timeout, tls, not-a-websocket, broken."""

    relay: str
    by: EndedBy
    fault: str | None
    text: str
    sent_ms: int
    dropped_ms: int


class RelayTold(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="RelayTold"):
    """The server of a two-way socket sent a JSON object that is neither media, mark nor clear."""

    relay: str
    text: str


Fact = (
    IncomingCall
    | Requested
    | FlowClosed
    | Replied
    | Progressed
    | Answered
    | Confirmed
    | DialogKept
    | Reanswered
    | Reoffered
    | Ended
    | Digit
    | SpeechStarted
    | SpeechStopped
    | SourceEnded
    | StreamSilent
    | StreamHeard
    | PeerLeft
    | StreamStatistics
    | TickStatistics
    | Strained
    | FactsDropped
    | RecordingEnded
    | RelayOpened
    | RelayClosed
    | RelayTold
)

Message = Reply | Fact
"""Whatever the engine says."""
