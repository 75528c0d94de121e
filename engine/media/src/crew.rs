//! The threads of the media, from start to end, and the rings between them.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use mixer::{Limits, Mixer, WallClock};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::doors::{Bell, Knock, KNOCKS};
use crate::ears::desk::Desk;
use crate::ears::ring::ring;
use crate::ears::{Clock, Listener};
use crate::forwarder::{self, Forwarder};
use crate::network::Time;
use crate::real_time::{self, Ends, Engine, Order, Scheduling};
use crate::registry::{Post, Registry};
use crate::settings::Settings;
use crate::watch::{Pulse, Strain, Watcher};

/// Orders that can wait for a real-time thread.
const ORDERS_QUEUE: usize = 4_096;

/// Things of one thread that can wait to be dropped.
const RETURNED_QUEUE: usize = 8_192;

/// The real-time threads and their forwarder.
pub(crate) struct Crew {
    orders: Vec<Producer<Order>>,
    stop: Arc<AtomicBool>,
    ticking: Vec<JoinHandle<Engine>>,
    forwarding: Option<JoinHandle<()>>,
    listening: Option<JoinHandle<()>>,
    watching: Option<JoinHandle<()>>,
    /// How much the real-time threads have to do.
    pub strain: Arc<Strain>,
    /// Who listens to what.
    pub desk: Arc<Mutex<Desk>>,
    pub clock: Clock,
    /// What comes to browsers' doors, of each real-time thread; for whoever answers there.
    pub knocks: Vec<Consumer<Knock>>,
    /// Who is to be waked for it, once it is known.
    pub servant: Arc<OnceLock<Thread>>,
    /// How the worst off of the real-time threads is scheduled.
    pub scheduling: Scheduling,
}

impl Crew {
    /// Start all threads.
    pub fn start(
        settings: &Settings,
        limits: Limits,
        registry: Arc<Mutex<Registry>>,
        tell: impl Fn(wire::Fact) + Send + 'static,
    ) -> io::Result<Self> {
        let threads = settings.threads();
        let (stop, facts_dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (orders, orders_out) = rings(threads, ORDERS_QUEUE);
        let (facts_in, facts) = rings(threads, settings.facts_queue.max(16));
        let (returned_in, returned) = rings(threads, RETURNED_QUEUE);
        let strain = Arc::new(Strain::default());
        let (knocks_in, knocks) = rings(threads, KNOCKS);
        let servant = Arc::new(OnceLock::new());
        let forwarding = forwarder::spawn(Forwarder {
            strain: strain.clone(),
            facts,
            returned,
            facts_dropped: facts_dropped.clone(),
            registry,
            stop: stop.clone(),
            tell,
        })?;
        let forwarder = forwarding.thread().clone();
        // One zero for all: a stream that goes from one thread to another keeps its time.
        let time = Time::begin();
        let unsaid = Arc::new(AtomicU64::new(0));
        let (mouths, drains): (Vec<_>, Vec<_>) = (0..threads).map(|_| ring(unsaid.clone())).unzip();
        let pulses: Vec<Arc<Pulse>> = (0..threads).map(|_| Arc::default()).collect();
        let desk = Arc::new(Mutex::new(Desk::default()));
        let listener = Listener {
            desk: desk.clone(),
            drains,
            until: pulses.iter().map(|pulse| pulse.until_us.clone()).collect(),
            unsaid,
            stop: stop.clone(),
        };
        let mut crew = Self {
            orders,
            stop: stop.clone(),
            ticking: Vec::new(),
            forwarding: Some(forwarding),
            listening: Some(listener.spawn()?),
            watching: None,
            strain: strain.clone(),
            desk,
            clock: Clock(time),
            knocks,
            servant: servant.clone(),
            scheduling: Scheduling::Fifo,
        };
        let (scheduled, told) = channel();
        let unix_us_at_zero = time.unix_us_at_zero();
        let ends = orders_out.into_iter().zip(facts_in).zip(returned_in);
        let ears = mouths.into_iter().zip(pulses.iter().cloned()).zip(knocks_in);
        for (number, (((orders, facts), returned), ((mouth, pulse), knocks))) in ends.zip(ears).enumerate() {
            let mut mixer = Mixer::new(limits, WallClock { unix_us_at_zero });
            mixer.set_noise_floor(settings.noise_floor);
            mixer.set_automatic_gain(settings.automatic_gain);
            let ends = Ends {
                orders,
                facts,
                returned,
                facts_dropped: facts_dropped.clone(),
                mouth,
                pulse,
                bell: Bell::new(knocks, servant.clone()),
                stop: stop.clone(),
                tying: !settings.bind_host.is_unspecified(),
                forwarder: forwarder.clone(),
            };
            let engine = Engine::new(number, mixer, limits.streams, time, ends);
            crew.ticking
                .push(real_time::spawn(engine, settings.real_time, scheduled.clone())?);
        }
        drop(scheduled);
        let watcher = Watcher {
            pulses,
            strain,
            stop,
            limit_permille: settings.busy_permille,
            patience: Duration::from_millis(settings.stall_ms.into()),
        };
        crew.watching = Some(watcher.spawn()?);
        crew.scheduling = told.iter().max().unwrap_or(Scheduling::Ordinary);
        Ok(crew)
    }

    /// Wake the thread that serves those who listen.
    pub fn wake_listener(&self) {
        if let Some(listening) = &self.listening {
            listening.thread().unpark();
        }
    }

    /// Hand orders to the real-time threads. Waits when one of them has fallen behind by a whole ring.
    pub fn push(&mut self, posts: Vec<Post>) {
        for Post { thread, order } in posts {
            let mut waiting = Some(order);
            while let Some(order) = waiting.take() {
                if let Err(rtrb::PushError::Full(back)) = self.orders[thread].push(order) {
                    waiting = Some(back);
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        for ticking in self.ticking.drain(..) {
            // What the thread held is dropped here, not there.
            drop(ticking.join());
        }
        let others = [
            self.forwarding.take(),
            self.listening.take(),
            self.watching.take(),
        ];
        for waiting in others.into_iter().flatten() {
            waiting.thread().unpark();
            // A panic of the caller's own function has been reported by its thread already.
            drop(waiting.join());
        }
    }
}

/// A ring for each thread: all the ends to push into, and all the ends to take from.
fn rings<T>(count: usize, slots: usize) -> (Vec<Producer<T>>, Vec<Consumer<T>>) {
    (0..count).map(|_| RingBuffer::new(slots)).unzip()
}
