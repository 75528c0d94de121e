//! The engine protocol, the engine's side. Generated from `engine/wire/protocol.toml`; do not edit.
#![allow(missing_docs, clippy::doc_markdown)]

use serde::{Deserialize, Serialize};

/// Of the protocol; the major part must be equal on both sides.
pub const VERSION: &str = "1.0";

/// What is inside an RTP packet of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Codec {
    #[serde(rename = "PCMU")]
    Pcmu,
    #[serde(rename = "PCMA")]
    Pcma,
    #[serde(rename = "G722")]
    G722,
    #[serde(rename = "L16")]
    L16,
    #[serde(rename = "OPUS")]
    Opus,
}

/// To whom a seat talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Talks {
    #[serde(rename = "room")]
    Room,
    #[serde(rename = "call")]
    Call,
    #[serde(rename = "nobody")]
    Nobody,
}

/// What a seat hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hears {
    #[serde(rename = "room")]
    Room,
    #[serde(rename = "source")]
    Source,
    #[serde(rename = "nothing")]
    Nothing,
}

/// How much sound of a seat's peer may wait, so that uneven packets make even sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JitterBuffer {
    #[serde(rename = "off")]
    Off,
    #[serde(rename = "small")]
    Small,
    #[serde(rename = "medium")]
    Medium,
    #[serde(rename = "large")]
    Large,
}

/// How a key came: as events of RFC 4733, as a SIP INFO, or as a tone in the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DigitSource {
    #[serde(rename = "rtp")]
    Rtp,
    #[serde(rename = "info")]
    Info,
    #[serde(rename = "tone")]
    Tone,
}

/// Who or what ended a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EndedBy {
    #[serde(rename = "remote")]
    Remote,
    #[serde(rename = "local")]
    Local,
    #[serde(rename = "timeout")]
    Timeout,
    #[serde(rename = "transport")]
    Transport,
    #[serde(rename = "internal")]
    Internal,
}

/// How SRTP is sealed: AES_CM_128_HMAC_SHA1_80 and _32, AEAD_AES_128_GCM and _256 (RFC 4568, RFC 7714).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Suite {
    #[serde(rename = "cm80")]
    Cm80,
    #[serde(rename = "cm32")]
    Cm32,
    #[serde(rename = "gcm128")]
    Gcm128,
    #[serde(rename = "gcm256")]
    Gcm256,
}

/// Direction of media, seen from the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Flow {
    #[serde(rename = "sendrecv")]
    Sendrecv,
    #[serde(rename = "sendonly")]
    Sendonly,
    #[serde(rename = "recvonly")]
    Recvonly,
    #[serde(rename = "inactive")]
    Inactive,
}

/// Where sound is taken from. room: what those say together who talk to the room of a conference; no music, no whisper, no beep. said: what one call says to its room: nothing while muted, held or coaching. in: what comes from a call's phone, whoever hears it. out: what is sent to a call's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ear {
    #[serde(rename = "room")]
    Room,
    #[serde(rename = "said")]
    Said,
    #[serde(rename = "in")]
    In,
    #[serde(rename = "out")]
    Out,
}

/// How a recording runs. running: it records. silent: time goes on, and nothing is heard. standing: time stands still, as if it had not passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reel {
    #[serde(rename = "running")]
    Running,
    #[serde(rename = "silent")]
    Silent,
    #[serde(rename = "standing")]
    Standing,
}

/// How sound is coded on a socket; L16 is little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RelayCodec {
    #[serde(rename = "PCMU")]
    Pcmu,
    #[serde(rename = "PCMA")]
    Pcma,
    #[serde(rename = "L16")]
    L16,
}

/// One SIP header, as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// One of several places that a call of ours rings at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub uri: String,
    pub hop_uri: Option<String>,
}

/// One SIP socket the engine listens on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    pub transport: String,
    pub host: String,
    pub port: u16,
}

/// What the peer wishes of the Opus we send (RFC 7587, section 6.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpusFormat {
    pub fec: bool,
    pub dtx: bool,
    pub bitrate_bps: u32,
    pub max_playback_hz: u32,
}

/// Keys of SRTP and SRTCP, each a master key followed by its salt. A key that stays goes on with its count; a new one begins anew. An engine that lacks the suite answers Refused with code unknown-suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Security {
    pub suite: Suite,
    pub send_key: crate::Secret,
    pub receive_key: crate::Secret,
}

/// How a browser comes in at a stream's own port: by ICE, of which we are the lite side (RFC 8445), and DTLS (RFC 5764); RTP and RTCP together (RFC 5761). The engine and the peer agree on keys by themselves, and until then nothing is sent or heard. Without `fingerprint` the peer's answer is still to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Door {
    pub username: String,
    pub password: crate::Secret,
    pub fingerprint: Option<String>,
    pub active: bool,
}

/// What a stream sends and receives, as agreed by SDP; always mono. An engine that lacks the codec answers Refused with code unknown-codec.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Format {
    pub codec: Codec,
    pub payload_type: u8,
    pub digit_payload_type: Option<u8>,
    pub ptime_ms: u16,
    pub clock_rate_hz: Option<u32>,
    pub digit_clock_rate_hz: Option<u32>,
    pub opus: Option<OpusFormat>,
    pub noise_payload_type: Option<u8>,
}

/// One seat of a plan. `target` is set when talks = call, and who talks to their own call hears themselves; `source` when hears = source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatOrder {
    pub call: String,
    pub talks: Talks,
    pub target: Option<String>,
    pub hears: Hears,
    pub source: Option<String>,
    pub overlays: Vec<String>,
    pub jitter_buffer: Option<JitterBuffer>,
}

/// What a source plays. Exactly one of clip, tone_hz, or neither (silence).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    pub clip: Option<String>,
    pub loops: u32,
    pub tone_hz: Option<f32>,
    pub level_db: f32,
    pub duration_ms: u32,
}

/// A SIP leg the engine holds, for a brain that has just come back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegState {
    pub call: String,
    pub answered: bool,
    pub from_uri: String,
    pub to_uri: String,
    pub sip_call_id: String,
    pub dialog: Option<serde_bytes::ByteBuf>,
}

/// A media stream the engine holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamState {
    pub call: String,
    pub port: u16,
    pub format: Format,
    pub remote_host: String,
    pub remote_port: u16,
    pub flow: Flow,
    pub conference: Option<String>,
    pub thread: Option<u16>,
    pub security: Option<Security>,
    pub door: Option<Door>,
}

/// The plan in force for one conference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanState {
    pub conference: String,
    pub revision: u64,
    pub thread: Option<u16>,
}

/// A source that is playing or has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    pub source: String,
    pub turn: u64,
    pub ended: bool,
}

/// Counters of a stream since it opened, as they were within the last second. As in StreamStatistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamFigures {
    pub call: String,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub packets_lost: u64,
    pub packets_late: u64,
    pub packets_duplicate: u64,
    pub packets_refused: u64,
    pub jitter_ms: f32,
    pub depth_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub codec: Option<Codec>,
    pub mix_delay_ms: Option<f32>,
    pub depths_ms: Option<Vec<f32>>,
    pub level_db: Option<f32>,
}

/// One place that sound is taken from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    pub ear: Ear,
    pub subject: String,
}

/// What goes into one channel: the sum of all that is heard at these places, and of these sources as they play to others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    pub name: String,
    pub heard: Vec<Heard>,
    pub sources: Vec<String>,
    pub place: Option<String>,
}

/// A recording that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingState {
    pub recording: String,
    pub began_unix_ms: u64,
    pub samples: u64,
    pub lost_samples: u64,
}

/// A socket that carries sound, open or being opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelayState {
    pub relay: String,
    pub connected: bool,
}

/// First order on every connection. Reply: Welcome, or Refused when the versions cannot work together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    pub n: u64,
    pub protocol: String,
    pub brain: String,
}

/// Reply: Snapshot. On each connection facts wait for the first one and follow it, so that a brain hears of nothing it cannot know yet; facts from before it are in the queue all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeSnapshot {
    pub n: u64,
}

/// Call somebody, with this offer. `call` is minted by the brain. Progressed follows for each provisional answer that tells something, then Answered or Ended. HangUp before the answer sends CANCEL. Unanswered after `ring_ms`, it ends by itself, by timeout. Redirections are told as the end, with the addresses; they are not followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invite {
    pub n: u64,
    pub call: String,
    pub target_uri: String,
    pub hop_uri: Option<String>,
    pub from_uri: String,
    pub from_display: String,
    pub to_uri: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub sdp: String,
    pub headers: Vec<Header>,
    pub ring_ms: u32,
    pub also: Option<Vec<Target>>,
}

/// Send 180 Ringing for an incoming leg, or 183 with this SDP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    pub n: u64,
    pub call: String,
    pub sdp: Option<String>,
}

/// Answer an incoming INVITE, or a re-INVITE told by Reoffered, with 200 and this SDP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub n: u64,
    pub call: String,
    pub sdp: String,
}

/// Answer an incoming INVITE, or a re-INVITE, with this 3xx-6xx status. Refusing a re-INVITE leaves the call up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refuse {
    pub n: u64,
    pub call: String,
    pub status: u16,
    pub reason: String,
    pub headers: Vec<Header>,
}

/// End a leg in whatever state: BYE, or a final response. Idempotent. Ended{by=local} follows once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HangUp {
    pub n: u64,
    pub call: String,
    pub reason: String,
}

/// Go on with the dialog of a leg that another engine held: told by DialogKept, and read by no brain. It counts as answered and acknowledged. Refused: call-exists, bad-dialog (of an engine that kept them otherwise).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestoreLeg {
    pub n: u64,
    pub call: String,
    pub dialog: serde_bytes::ByteBuf,
}

/// Send a re-INVITE with this offer. Reanswered follows, once. Refused with offer-waits while another offer is unanswered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reoffer {
    pub n: u64,
    pub call: String,
    pub sdp: String,
}

/// Answer a request told by Requested with this final status. Refused with unknown-request when nobody waits for it any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Respond {
    pub n: u64,
    pub request: String,
    pub status: u16,
    pub reason: String,
    pub headers: Vec<Header>,
}

/// Send a request other than INVITE, ACK, BYE and CANCEL: in the dialog of a call, or outside any. Replied follows, once. `request` is minted by the brain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    pub n: u64,
    pub request: String,
    pub call: Option<String>,
    pub method: String,
    pub target_uri: String,
    pub hop_uri: Option<String>,
    pub from_uri: String,
    pub username: Option<String>,
    pub password: Option<String>,
    pub headers: Vec<Header>,
    pub content_type: Option<String>,
    pub body: String,
}

/// Drop unread what begins something new (a call, a registration) and comes from this address, for so long; 0: no longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shun {
    pub n: u64,
    pub host: String,
    pub for_ms: u64,
}

/// Open a UDP port for a call. Reply: Opened. Idempotent: an open stream answers with its port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenStream {
    pub n: u64,
    pub call: String,
    pub format: Format,
    pub remote_host: String,
    pub remote_port: u16,
    pub flow: Flow,
    pub security: Option<Security>,
    pub shared: Option<bool>,
    pub port: Option<u16>,
    pub door: Option<Door>,
}

/// Follow a re-INVITE: new address, format or direction; the port stays. The latch opens again. Refused with code address-taken when the stream has the shared port and another there has that peer address already.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeStream {
    pub n: u64,
    pub call: String,
    pub format: Format,
    pub remote_host: String,
    pub remote_port: u16,
    pub flow: Flow,
    pub security: Option<Security>,
    pub door: Option<Door>,
}

/// Close a call's port; StreamStatistics with last = true follows. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloseStream {
    pub n: u64,
    pub call: String,
}

/// Make a conference's mix match these seats, whole, between two ticks. A plan with a lower revision than the one in force is ignored (reply Done). A stream sits in the plan that named it last. `conference` may be a call's own hex: a private plan for a call that is in no conference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplyPlan {
    pub n: u64,
    pub conference: String,
    pub revision: u64,
    pub seats: Vec<SeatOrder>,
    pub speech: bool,
}

/// Forget a conference's plan; its streams hear and say nothing until another plan names them. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropConference {
    pub n: u64,
    pub conference: String,
}

/// Hand over decoded audio in one buffer: signed 16-bit little-endian mono. Idempotent by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadClip {
    pub n: u64,
    pub clip: String,
    pub rate_hz: u32,
    pub pcm: serde_bytes::ByteBuf,
}

/// Forget a clip; sources that play it go on to their end. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropClip {
    pub n: u64,
    pub clip: String,
}

/// Start, or replace, what a source plays. `turn` comes back in SourceEnded. Refused when the clip is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartSource {
    pub n: u64,
    pub source: String,
    pub turn: u64,
    pub content: Content,
}

/// End a source without a fact. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StopSource {
    pub n: u64,
    pub source: String,
}

/// Play a tone or clip once, over whatever these seats of a conference hear (beeps). No fact follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlayOnce {
    pub n: u64,
    pub conference: String,
    pub content: Content,
    pub calls: Vec<String>,
}

/// Send keys to a stream's peer as events of RFC 4733, in place of its sound: `0`-`9` `*` `#` `A`-`D`; `w` and `W` wait 0.5 s and 1 s. Refused when the peer takes no events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PressKeys {
    pub n: u64,
    pub call: String,
    pub keys: String,
}

/// Reply: Statistics, of these calls, or of all when none is named; who has no stream, or one so new that nothing was counted, is left out. The engine counts once a second whether it is asked or not: asking costs the mix nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeStatistics {
    pub n: u64,
    pub calls: Vec<String>,
}

/// Make a recording be so, whole: the latest order counts, so it may be given again. The first begins it, with the next round of the mix. All tracks have one clock: sample n of each was heard at the same moment. Each track is a file NAME.wav in `folder`, mono and 16 bits, playable up to the last second at every moment, and one that was named once goes on to the end, silent when it is named no more. Who does not exist is silent. Reply: Recording. Refused: cannot-write (a file of that name is there, or the folder is not), too-many-recordings, ended, and bad-recording, bad-track, bad-rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub n: u64,
    pub recording: String,
    pub folder: String,
    pub rate_hz: u32,
    pub reel: Reel,
    pub tracks: Vec<Track>,
}

/// End a recording. RecordingEnded follows once its files are whole on the disk. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndRecording {
    pub n: u64,
    pub recording: String,
}

/// Connect to a WebSocket server and carry sound to it as JSON text, as the vendors do: `opening` first, then `media` messages of 20 ms for each track that is not skipped, numbered together with all that is sent. Nobody is waited for: what the server does not take in time is dropped, the oldest first, and counted. RelayOpened follows, or RelayClosed. Refused: bad-rate, bad-message, too-many-relays. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenRelay {
    pub n: u64,
    pub relay: String,
    pub url: String,
    pub addresses: Vec<String>,
    pub trusted_roots: Vec<String>,
    pub headers: Vec<Header>,
    pub opening: Vec<String>,
    pub stream_sid: String,
    pub tracks: Vec<Track>,
    pub encoding: RelayCodec,
    pub rate_hz: u32,
    pub source: Option<String>,
    pub connect_ms: u32,
    pub again: Vec<u32>,
}

/// Let a relay hear its tracks elsewhere from now on: their names and number stay as they are. What is in both is heard without a gap. Refused: bad-track, cannot-hear. Nothing happens if it is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TuneRelay {
    pub n: u64,
    pub relay: String,
    pub tracks: Vec<Track>,
}

/// Send a JSON object to the server (keys pressed), numbered as an opening is. Nothing happens if it is not connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TellRelay {
    pub n: u64,
    pub relay: String,
    pub text: String,
}

/// Send this JSON object, and close. RelayClosed follows. Idempotent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloseRelay {
    pub n: u64,
    pub relay: String,
    pub farewell: String,
}

/// End every leg with BYE and exit once they are gone or after `within_ms`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shutdown {
    pub n: u64,
    pub within_ms: u32,
}

/// Any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Order {
    Hello(Hello),
    TakeSnapshot(TakeSnapshot),
    Invite(Invite),
    Ring(Ring),
    Answer(Answer),
    Refuse(Refuse),
    HangUp(HangUp),
    RestoreLeg(RestoreLeg),
    Reoffer(Reoffer),
    Respond(Respond),
    Ask(Ask),
    Shun(Shun),
    OpenStream(OpenStream),
    ChangeStream(ChangeStream),
    CloseStream(CloseStream),
    ApplyPlan(ApplyPlan),
    DropConference(DropConference),
    LoadClip(LoadClip),
    DropClip(DropClip),
    StartSource(StartSource),
    StopSource(StopSource),
    PlayOnce(PlayOnce),
    PressKeys(PressKeys),
    TakeStatistics(TakeStatistics),
    Record(Record),
    EndRecording(EndRecording),
    OpenRelay(OpenRelay),
    TuneRelay(TuneRelay),
    TellRelay(TellRelay),
    CloseRelay(CloseRelay),
    Shutdown(Shutdown),
}

impl Order {
    /// The number of this order.
    pub fn n(&self) -> u64 {
        match self {
            Order::Hello(it) => it.n,
            Order::TakeSnapshot(it) => it.n,
            Order::Invite(it) => it.n,
            Order::Ring(it) => it.n,
            Order::Answer(it) => it.n,
            Order::Refuse(it) => it.n,
            Order::HangUp(it) => it.n,
            Order::RestoreLeg(it) => it.n,
            Order::Reoffer(it) => it.n,
            Order::Respond(it) => it.n,
            Order::Ask(it) => it.n,
            Order::Shun(it) => it.n,
            Order::OpenStream(it) => it.n,
            Order::ChangeStream(it) => it.n,
            Order::CloseStream(it) => it.n,
            Order::ApplyPlan(it) => it.n,
            Order::DropConference(it) => it.n,
            Order::LoadClip(it) => it.n,
            Order::DropClip(it) => it.n,
            Order::StartSource(it) => it.n,
            Order::StopSource(it) => it.n,
            Order::PlayOnce(it) => it.n,
            Order::PressKeys(it) => it.n,
            Order::TakeStatistics(it) => it.n,
            Order::Record(it) => it.n,
            Order::EndRecording(it) => it.n,
            Order::OpenRelay(it) => it.n,
            Order::TuneRelay(it) => it.n,
            Order::TellRelay(it) => it.n,
            Order::CloseRelay(it) => it.n,
            Order::Shutdown(it) => it.n,
        }
    }
}

impl From<Hello> for Order {
    fn from(it: Hello) -> Self {
        Order::Hello(it)
    }
}

impl From<TakeSnapshot> for Order {
    fn from(it: TakeSnapshot) -> Self {
        Order::TakeSnapshot(it)
    }
}

impl From<Invite> for Order {
    fn from(it: Invite) -> Self {
        Order::Invite(it)
    }
}

impl From<Ring> for Order {
    fn from(it: Ring) -> Self {
        Order::Ring(it)
    }
}

impl From<Answer> for Order {
    fn from(it: Answer) -> Self {
        Order::Answer(it)
    }
}

impl From<Refuse> for Order {
    fn from(it: Refuse) -> Self {
        Order::Refuse(it)
    }
}

impl From<HangUp> for Order {
    fn from(it: HangUp) -> Self {
        Order::HangUp(it)
    }
}

impl From<RestoreLeg> for Order {
    fn from(it: RestoreLeg) -> Self {
        Order::RestoreLeg(it)
    }
}

impl From<Reoffer> for Order {
    fn from(it: Reoffer) -> Self {
        Order::Reoffer(it)
    }
}

impl From<Respond> for Order {
    fn from(it: Respond) -> Self {
        Order::Respond(it)
    }
}

impl From<Ask> for Order {
    fn from(it: Ask) -> Self {
        Order::Ask(it)
    }
}

impl From<Shun> for Order {
    fn from(it: Shun) -> Self {
        Order::Shun(it)
    }
}

impl From<OpenStream> for Order {
    fn from(it: OpenStream) -> Self {
        Order::OpenStream(it)
    }
}

impl From<ChangeStream> for Order {
    fn from(it: ChangeStream) -> Self {
        Order::ChangeStream(it)
    }
}

impl From<CloseStream> for Order {
    fn from(it: CloseStream) -> Self {
        Order::CloseStream(it)
    }
}

impl From<ApplyPlan> for Order {
    fn from(it: ApplyPlan) -> Self {
        Order::ApplyPlan(it)
    }
}

impl From<DropConference> for Order {
    fn from(it: DropConference) -> Self {
        Order::DropConference(it)
    }
}

impl From<LoadClip> for Order {
    fn from(it: LoadClip) -> Self {
        Order::LoadClip(it)
    }
}

impl From<DropClip> for Order {
    fn from(it: DropClip) -> Self {
        Order::DropClip(it)
    }
}

impl From<StartSource> for Order {
    fn from(it: StartSource) -> Self {
        Order::StartSource(it)
    }
}

impl From<StopSource> for Order {
    fn from(it: StopSource) -> Self {
        Order::StopSource(it)
    }
}

impl From<PlayOnce> for Order {
    fn from(it: PlayOnce) -> Self {
        Order::PlayOnce(it)
    }
}

impl From<PressKeys> for Order {
    fn from(it: PressKeys) -> Self {
        Order::PressKeys(it)
    }
}

impl From<TakeStatistics> for Order {
    fn from(it: TakeStatistics) -> Self {
        Order::TakeStatistics(it)
    }
}

impl From<Record> for Order {
    fn from(it: Record) -> Self {
        Order::Record(it)
    }
}

impl From<EndRecording> for Order {
    fn from(it: EndRecording) -> Self {
        Order::EndRecording(it)
    }
}

impl From<OpenRelay> for Order {
    fn from(it: OpenRelay) -> Self {
        Order::OpenRelay(it)
    }
}

impl From<TuneRelay> for Order {
    fn from(it: TuneRelay) -> Self {
        Order::TuneRelay(it)
    }
}

impl From<TellRelay> for Order {
    fn from(it: TellRelay) -> Self {
        Order::TellRelay(it)
    }
}

impl From<CloseRelay> for Order {
    fn from(it: CloseRelay) -> Self {
        Order::CloseRelay(it)
    }
}

impl From<Shutdown> for Order {
    fn from(it: Shutdown) -> Self {
        Order::Shutdown(it)
    }
}

/// The order was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    pub n: u64,
}

/// The order was not carried out; nothing changed. `code` is stable, `text` is for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub n: u64,
    pub code: String,
    pub text: String,
}

/// The engine's side of Hello. `instance` is new for each engine process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    pub n: u64,
    pub protocol: String,
    pub engine: String,
    pub instance: String,
    pub listeners: Vec<Listener>,
    pub rtp_first: u16,
    pub rtp_last: u16,
    pub codecs: Option<Vec<Codec>>,
    pub suites: Option<Vec<Suite>>,
    pub fingerprint: Option<String>,
}

/// All the engine holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub n: u64,
    pub legs: Vec<LegState>,
    pub streams: Vec<StreamState>,
    pub plans: Vec<PlanState>,
    pub sources: Vec<SourceState>,
    pub clips: Vec<String>,
    pub recordings: Option<Vec<RecordingState>>,
    pub relays: Option<Vec<RelayState>>,
}

/// The stream's local port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub n: u64,
    pub call: String,
    pub port: u16,
}

/// The latest counters of streams, each at most a second old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    pub n: u64,
    pub streams: Vec<StreamFigures>,
}

/// How far a recording is, now that the order was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    pub n: u64,
    pub recording: String,
    pub began_unix_ms: u64,
    pub samples: u64,
}

/// Any reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Reply {
    Done(Done),
    Refused(Refused),
    Welcome(Welcome),
    Snapshot(Snapshot),
    Opened(Opened),
    Statistics(Statistics),
    Recording(Recording),
}

impl Reply {
    /// The number of this reply.
    pub fn n(&self) -> u64 {
        match self {
            Reply::Done(it) => it.n,
            Reply::Refused(it) => it.n,
            Reply::Welcome(it) => it.n,
            Reply::Snapshot(it) => it.n,
            Reply::Opened(it) => it.n,
            Reply::Statistics(it) => it.n,
            Reply::Recording(it) => it.n,
        }
    }
}

impl From<Done> for Reply {
    fn from(it: Done) -> Self {
        Reply::Done(it)
    }
}

impl From<Refused> for Reply {
    fn from(it: Refused) -> Self {
        Reply::Refused(it)
    }
}

impl From<Welcome> for Reply {
    fn from(it: Welcome) -> Self {
        Reply::Welcome(it)
    }
}

impl From<Snapshot> for Reply {
    fn from(it: Snapshot) -> Self {
        Reply::Snapshot(it)
    }
}

impl From<Opened> for Reply {
    fn from(it: Opened) -> Self {
        Reply::Opened(it)
    }
}

impl From<Statistics> for Reply {
    fn from(it: Statistics) -> Self {
        Reply::Statistics(it)
    }
}

impl From<Recording> for Reply {
    fn from(it: Recording) -> Self {
        Reply::Recording(it)
    }
}

/// An INVITE came; 100 Trying is already sent. `call` is minted by the engine. `sdp` is None for a late offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingCall {
    pub call: String,
    pub from_uri: String,
    pub from_display: String,
    pub to_uri: String,
    pub request_uri: String,
    pub sip_call_id: String,
    pub sdp: Option<String>,
    pub headers: Vec<Header>,
    pub transport: String,
    pub source_host: String,
    pub source_port: u16,
    pub replaces: Option<String>,
}

/// A request came that the brain has to answer, by Respond: REGISTER, or REFER or NOTIFY in the dialog of a call. Nobody answering, it is answered 503 after a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    pub request: String,
    pub call: Option<String>,
    pub method: String,
    pub request_uri: String,
    pub from_uri: String,
    pub to_uri: String,
    pub sip_call_id: String,
    pub cseq: u32,
    pub headers: Vec<Header>,
    pub body: String,
    pub transport: String,
    pub source_host: String,
    pub source_port: u16,
    pub flow: Option<String>,
}

/// A connection that a REGISTER came over is closed: nobody is reached by it any more. Those of an engine that is gone are, too, and nobody tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowClosed {
    pub flow: String,
}

/// The final answer to a request made by Ask; 408 when none came in time, 503 when it could not be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replied {
    pub request: String,
    pub status: u16,
    pub reason: String,
}

/// A call of ours has a provisional answer: it rings (180), or is on its way (183), perhaps with early sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progressed {
    pub call: String,
    pub status: u16,
    pub sdp: Option<String>,
}

/// A call of ours was answered, and the answer acknowledged. `sdp` is their answer; None: they sent none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub call: String,
    pub sdp: Option<String>,
    pub sip_call_id: String,
}

/// The peer's ACK for our 200 came: once for each answered INVITE, and again for an answered re-INVITE that made no offer. `sdp` is the peer's answer when our 200 carried the offer (late offer), else None.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirmed {
    pub call: String,
    pub sdp: Option<String>,
}

/// All that another engine needs to go on with a leg: told when it is answered, and again when the peer's address or the session's time changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialogKept {
    pub call: String,
    pub dialog: serde_bytes::ByteBuf,
}

/// The final answer to a re-INVITE made by Reoffer; 503 when it could not be sent. After 408 and 481 the leg ends, too. Other refusals leave it as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reanswered {
    pub call: String,
    pub status: u16,
    pub sdp: Option<String>,
}

/// A re-INVITE (or UPDATE with SDP) came. Reply with Answer or Refuse. `sdp` is None for a late offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reoffered {
    pub call: String,
    pub sdp: Option<String>,
}

/// A leg is over. Exactly one for each leg, always. `status` is a SIP status, 0 for a plain BYE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    pub call: String,
    pub by: EndedBy,
    pub status: u16,
    pub reason: String,
    pub answered: bool,
    pub contacts: Option<Vec<String>>,
}

/// A key was pressed (told once, at its end or after 40 ms of it).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digit {
    pub call: String,
    pub digit: String,
    pub duration_ms: u32,
    pub source: Option<DigitSource>,
}

/// Somebody began to speak. Told only for plans with speech = true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeechStarted {
    pub call: String,
}

/// Somebody stopped speaking (after a hangover of about half a second).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeechStopped {
    pub call: String,
}

/// A source has played its content to the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceEnded {
    pub source: String,
    pub turn: u64,
}

/// No RTP has come for this long; told once until packets come again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamSilent {
    pub call: String,
    pub silent_ms: u32,
}

/// RTP comes again after StreamSilent, or for the first time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamHeard {
    pub call: String,
    pub remote_host: String,
    pub remote_port: u16,
}

/// The browser at a stream's door is gone: it said so, the handshake failed, its certificate was another, or it has not consented to be sent anything for 30 s (RFC 7675). Nothing is sent to it any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeerLeft {
    pub call: String,
    pub why: String,
}

/// Counters of a stream since it opened, told at its end. Engines that know no TakeStatistics tell them every 5 s, too (last = false), and drop those first when the queue of facts is full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamStatistics {
    pub call: String,
    pub last: bool,
    pub packets_received: u64,
    pub packets_sent: u64,
    pub packets_lost: u64,
    pub packets_late: u64,
    pub packets_duplicate: u64,
    pub packets_refused: u64,
    pub jitter_ms: f32,
    pub depth_ms: f32,
    pub round_trip_ms: Option<f32>,
    pub codec: Option<Codec>,
    pub mix_delay_ms: Option<f32>,
    pub depths_ms: Option<Vec<f32>>,
    pub level_db: Option<f32>,
}

/// How one real-time thread kept its time since it last told; every 5 s. Lateness is from the moment a tick was due to the moment it began. Dropped first when the queue of facts is full. Brains of protocol 1.0 may not know this fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TickStatistics {
    pub thread: u16,
    pub ticks: u32,
    pub skipped: u32,
    pub late_p50_us: u32,
    pub late_p99_us: u32,
    pub late_p999_us: u32,
    pub late_max_us: u32,
    pub busy_permille: Option<u32>,
    pub streams: u32,
    pub conferences: u32,
    pub packets_unsent: u64,
    pub facts_dropped: u64,
}

/// Whether the real-time threads have as much to do as they should; told when that changes, and again every 5 s while they have. For so long the engine answers new INVITEs with 503 by itself. Brains of protocol 1.0 may not know this fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strained {
    pub strained: bool,
    pub busy_permille: u16,
    pub skipped_permille: u16,
}

/// The queue of facts was full; this many were lost since the last such fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactsDropped {
    pub count: u64,
}

/// A recording is over and its files are whole: it was ended, or could not go on (disk-full, cannot-write).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingEnded {
    pub recording: String,
    pub samples: u64,
    pub lost_samples: u64,
    pub fault: Option<String>,
}

/// A socket is open and its opening was sent: for the first time, or again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelayOpened {
    pub relay: String,
    pub again: bool,
}

/// A socket is closed for good. `fault`: none when it was closed by order or by the server after it had opened, else bad-url, refused, timeout, tls, not-a-websocket, broken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelayClosed {
    pub relay: String,
    pub by: EndedBy,
    pub fault: Option<String>,
    pub text: String,
    pub sent_ms: u64,
    pub dropped_ms: u64,
}

/// The server of a two-way socket sent a JSON object that is neither media, mark nor clear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelayTold {
    pub relay: String,
    pub text: String,
}

/// Any fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub enum Fact {
    IncomingCall(IncomingCall),
    Requested(Requested),
    FlowClosed(FlowClosed),
    Replied(Replied),
    Progressed(Progressed),
    Answered(Answered),
    Confirmed(Confirmed),
    DialogKept(DialogKept),
    Reanswered(Reanswered),
    Reoffered(Reoffered),
    Ended(Ended),
    Digit(Digit),
    SpeechStarted(SpeechStarted),
    SpeechStopped(SpeechStopped),
    SourceEnded(SourceEnded),
    StreamSilent(StreamSilent),
    StreamHeard(StreamHeard),
    PeerLeft(PeerLeft),
    StreamStatistics(StreamStatistics),
    TickStatistics(TickStatistics),
    Strained(Strained),
    FactsDropped(FactsDropped),
    RecordingEnded(RecordingEnded),
    RelayOpened(RelayOpened),
    RelayClosed(RelayClosed),
    RelayTold(RelayTold),
}

impl From<IncomingCall> for Fact {
    fn from(it: IncomingCall) -> Self {
        Fact::IncomingCall(it)
    }
}

impl From<Requested> for Fact {
    fn from(it: Requested) -> Self {
        Fact::Requested(it)
    }
}

impl From<FlowClosed> for Fact {
    fn from(it: FlowClosed) -> Self {
        Fact::FlowClosed(it)
    }
}

impl From<Replied> for Fact {
    fn from(it: Replied) -> Self {
        Fact::Replied(it)
    }
}

impl From<Progressed> for Fact {
    fn from(it: Progressed) -> Self {
        Fact::Progressed(it)
    }
}

impl From<Answered> for Fact {
    fn from(it: Answered) -> Self {
        Fact::Answered(it)
    }
}

impl From<Confirmed> for Fact {
    fn from(it: Confirmed) -> Self {
        Fact::Confirmed(it)
    }
}

impl From<DialogKept> for Fact {
    fn from(it: DialogKept) -> Self {
        Fact::DialogKept(it)
    }
}

impl From<Reanswered> for Fact {
    fn from(it: Reanswered) -> Self {
        Fact::Reanswered(it)
    }
}

impl From<Reoffered> for Fact {
    fn from(it: Reoffered) -> Self {
        Fact::Reoffered(it)
    }
}

impl From<Ended> for Fact {
    fn from(it: Ended) -> Self {
        Fact::Ended(it)
    }
}

impl From<Digit> for Fact {
    fn from(it: Digit) -> Self {
        Fact::Digit(it)
    }
}

impl From<SpeechStarted> for Fact {
    fn from(it: SpeechStarted) -> Self {
        Fact::SpeechStarted(it)
    }
}

impl From<SpeechStopped> for Fact {
    fn from(it: SpeechStopped) -> Self {
        Fact::SpeechStopped(it)
    }
}

impl From<SourceEnded> for Fact {
    fn from(it: SourceEnded) -> Self {
        Fact::SourceEnded(it)
    }
}

impl From<StreamSilent> for Fact {
    fn from(it: StreamSilent) -> Self {
        Fact::StreamSilent(it)
    }
}

impl From<StreamHeard> for Fact {
    fn from(it: StreamHeard) -> Self {
        Fact::StreamHeard(it)
    }
}

impl From<PeerLeft> for Fact {
    fn from(it: PeerLeft) -> Self {
        Fact::PeerLeft(it)
    }
}

impl From<StreamStatistics> for Fact {
    fn from(it: StreamStatistics) -> Self {
        Fact::StreamStatistics(it)
    }
}

impl From<TickStatistics> for Fact {
    fn from(it: TickStatistics) -> Self {
        Fact::TickStatistics(it)
    }
}

impl From<Strained> for Fact {
    fn from(it: Strained) -> Self {
        Fact::Strained(it)
    }
}

impl From<FactsDropped> for Fact {
    fn from(it: FactsDropped) -> Self {
        Fact::FactsDropped(it)
    }
}

impl From<RecordingEnded> for Fact {
    fn from(it: RecordingEnded) -> Self {
        Fact::RecordingEnded(it)
    }
}

impl From<RelayOpened> for Fact {
    fn from(it: RelayOpened) -> Self {
        Fact::RelayOpened(it)
    }
}

impl From<RelayClosed> for Fact {
    fn from(it: RelayClosed) -> Self {
        Fact::RelayClosed(it)
    }
}

impl From<RelayTold> for Fact {
    fn from(it: RelayTold) -> Self {
        Fact::RelayTold(it)
    }
}
