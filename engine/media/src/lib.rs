//! Carries sound: owns the UDP ports and the real-time threads that tick the mixers.
//!
//! The program calls [`Media`] from any thread; a real-time thread is reached only through lock-free rings. Nothing is
//! decided here: orders come from the brain, facts go to it. What an order means is written in `engine/wire/protocol.toml`.
//!
//! Four kinds of threads meet: the caller's (keeps the registry of what was ordered, opens sockets, makes everything
//! that needs memory), the real-time ones (tick), the forwarder (tells facts, frees memory), and the listener (gives sound
//! to those who record it or send it on). A conference is mixed
//! by one real-time thread, whole; the streams of those who sit in it are brought there.

mod crew;
mod doors;
mod ears;
mod forwarder;
mod hearing;
mod keys;
mod lateness;
mod network;
mod pace;
mod ports;
mod real_time;
mod registry;
mod resample;
mod settings;
mod tie;
mod watch;
mod wires;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mixer::terms::Identity;

use crew::Crew;
use doors::{Doors, Servant, Wish};
pub use ears::{Hearing, Round, Sink, RATES_HZ};
pub use hearing::Rounds;
pub use mixer::live;
use ports::{PortRange, SharedPorts};
pub use real_time::Scheduling;
pub use registry::Refusal;
use registry::{Outfit, Registry};
pub use settings::Settings;
pub use watch::Strain;

/// The codecs of streams that can be opened.
pub const CODECS: [wire::Codec; 5] = [
    wire::Codec::Pcmu,
    wire::Codec::Pcma,
    wire::Codec::G722,
    wire::Codec::L16,
    wire::Codec::Opus,
];

/// How sound can be sealed.
pub const SUITES: [wire::Suite; 4] = [
    wire::Suite::Cm80,
    wire::Suite::Cm32,
    wire::Suite::Gcm128,
    wire::Suite::Gcm256,
];

/// How long a closed port takes to be free again at most: a tick, and the forwarder's turn.
const CLOSING: Duration = Duration::from_millis(500);

/// The media of one engine: give it orders, ask it what it holds, stop it. Shared by reference between threads.
pub struct Media {
    /// Ends first of all: it gives orders, too.
    #[expect(dead_code, reason = "it is there to be dropped")]
    servant: Servant,
    registry: Arc<Mutex<Registry>>,
    way_in: Arc<Mutex<WayIn>>,
    doors: Arc<Doors>,
    hearings: Mutex<hearing::Hearings>,
}

/// What giving orders needs, apart from the registry. Locked first, so that orders reach the rings in the order in which
/// the registry took them: streams that cross between threads rely on it.
struct WayIn {
    crew: Crew,
    ports: PortRange,
    shared: Option<SharedPorts>,
    v4: bool,
}

impl Media {
    /// Start the real-time threads and the thread that forwards their facts.
    ///
    /// `facts` is called from an ordinary thread, one fact at a time, and may block: then facts queue up, and when the
    /// bounded queue is full statistics are dropped first and `FactsDropped` tells how many were lost. While it blocks,
    /// ports that were closed are not free again.
    pub fn start(settings: Settings, facts: impl Fn(wire::Fact) + Send + 'static) -> io::Result<Media> {
        let ports = PortRange::new(settings.bind_host, settings.rtp_first, settings.rtp_last);
        check(&settings, &ports)?;
        let shared = settings
            .shared_port
            .map(|port| SharedPorts::open(settings.bind_host, port))
            .transpose()?;
        let limits = settings.limits(ports.pairs());
        let rounds = settings.rounds();
        let registry = Arc::new(Mutex::new(Registry::new(&limits, rounds, settings.threads())));
        let (facts, doors) = (Arc::new(Mutex::new(facts)), Arc::new(Doors::new()));
        let tell = facts.clone();
        let mut crew = Crew::start(&settings, limits, registry.clone(), move |fact| lock(&tell)(fact))?;
        let (knocks, waker) = (std::mem::take(&mut crew.knocks), crew.servant.clone());
        let way_in = Arc::new(Mutex::new(WayIn {
            crew,
            ports,
            shared,
            v4: settings.bind_host.is_ipv4(),
        }));
        let (granting, held) = (way_in.clone(), registry.clone());
        let grant = move |wish| match wish {
            Wish::Left(call, why) => {
                follow(&granting, &held, |registry| registry.part(&call));
                let why = doors::words(why).to_owned();
                lock(&facts)(wire::PeerLeft { call, why }.into());
            }
            Wish::Way(stream, way) => {
                follow(&granting, &held, |registry| {
                    registry.settle(stream, Some(way), None)
                });
            }
            Wish::Keys(stream, keys) => {
                follow(&granting, &held, |registry| {
                    registry.settle(stream, None, Some(keys))
                });
            }
        };
        Ok(Media {
            servant: Servant::start(doors.clone(), knocks, &waker, grant)?,
            registry,
            way_in,
            doors,
            hearings: Mutex::default(),
        })
    }

    /// SHA-256 of the certificate that browsers are shown; None: none could be made, and no browser can come.
    pub fn fingerprint(&self) -> Option<String> {
        self.doors.fingerprint()
    }

    /// Carry out one media order and give its reply.
    ///
    /// Orders that are not about media are refused with code `not-media`. May take milliseconds (sockets are opened
    /// here), and for `LoadClip` as long as resampling takes: call that one from a thread that may block.
    pub fn carry_out(&self, order: wire::Order) -> wire::Reply {
        let n = order.n();
        if let wire::Order::LoadClip(order) = order {
            return reply(n, self.load_clip(order));
        }
        if let wire::Order::OpenStream(order) = order {
            return match self.open_stream(&order) {
                Ok(port) => wire::Opened {
                    n,
                    call: order.call,
                    port,
                }
                .into(),
                Err(refusal) => reply(n, Err(refusal)),
            };
        }
        if let wire::Order::TakeStatistics(order) = order {
            let streams = lock(&self.registry).statistics(&order.calls);
            return wire::Statistics { n, streams }.into();
        }
        if let Err(refusal) = self.see_to_door(&order) {
            return reply(n, Err(refusal));
        }
        let mut way_in = lock(&self.way_in);
        let shared = way_in.shared.as_ref();
        let outcome = carry_out_in(&mut lock(&self.registry), shared, order);
        reply(n, outcome.map(|posts| way_in.crew.push(posts)))
    }

    /// Open a stream. When all ports are taken and one of them is just being closed, wait for it.
    fn open_stream(&self, order: &wire::OpenStream) -> Result<u16, Refusal> {
        let until = Instant::now() + CLOSING;
        loop {
            let closing = lock(&self.registry).is_closing();
            let opened = self.try_open_stream(order);
            let full = matches!(&opened, Err(refusal) if refusal.code == "no-port");
            if !full || !closing || Instant::now() >= until {
                return opened;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn try_open_stream(&self, order: &wire::OpenStream) -> Result<u16, Refusal> {
        let terms = order.door.as_ref().map(doors::read).transpose()?;
        let mut socket = None;
        let mut way_in = lock(&self.way_in);
        let WayIn {
            ports,
            shared,
            v4,
            crew,
        } = &mut *way_in;
        let mut registry = lock(&self.registry);
        let peer = registry.peer_to_share(order);
        let outfit = || {
            let place = shared.as_ref().zip(peer);
            let connected = place.and_then(|(shared, peer)| shared.connect(peer));
            let mut ports = connected.or_else(|| ports.open_wished(order.port))?;
            if terms.is_some() {
                ports.door = true;
                socket = Some(ports.sound.try_clone().ok()?);
            }
            Some(Outfit {
                ports,
                identity: draw_identity(),
            })
        };
        let (port, posts) = registry.open_stream(order, *v4, outfit)?;
        let stream = registry.stream_of(&order.call);
        drop(registry);
        // Before the first packet can knock.
        if let (Some(stream), Some(terms), Some(socket)) = (stream, terms, socket) {
            self.doors.open(&order.call, stream, terms, socket);
        }
        crew.push(posts);
        Ok(port)
    }

    /// Change or close the door of a stream that an order changes or closes.
    fn see_to_door(&self, order: &wire::Order) -> Result<(), Refusal> {
        match order {
            wire::Order::ChangeStream(order) => {
                let terms = order.door.as_ref().map(doors::read).transpose()?;
                let stream = lock(&self.registry).stream_of(&order.call);
                if let (Some(stream), Some(terms)) = (stream, terms) {
                    self.doors.change(stream, terms);
                }
            }
            wire::Order::CloseStream(order) => {
                if let Some(stream) = lock(&self.registry).stream_of(&order.call) {
                    self.doors.close(stream);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn load_clip(&self, order: wire::LoadClip) -> Result<(), Refusal> {
        if lock(&self.registry).has_clip(&order.clip) {
            return Ok(());
        }
        if !resample::RATES_HZ.contains(&order.rate_hz) || !order.pcm.len().is_multiple_of(2) {
            let text = "a clip has whole 16-bit samples, and a rate of 4000 to 192000 Hz";
            return Err(Refusal::new("bad-clip", text));
        }
        let samples: Vec<i16> = order
            .pcm
            .chunks_exact(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let samples = resample::to_mix_rate(&samples, order.rate_hz);
        lock(&self.registry).keep_clip(order.clip, samples);
        Ok(())
    }

    /// Start a source that plays what is written to it, for ever, until it is stopped like any other.
    pub fn start_live(&self, source: &str) -> Result<Arc<live::Live>, Refusal> {
        let live = live::Live::new();
        let mut way_in = lock(&self.way_in);
        let posts = lock(&self.registry).start_live(source, &live)?;
        way_in.crew.push(posts);
        Ok(live)
    }

    /// Tell everything held: streams, plans, sources, names of clips.
    pub fn snapshot(
        &self,
    ) -> (
        Vec<wire::StreamState>,
        Vec<wire::PlanState>,
        Vec<wire::SourceState>,
        Vec<String>,
    ) {
        let registry = lock(&self.registry);
        (
            registry.stream_states(),
            registry.plan_states(),
            registry.source_states(),
            registry.clip_names(),
        )
    }

    /// Whether the real-time threads have as much to do as they should.
    pub fn strain(&self) -> Arc<Strain> {
        lock(&self.way_in).crew.strain.clone()
    }

    /// How the kernel schedules the real-time threads: the one that is worst off.
    pub fn scheduling(&self) -> Scheduling {
        lock(&self.way_in).crew.scheduling
    }

    /// Stop all threads and close every port. No fact follows. Dropping does the same.
    pub fn stop(self) {}
}

/// Let a stream follow its door. One that was closed meanwhile needs nothing.
fn follow(
    way_in: &Mutex<WayIn>,
    registry: &Mutex<Registry>,
    change: impl FnOnce(&mut Registry) -> registry::Outcome,
) {
    let mut way_in = lock(way_in);
    let outcome = change(&mut lock(registry));
    if let Ok(posts) = outcome {
        way_in.crew.push(posts);
    }
}

fn carry_out_in(
    registry: &mut Registry,
    shared: Option<&SharedPorts>,
    order: wire::Order,
) -> registry::Outcome {
    match order {
        wire::Order::ChangeStream(order) => {
            registry.change_stream(&order, |peer| shared.and_then(|shared| shared.connect(peer)))
        }
        wire::Order::PressKeys(order) => registry.press_keys(&order),
        wire::Order::CloseStream(order) => Ok(registry.close_stream(&order.call)),
        wire::Order::ApplyPlan(order) => registry.apply_plan(order),
        wire::Order::DropConference(order) => Ok(registry.drop_conference(&order.conference)),
        wire::Order::DropClip(order) => {
            registry.drop_clip(&order.clip);
            Ok(Vec::new())
        }
        wire::Order::StartSource(order) => registry.start_source(&order),
        wire::Order::StopSource(order) => Ok(registry.stop_source(&order.source)),
        wire::Order::PlayOnce(order) => registry.play_once(&order),
        _ => Err(Refusal::new("not-media", "this order is not about media")),
    }
}

fn reply(n: u64, outcome: Result<(), Refusal>) -> wire::Reply {
    match outcome {
        Ok(()) => wire::Done { n }.into(),
        Err(refusal) => wire::Refused {
            n,
            code: refusal.code.into(),
            text: refusal.text,
        }
        .into(),
    }
}

fn check(settings: &Settings, ports: &PortRange) -> io::Result<()> {
    if ports.pairs() == 0 {
        let (first, last) = (settings.rtp_first, settings.rtp_last);
        let text = format!("RTP ports {first}-{last} hold no pair of an even port and the odd one above it");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let odd = |port: u16| !port.is_multiple_of(2) || port == 0;
    if settings.shared_port.is_some_and(odd)
        || (settings.shared_port.is_some() && settings.bind_host.is_unspecified())
    {
        let text = "the port that streams share is even, and bound to one address";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    if ![5, 10, 20].contains(&settings.tick_ms) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "tick_ms is 5, 10 or 20",
        ));
    }
    Ok(())
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Random beginnings for a stream (RFC 3550, sections 5.1 and 8.1; RFC 7022, section 4.2).
fn draw_identity() -> Identity {
    let mut bytes = [0_u8; 22];
    getrandom::fill(&mut bytes).expect("Linux gives random bytes");
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mut cname = [0; 16];
    for (i, byte) in bytes[14..].iter().enumerate() {
        cname[2 * i] = HEX[usize::from(byte >> 4)];
        cname[2 * i + 1] = HEX[usize::from(byte & 15)];
    }
    Identity {
        ssrc: word(0),
        // In the lower half: who misses our first packets cannot mistake the round they are sealed in (RFC 3711 3.3.1).
        seq: word(4) as u16 & 0x7FFF,
        timestamp: word(8),
        cname,
    }
}

/// A lock whose holder panicked still guards values that every method leaves whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
