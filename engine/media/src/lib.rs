//! Carries sound: owns the UDP ports and the one real-time thread that ticks the mixer.
//!
//! The program calls [`Media`] from any thread; the real-time thread is reached only through lock-free rings. Nothing is
//! decided here: orders come from the brain, facts go to it. What an order means is written in `engine/wire/protocol.toml`.
//!
//! Three threads meet: the caller's (keeps the registry of what was ordered, opens sockets, makes everything that needs
//! memory), the real-time one (ticks), and the forwarder (tells facts, frees memory).

mod forwarder;
mod network;
mod pace;
mod ports;
mod real_time;
mod registry;
mod resample;
mod settings;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mixer::terms::Identity;
use mixer::{Mixer, WallClock};
use rtrb::{Producer, RingBuffer};

use forwarder::Forwarder;
use network::Time;
use ports::PortRange;
use real_time::{Engine, Lines, Order};
use registry::{Outfit, Refusal, Registry};
pub use settings::Settings;

/// Orders that can wait for the real-time thread.
const ORDERS_QUEUE: usize = 4_096;

/// How long a closed port takes to be free again at most: a tick, and the forwarder's turn.
const CLOSING: Duration = Duration::from_millis(500);

/// Things that can wait to be dropped.
const RETURNED_QUEUE: usize = 8_192;

/// The media of one engine: give it orders, ask it what it holds, stop it. Shared by reference between threads.
pub struct Media {
    registry: Arc<Mutex<Registry>>,
    way_in: Mutex<WayIn>,
    stop: Arc<AtomicBool>,
    ticking: Option<JoinHandle<Engine>>,
    forwarding: Option<JoinHandle<()>>,
}

/// What giving orders needs, apart from the registry. Locked first, so that orders reach the ring in the order in which
/// the registry took them.
struct WayIn {
    orders: Producer<Order>,
    ports: PortRange,
    v4: bool,
}

impl Media {
    /// Start the real-time thread and the thread that forwards its facts.
    ///
    /// `facts` is called from an ordinary thread, one fact at a time, and may block: then facts queue up, and when the
    /// bounded queue is full statistics are dropped first and `FactsDropped` tells how many were lost. While it blocks,
    /// ports that were closed are not free again.
    pub fn start(settings: Settings, facts: impl Fn(wire::Fact) + Send + 'static) -> io::Result<Media> {
        let ports = PortRange::new(settings.bind_host, settings.rtp_first, settings.rtp_last);
        check(&settings, &ports)?;
        let limits = settings.limits(ports.pairs());
        let time = Time::begin();
        let mixer = Mixer::new(
            limits,
            WallClock {
                unix_us_at_zero: time.unix_us_at_zero(),
            },
        );
        let registry = Arc::new(Mutex::new(Registry::new(&limits, mixer.rounds())));
        let stop = Arc::new(AtomicBool::new(false));
        let (orders, orders_out) = RingBuffer::new(ORDERS_QUEUE);
        let (facts_in, facts_out) = RingBuffer::new(settings.facts_queue.max(16));
        let (returned_in, returned) = RingBuffer::new(RETURNED_QUEUE);
        let facts_dropped = Arc::new(AtomicU64::new(0));
        let forwarding = forwarder::spawn(Forwarder {
            facts: facts_out,
            returned,
            facts_dropped: facts_dropped.clone(),
            registry: registry.clone(),
            stop: stop.clone(),
            tell: facts,
        })?;
        let lines = Lines {
            orders: orders_out,
            facts: facts_in,
            returned: returned_in,
            facts_dropped,
            stop: stop.clone(),
            forwarder: forwarding.thread().clone(),
        };
        let ticking = real_time::spawn(
            Engine::new(mixer, limits.streams, time, lines),
            settings.real_time,
        )?;
        let way_in = Mutex::new(WayIn {
            orders,
            ports,
            v4: settings.bind_host.is_ipv4(),
        });
        Ok(Media {
            registry,
            way_in,
            stop,
            ticking: Some(ticking),
            forwarding: Some(forwarding),
        })
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
        let mut way_in = lock(&self.way_in);
        let outcome = carry_out_in(&mut lock(&self.registry), order);
        reply(n, outcome.map(|orders| way_in.push(orders)))
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
        let mut way_in = lock(&self.way_in);
        let WayIn { ports, v4, .. } = &mut *way_in;
        let outfit = || {
            Some(Outfit {
                ports: ports.open()?,
                identity: draw_identity(),
            })
        };
        let (port, orders) = lock(&self.registry).open_stream(order, *v4, outfit)?;
        way_in.push(orders);
        Ok(port)
    }

    fn load_clip(&self, order: wire::LoadClip) -> Result<(), Refusal> {
        if lock(&self.registry).has_clip(&order.clip) {
            return Ok(());
        }
        if !resample::RATES_HZ.contains(&order.rate_hz) || order.pcm.len() % 2 != 0 {
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

    /// Stop both threads and close every port. No fact follows. Dropping does the same.
    pub fn stop(self) {}
}

impl Drop for Media {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(ticking) = self.ticking.take() {
            // What the thread held is dropped here, not there.
            drop(ticking.join());
        }
        if let Some(forwarding) = self.forwarding.take() {
            forwarding.thread().unpark();
            // A panic of the caller's own function has been reported by its thread already.
            drop(forwarding.join());
        }
    }
}

impl WayIn {
    /// Hand orders to the real-time thread. Waits when it has fallen behind by a whole ring.
    fn push(&mut self, orders: Vec<Order>) {
        for order in orders {
            let mut waiting = Some(order);
            while let Some(order) = waiting.take() {
                if let Err(rtrb::PushError::Full(back)) = self.orders.push(order) {
                    waiting = Some(back);
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
}

fn carry_out_in(registry: &mut Registry, order: wire::Order) -> registry::Outcome {
    match order {
        wire::Order::ChangeStream(order) => registry.change_stream(&order),
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
        seq: word(4) as u16,
        timestamp: word(8),
        cname,
    }
}

/// A lock whose holder panicked still guards values that every method leaves whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
