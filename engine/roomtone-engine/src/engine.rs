//! The engine's two halves, signal and media, behind one door: an order in, exactly one reply out.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use media::{Media, Scheduling};
use recorder::Recorder;
use relay::Relays;
use signal::Signal;
use wire::{Fact, Listener, Order, Refused, Reply, Snapshot, Welcome};

use crate::arguments::Arguments;
use crate::files;
use crate::floor::Floor;
use crate::outbox::Outbox;

/// How long recordings have to be whole on the disk when the engine ends; they play anyway.
const LAST_FILES: Duration = Duration::from_secs(3);

const PRODUCT: &str = concat!("roomtone-engine/", env!("CARGO_PKG_VERSION"));

/// Signal and media, running, and what carries sound elsewhere.
pub struct Engine {
    signal: Signal,
    relays: Relays,
    media: Arc<Media>,
    recorder: Recorder,
    instance: String,
    rtp_ports: (u16, u16),
}

impl Engine {
    /// Open the sockets and start both halves. New calls are refused until a brain is attached.
    pub fn start(arguments: &Arguments, outbox: Arc<Outbox>) -> Result<Self, String> {
        let (from_media, from_recorder) = (Arc::clone(&outbox), Arc::clone(&outbox));
        let media = Media::start(arguments.media(), move |fact| from_media.post(fact))
            .map_err(|why| format!("media cannot start: {why}"))?;
        let media = Arc::new(media);
        let from_relays = Arc::clone(&outbox);
        let relays = Relays::start(Arc::new(Floor(Arc::clone(&media))), move |fact| {
            from_relays.post(fact);
        })
        .map_err(|why| format!("relays cannot start: {why}"))?;
        if media.scheduling() != Scheduling::Fifo {
            tracing::warn!(
                scheduling = scheduling_word(media.scheduling()),
                "the system does not let us mix before other programs (SCHED_FIFO): sound may stumble when it is busy"
            );
        }
        let ears = Arc::clone(&media) as Arc<dyn recorder::ears::Ears>;
        let recorder = Recorder::new(ears, files::for_recordings(), move |fact| {
            from_recorder.post(fact);
        });
        let signal = Signal::start(&arguments.signal(media.strain().strained.clone()), move |fact| {
            note(&fact);
            outbox.post(fact);
        })
        .map_err(|why| format!("cannot take SIP calls{}: {why}", arguments.sip_places()))?;
        signal.refuse_new(true);
        Ok(Self {
            instance: signal.instance().to_string(),
            signal,
            relays,
            media,
            recorder,
            rtp_ports: arguments.rtp_ports,
        })
    }

    /// Carry out an order. A panic of ours becomes a refusal: the rest of the engine goes on.
    pub fn carry_out(&self, order: Order) -> Reply {
        let n = order.n();
        catch_unwind(AssertUnwindSafe(|| self.pass_on(order)))
            .unwrap_or_else(|_| refusal(n, "internal", "the order broke something; see the log"))
    }

    /// Carry out an order that waits for a disk: the reply comes from another thread, and nothing else waits for it.
    pub fn record(&self, order: &wire::Record, reply: impl FnOnce(Reply) + Send + 'static) {
        let n = order.n;
        let say = move |outcome: Result<wire::Recording, media::Refusal>| {
            reply(match outcome {
                Ok(recording) => recording.into(),
                Err(no) => refusal(n, no.code, &no.text),
            });
        };
        self.recorder.record(order, say);
    }

    /// Take new calls, or refuse them with 503.
    pub fn take_calls(&self, take: bool) {
        self.signal.refuse_new(!take);
    }

    /// The engine's side of Hello.
    pub fn welcome(&self, n: u64) -> Welcome {
        Welcome {
            n,
            protocol: wire::VERSION.into(),
            engine: PRODUCT.into(),
            instance: self.instance.clone(),
            listeners: self.signal.listeners(),
            rtp_first: self.rtp_ports.0,
            rtp_last: self.rtp_ports.1,
            codecs: Some(media::CODECS.to_vec()),
            suites: Some(media::SUITES.to_vec()),
            fingerprint: self.media.fingerprint(),
        }
    }

    /// What the readiness line says.
    pub fn ready_json(&self, socket: &Path) -> serde_json::Value {
        let listeners = self.signal.listeners();
        let listeners: Vec<_> = listeners.iter().map(listener_json).collect();
        serde_json::json!({
            "engine": PRODUCT,
            "instance": self.instance,
            "protocol": wire::VERSION,
            "socket": socket.display().to_string(),
            "listeners": listeners,
            "rtp_first": self.rtp_ports.0,
            "rtp_last": self.rtp_ports.1,
            "pid": std::process::id(),
            "scheduling": scheduling_word(self.media.scheduling()),
        })
    }

    /// Say goodbye on every leg.
    pub fn end(&self, why: &str, within: Duration) {
        if !self.signal.hang_up_all(why, within) {
            tracing::warn!("some legs did not answer our BYE in time");
        }
        // A disk that hangs keeps nobody on the line.
        self.recorder.end_all(LAST_FILES);
    }

    fn pass_on(&self, order: Order) -> Reply {
        match order {
            Order::TakeSnapshot(it) => self.snapshot(it.n).into(),
            Order::Invite(_)
            | Order::Ring(_)
            | Order::Answer(_)
            | Order::Refuse(_)
            | Order::HangUp(_)
            | Order::RestoreLeg(_)
            | Order::Reoffer(_)
            | Order::Respond(_)
            | Order::Ask(_)
            | Order::Shun(_) => self.signal.carry_out(&order),
            Order::OpenRelay(_) | Order::TuneRelay(_) | Order::TellRelay(_) | Order::CloseRelay(_) => {
                self.relays.carry_out(order)
            }
            Order::Record(it) => refusal(it.n, "internal", "a recording is begun by those who can wait"),
            Order::EndRecording(it) => {
                self.recorder.end(&it.recording);
                wire::Done { n: it.n }.into()
            }
            Order::Hello(it) => refusal(it.n, "hello-twice", "this connection has said Hello already"),
            Order::Shutdown(it) => wire::Done { n: it.n }.into(),
            order => self.media.carry_out(order),
        }
    }

    fn snapshot(&self, n: u64) -> Snapshot {
        let legs = self.signal.snapshot();
        let (streams, plans, sources, clips) = self.media.snapshot();
        Snapshot {
            n,
            legs,
            streams,
            plans,
            sources,
            clips,
            relays: Some(self.relays.snapshot()),
            recordings: Some(self.recorder.states()),
        }
    }
}

/// A refusal of ours.
pub fn refusal(n: u64, code: &str, text: &str) -> Reply {
    Refused {
        n,
        code: code.into(),
        text: text.into(),
    }
    .into()
}

fn scheduling_word(scheduling: Scheduling) -> &'static str {
    match scheduling {
        Scheduling::Fifo => "fifo",
        Scheduling::Nice => "nice",
        Scheduling::Ordinary => "ordinary",
    }
}

fn listener_json(listener: &Listener) -> serde_json::Value {
    serde_json::json!({ "transport": listener.transport, "host": listener.host, "port": listener.port })
}

/// Log what happens to legs, a line for each fact of their lives.
fn note(fact: &Fact) {
    match fact {
        Fact::IncomingCall(it) => tracing::info!(
            call = %it.call, from = %it.from_uri, to = %it.request_uri, transport = %it.transport,
            source = %it.source_host, sip_call_id = %it.sip_call_id, "incoming call"
        ),
        Fact::Ended(it) => tracing::info!(
            call = %it.call, by = ?it.by, status = it.status, answered = it.answered, reason = %it.reason, "call ended"
        ),
        // Descriptions have keys in them.
        Fact::Progressed(it) => tracing::debug!(call = %it.call, status = it.status, "progressed"),
        Fact::Answered(it) => tracing::debug!(call = %it.call, "answered"),
        Fact::Confirmed(it) => tracing::debug!(call = %it.call, "confirmed"),
        Fact::Reoffered(it) => tracing::debug!(call = %it.call, "reoffered"),
        Fact::Reanswered(it) => tracing::debug!(call = %it.call, status = it.status, "reanswered"),
        Fact::DialogKept(it) => tracing::debug!(call = %it.call, "dialog kept"),
        fact => tracing::debug!(?fact, "fact"),
    }
}
