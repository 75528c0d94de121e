//! The real-time thread: every 5 ms it takes orders, reads what came, and ticks the mixer.
//!
//! It never allocates, frees, locks or waits after it began: orders come in and spent things go out through lock-free
//! rings, and when a ring is full the thing waits where it is (orders) or is dropped and counted (facts). It knows
//! neither names nor the brain, and lives on without either.

use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread::{JoinHandle, Thread};

use mixer::{Change, Fact, Mixer, Moment, Outlet, Spent, StreamId, WallClock, SPENT_BY_ONE_CHANGE};
use rtrb::{Consumer, Producer};
use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
use thread_priority::{RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};

use crate::network::{send, Receiver, Time};
use crate::pace::Pace;
use crate::ports::PortPair;

/// Orders carried out in one tick at most, so that a flood of them delays nobody's sound.
const ORDERS_PER_TICK: usize = 256;

/// Datagrams read from one socket in one tick at most, so that a flood to one leg starves no other.
const DATAGRAMS_PER_TICK: usize = 16;

/// Of the real-time scheduling asked for: above nothing but ordinary threads.
const RT_PRIORITY: u8 = 10;

/// Among ordinary threads, where real-time scheduling is not allowed.
const NICENESS: i32 = -10;

/// RTCP ports are read at one serving of their stream in so many.
const REPORTS_EVERY: u64 = 16;

/// An order to the real-time thread.
#[derive(Debug)]
pub(crate) enum Order {
    /// Change the mix.
    Change(Change),
    /// Take these ports, and then the change that opens their stream.
    Open(StreamId, PortPair, Change),
}

/// Something that is to be dropped elsewhere.
#[derive(Debug)]
pub(crate) struct Returned {
    pub spent: Spent,
    /// The ports of a closed stream.
    pub ports: Option<PortPair>,
}

/// The ends of the rings that the real-time thread holds, and what it shares with others.
pub(crate) struct Lines {
    pub orders: Consumer<Order>,
    pub facts: Producer<Fact>,
    pub returned: Producer<Returned>,
    pub facts_dropped: Arc<AtomicU64>,
    pub stop: Arc<AtomicBool>,
    /// Who empties `facts` and `returned`.
    pub forwarder: Thread,
}

/// Everything the thread works with.
pub(crate) struct Engine {
    mixer: Mixer,
    outlet: Wires,
    orders: Consumer<Order>,
    stop: Arc<AtomicBool>,
    forwarder: Thread,
    receiver: Receiver,
    due: Vec<StreamId>,
    time: Time,
}

/// The sockets, and the rings that lead out.
struct Wires {
    ports: Vec<Option<PortPair>>,
    paces: Vec<Pace>,
    facts: Producer<Fact>,
    returned: Producer<Returned>,
    facts_dropped: Arc<AtomicU64>,
    /// Slots that statistics must leave free for what cannot be told again.
    facts_reserve: usize,
    news: bool,
}

impl Engine {
    pub fn new(mixer: Mixer, streams: usize, time: Time, lines: Lines) -> Self {
        let facts_reserve = lines.facts.buffer().capacity() / 2;
        Self {
            mixer,
            outlet: Wires {
                ports: std::iter::repeat_with(|| None).take(streams).collect(),
                paces: vec![Pace::default(); streams],
                facts: lines.facts,
                returned: lines.returned,
                facts_dropped: lines.facts_dropped,
                facts_reserve,
                news: false,
            },
            orders: lines.orders,
            stop: lines.stop,
            forwarder: lines.forwarder,
            receiver: Receiver::new(),
            due: Vec::with_capacity(2 * streams),
            time,
        }
    }

    /// Tick until told to stop.
    pub fn run(&mut self) {
        let mut tick = self.tick_of(self.time.now) + 1;
        while !self.stop.load(Ordering::Acquire) {
            self.time.sleep_until(self.mixer.moment_of(tick));
            self.time.read();
            let unix_us_at_zero = self.time.unix_us_at_zero();
            self.mixer.set_clock(WallClock { unix_us_at_zero });
            let latest = self.tick_of(self.time.now).max(tick);
            // After a stall every round is served once. What should have been sent before is not sent now: a burst
            // would only fill the listeners' buffers.
            tick = tick.max((latest + 1).saturating_sub(self.mixer.rounds() as u64));
            while tick <= latest {
                self.play(tick);
                tick += 1;
            }
            if std::mem::take(&mut self.outlet.news) {
                // RT: a store, and one system call that does not wait.
                self.forwarder.unpark();
            }
        }
    }

    fn tick_of(&self, moment: Moment) -> u64 {
        moment.us() / self.mixer.moment_of(1).us()
    }

    fn play(&mut self, tick: u64) {
        self.take_orders(self.mixer.moment_of(tick));
        self.mixer.due(tick, &mut self.due);
        for at in 0..self.due.len() {
            self.feed(self.due[at], tick);
        }
        self.mixer.tick(tick, &mut self.outlet);
    }

    fn take_orders(&mut self, now: Moment) {
        for _ in 0..ORDERS_PER_TICK {
            if self.outlet.returned.slots() < SPENT_BY_ONE_CHANGE {
                return;
            }
            let change = match self.orders.pop() {
                Ok(Order::Change(change)) => change,
                Ok(Order::Open(stream, ports, change)) => {
                    self.outlet.ports[stream.0 as usize] = Some(ports);
                    self.outlet.paces[stream.0 as usize] = Pace::default();
                    change
                }
                Err(_) => return,
            };
            self.mixer.carry_out(change, now, &mut self.outlet);
        }
    }

    fn feed(&mut self, stream: StreamId, tick: u64) {
        let Some(ports) = &self.outlet.ports[stream.0 as usize] else {
            return;
        };
        let (sound, reports) = (ports.sound.as_raw_fd(), ports.reports.as_raw_fd());
        for _ in 0..DATAGRAMS_PER_TICK {
            let Some(datagram) = self.receiver.take(sound, &self.time) else {
                break;
            };
            let (from, arrived) = (datagram.from, datagram.arrived);
            self.mixer
                .receive(stream, from, datagram.bytes, arrived, &mut self.outlet);
            let pace = &mut self.outlet.paces[stream.0 as usize];
            pace.note(arrived);
            if !pace.expects_another(self.time.now) {
                break;
            }
        }
        let serving = tick / self.mixer.rounds() as u64 + u64::from(stream.0);
        if serving % REPORTS_EVERY == 0 {
            for _ in 0..DATAGRAMS_PER_TICK {
                let Some(datagram) = self.receiver.take(reports, &self.time) else {
                    break;
                };
                self.mixer
                    .receive_report(stream, datagram.from, datagram.bytes, datagram.arrived);
            }
        }
    }
}

impl Outlet for Wires {
    fn sound(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) -> bool {
        match &self.ports[stream.0 as usize] {
            Some(ports) => send(&ports.sound, to, packet),
            None => false,
        }
    }

    fn report(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) {
        if let Some(ports) = &self.ports[stream.0 as usize] {
            // A report that the network does not take is not worth another try: the next one says more.
            let _ = send(&ports.reports, to, packet);
        }
    }

    fn fact(&mut self, fact: Fact) {
        let can_wait = matches!(fact, Fact::Statistics { last: false, .. });
        let full = can_wait && self.facts.slots() <= self.facts_reserve;
        if full || self.facts.push(fact).is_err() {
            self.facts_dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.news = true;
    }

    fn spent(&mut self, spent: Spent) -> Result<(), Spent> {
        if self.returned.is_full() {
            return Err(spent);
        }
        let ports = match &spent {
            Spent::Stream(stream, _) => self.ports[stream.0 as usize].take(),
            _ => None,
        };
        self.news = true;
        self.returned
            .push(Returned { spent, ports })
            .map_err(|rtrb::PushError::Full(back)| back.spent)
    }
}

/// Start the thread. Gives back the engine when it was told to stop, to be dropped by whoever joins it.
pub(crate) fn spawn(mut engine: Engine, real_time: bool) -> std::io::Result<JoinHandle<Engine>> {
    std::thread::Builder::new()
        .name("media-tick".into())
        .spawn(move || {
            if real_time {
                ask_for_priority();
            }
            // A mixer that has lost its thread must not pretend to live: whoever watches the engine starts a new one.
            let ran = catch_unwind(AssertUnwindSafe(|| engine.run()));
            if ran.is_err() {
                std::process::abort();
            }
            engine
        })
}

/// Real-time scheduling, or at least a better place among ordinary threads, needs a right that an ordinary user lacks;
/// then the kernel's usual scheduling must do.
fn ask_for_priority() {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    let priority = ThreadPriority::Crossplatform(RT_PRIORITY.try_into().expect("between 0 and 99"));
    if set_thread_priority_and_policy(thread_native_id(), priority, policy).is_err() {
        let _ = rustix::process::setpriority_process(None, NICENESS);
    }
}
