//! Carries sound between the mix and WebSocket servers, in the JSON of the vendors' media streams.
//!
//! Each relay is a task on threads of this crate's own. It may wait for its server; nobody waits for it: what the server
//! does not take in time is dropped, the oldest first, and what it sends beyond its share is not read until its share is
//! renewed. Nothing is decided here: addresses come checked, messages come spelled, and what happens is told as facts.
//!
//! Map: [`dial`] connects, [`life`] tries again, [`session`] is one open socket, [`slate`] spells what is heard, even
//! where nothing is, [`waiting`] is the bounded queue towards the server, [`speaking`] plays what the server sends, [`coding`] and
//! [`words`] spell sound and messages. Where sound comes from and goes to is the caller's: [`Floor`].
//!
//! Sources: RFC 6455 (WebSocket); Twilio, "Media Streams: WebSocket messages"; `SignalWire`, "Stream" (cXML).

mod coding;
mod dial;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod life;
mod session;
mod slate;
mod speaking;
mod tls;
mod waiting;
mod words;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use mixer::live::Live;
use parking_lot::Mutex;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use wire::{Done, Fact, Order, Refused, RelayCodec, RelayState, Reply};

use coding::Coding;
use life::Life;

/// Most relays at a time.
pub const MOST_RELAYS: usize = 4_000;

/// Threads that carry them.
const THREADS: usize = 2;

/// Orders that may wait for one relay; keys pressed faster than that are not carried.
const ORDERS_QUEUE: usize = 64;

/// 20 ms of all that one relay hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Its number: rounds follow one another; those that are missing are silent.
    pub number: u64,
    /// For each track 20 ms of sound at the rate that was asked for; None: silence.
    pub tracks: Vec<Option<Vec<i16>>>,
}

/// Has a hearing hear other tracks, of the same names, or says why not.
pub type Tuner = Box<dyn Fn(&[wire::Track]) -> Result<(), String> + Send + Sync>;

/// What one relay hears. Dropping it ends the hearing.
pub trait Hearing: Send {
    /// The next round that waits, if any. It is looked for every 20 ms.
    fn next(&mut self) -> Option<Round>;

    /// Something that tunes it, whoever holds it.
    fn tuner(&self) -> Tuner;
}

/// Where sound comes from, and where it goes.
pub trait Floor: Send + Sync {
    /// Begin to hear these tracks at this rate: 8000, 16000 or 24000 Hz.
    fn hear(&self, tracks: &[wire::Track], rate_hz: u32) -> Result<Box<dyn Hearing>, String>;

    /// Start a source that plays what is written to it.
    fn play(&self, source: &str) -> Result<Arc<Live>, String>;

    /// Stop that source.
    fn stop(&self, source: &str);
}

/// What a running relay is told.
#[derive(Debug)]
enum Command {
    Tell(String),
    Close(String),
}

struct Held {
    commands: mpsc::Sender<Command>,
    connected: Arc<std::sync::atomic::AtomicBool>,
    names: Vec<String>,
    tuner: Tuner,
}

/// All relays of an engine. Dropping it breaks them off.
pub struct Relays {
    // Relays run on it until it is dropped.
    runtime: Runtime,
    floor: Arc<dyn Floor>,
    tell: Arc<dyn Fn(Fact) + Send + Sync>,
    held: Arc<Mutex<HashMap<String, Held>>>,
}

impl Relays {
    /// Start the threads. `facts` is called from them, and should not block for long.
    pub fn start(floor: Arc<dyn Floor>, facts: impl Fn(Fact) + Send + Sync + 'static) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("relay")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime,
            floor,
            tell: Arc::new(facts),
            held: Arc::default(),
        })
    }

    /// Carry out an order about relays; others are refused with code `not-a-relay`.
    pub fn carry_out(&self, order: Order) -> Reply {
        let n = order.n();
        let outcome = match order {
            Order::OpenRelay(order) => self.open(order),
            Order::TuneRelay(order) => self.tune(&order),
            Order::TellRelay(order) => {
                self.pass_on(&order.relay, Command::Tell(order.text));
                Ok(())
            }
            Order::CloseRelay(order) => {
                self.close(&order.relay, order.farewell);
                Ok(())
            }
            _ => Err(("not-a-relay", "this order is not about relays".to_owned())),
        };
        match outcome {
            Ok(()) => Done { n }.into(),
            Err((code, text)) => Refused {
                n,
                code: code.into(),
                text,
            }
            .into(),
        }
    }

    /// All relays that are open or being opened.
    pub fn snapshot(&self) -> Vec<RelayState> {
        let state = |(relay, held): (&String, &Held)| RelayState {
            relay: relay.clone(),
            connected: held.connected.load(std::sync::atomic::Ordering::Relaxed),
        };
        self.held.lock().iter().map(state).collect()
    }

    fn open(&self, order: wire::OpenRelay) -> Result<(), (&'static str, String)> {
        let coding = read_coding(&order)?;
        let mut held = self.held.lock();
        if held.contains_key(&order.relay) {
            return Ok(());
        }
        if held.len() >= MOST_RELAYS {
            return Err(("too-many-relays", format!("there are {MOST_RELAYS} already")));
        }
        let hearing = self
            .floor
            .hear(&order.tracks, order.rate_hz)
            .map_err(|text| ("cannot-hear", text))?;
        let live = match &order.source {
            Some(source) => Some(self.floor.play(source).map_err(|text| ("cannot-play", text))?),
            None => None,
        };
        let (commands, receiver) = mpsc::channel(ORDERS_QUEUE);
        let connected = Arc::default();
        let state = Held {
            commands,
            connected: Arc::clone(&connected),
            names: names_of(&order.tracks),
            tuner: hearing.tuner(),
        };
        let life = Life::new(order, coding, receiver, connected);
        held.insert(life.relay().to_owned(), state);
        let end = End {
            relay: life.relay().to_owned(),
            source: life.source(),
            held: Arc::clone(&self.held),
            floor: Arc::clone(&self.floor),
            tell: Arc::clone(&self.tell),
        };
        let tell = Arc::clone(&self.tell);
        let living = self
            .runtime
            .spawn(async move { life.run(hearing, live, &*tell).await });
        self.runtime.spawn(async move {
            // Even a fault of ours ends it in words, and leaves its place to others.
            let closed = living.await.unwrap_or_else(|why| end.broken(&why));
            end.tell(closed);
        });
        Ok(())
    }

    fn tune(&self, order: &wire::TuneRelay) -> Result<(), (&'static str, String)> {
        let held = self.held.lock();
        let Some(relay) = held.get(&order.relay) else {
            return Ok(());
        };
        if relay.names != names_of(&order.tracks) {
            return Err(("bad-track", "the names of its tracks stay as they are".into()));
        }
        (relay.tuner)(&order.tracks).map_err(|text| ("cannot-hear", text))
    }

    fn pass_on(&self, relay: &str, command: Command) {
        if let Some(held) = self.held.lock().get(relay) {
            // A full queue: the server is told more than it can hear; this is lost like the sound.
            let _ = held.commands.try_send(command);
        }
    }

    /// The end must come through, however much waits before it.
    fn close(&self, relay: &str, farewell: String) {
        let Some(commands) = self.held.lock().get(relay).map(|held| held.commands.clone()) else {
            return;
        };
        self.runtime.spawn(async move {
            let _ = commands.send(Command::Close(farewell)).await;
        });
    }
}

/// What is to be done when a relay is over.
struct End {
    relay: String,
    source: Option<String>,
    held: Arc<Mutex<HashMap<String, Held>>>,
    floor: Arc<dyn Floor>,
    tell: Arc<dyn Fn(Fact) + Send + Sync>,
}

fn names_of(tracks: &[wire::Track]) -> Vec<String> {
    tracks.iter().map(|track| track.name.clone()).collect()
}

impl End {
    fn broken(&self, why: &tokio::task::JoinError) -> wire::RelayClosed {
        tracing::error!(relay = %self.relay, %why, "a relay broke: a fault of ours");
        wire::RelayClosed {
            relay: self.relay.clone(),
            by: wire::EndedBy::Internal,
            fault: Some("broken".into()),
            text: "the engine broke off: a fault of ours".into(),
            sent_ms: 0,
            dropped_ms: 0,
        }
    }

    fn tell(&self, closed: wire::RelayClosed) {
        if let Some(source) = &self.source {
            self.floor.stop(source);
        }
        self.held.lock().remove(&self.relay);
        (self.tell)(closed.into());
    }
}

fn read_coding(order: &wire::OpenRelay) -> Result<Coding, (&'static str, String)> {
    let fit = match order.encoding {
        RelayCodec::Pcmu | RelayCodec::Pcma => order.rate_hz == 8_000,
        RelayCodec::L16 => matches!(order.rate_hz, 8_000 | 16_000 | 24_000),
    };
    if !fit {
        return Err(("bad-rate", "8000 Hz; with L16 also 16000 and 24000".into()));
    }
    let named = |text: &String| serde_json::from_str::<serde_json::Map<_, _>>(text).is_ok();
    if !order.opening.iter().all(named) {
        return Err(("bad-message", "an opening is made of JSON objects".into()));
    }
    Ok(Coding::new(order.encoding, order.rate_hz))
}
