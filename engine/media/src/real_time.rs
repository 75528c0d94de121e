//! A real-time thread: every 5 ms it takes orders, reads what came, and ticks its mixer.
//!
//! It never allocates, frees, locks or waits after it began: orders come in and spent things go out through lock-free
//! rings, and when a ring is full the thing waits where it is (orders) or is dropped and counted (facts). It knows
//! neither names nor the brain, and lives on without either.
//!
//! There are several of them; each has a mixer and sockets of its own. A stream goes from one to another in a ring made
//! for it alone, with its buffers, its ports and what the kernel holds for them, so nothing of it is lost or heard twice.

use std::os::fd::RawFd;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::Arc;
use std::thread::{JoinHandle, Thread};

use mixer::{Change, Mixer, Moment, StreamId, WallClock, SPENT_BY_ONE_CHANGE};
use rtrb::{Consumer, Producer};
use thread_priority::unix::{set_thread_priority_and_policy, thread_native_id};
use thread_priority::{RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};
use webrtc::Kind;

use crate::doors::Bell;
use crate::ears::ring::Mouth;
use crate::keys::Rekeying;
use crate::lateness::Lateness;
use crate::network::{Receiver, Time};
use crate::ports::PortPair;
use crate::tie::Tie;
use crate::watch::Pulse;
use crate::wires::{Line, News, Parcel, Returned, Wires};

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

/// An order to a real-time thread.
#[derive(Debug)]
pub(crate) enum Order {
    /// Change the mix.
    Change(Change),
    /// Take these ports and keys, and then the change that opens their stream.
    Open(StreamId, PortPair, Rekeying, Change),
    /// Change a stream, its keys and perhaps its sockets between two packets.
    Secure(StreamId, Option<PortPair>, Rekeying, Change),
    /// Give a stream away, with its ports.
    Leave(StreamId, Producer<Parcel>),
    /// Take a stream that another thread gives away into the lobby of this round. Orders behind this one wait for it:
    /// for a tick of the other thread, and for nothing that waits for this one.
    Arrive(StreamId, Consumer<Parcel>, usize),
}

/// The ends of the rings that a real-time thread holds, and what it shares with others.
pub(crate) struct Ends {
    pub orders: Consumer<Order>,
    pub facts: Producer<News>,
    pub returned: Producer<Returned>,
    pub facts_dropped: Arc<AtomicU64>,
    /// Where goes what is listened to.
    pub mouth: Mouth,
    /// How this thread gets on. How far it is: all that was heard before has gone to the mouth.
    pub pulse: Arc<Pulse>,
    /// Where goes what comes to browsers' doors.
    pub bell: Bell,
    pub stop: Arc<AtomicBool>,
    /// Whether sockets may be tied to their peers.
    pub tying: bool,
    /// Who empties `facts` and `returned`.
    pub forwarder: Thread,
}

/// Everything a thread works with.
pub(crate) struct Engine {
    /// Which thread this is, from 0.
    number: usize,
    mixer: Mixer,
    outlet: Wires,
    orders: Consumer<Order>,
    /// A stream that is to come before the next order is taken.
    awaited: Option<(StreamId, Consumer<Parcel>, usize)>,
    stop: Arc<AtomicBool>,
    pulse: Arc<Pulse>,
    forwarder: Thread,
    receiver: Receiver,
    due: Vec<StreamId>,
    time: Time,
    lateness: Lateness,
}

impl Engine {
    pub fn new(number: usize, mixer: Mixer, streams: usize, time: Time, ends: Ends) -> Self {
        Self {
            number,
            mixer,
            outlet: Wires::new(
                streams,
                ends.tying,
                ends.facts,
                ends.returned,
                ends.facts_dropped,
                ends.mouth,
                ends.bell,
            ),
            orders: ends.orders,
            awaited: None,
            stop: ends.stop,
            pulse: ends.pulse,
            forwarder: ends.forwarder,
            receiver: Receiver::new(),
            due: Vec::with_capacity(2 * streams),
            lateness: Lateness::new(time.now),
            time,
        }
    }

    /// Tick until told to stop.
    pub fn run(&mut self) {
        self.time.read();
        let mut tick = self.tick_of(self.time.now) + 1;
        while !self.stop.load(Ordering::Acquire) {
            self.time.sleep_until(self.mixer.moment_of(tick));
            self.time.read();
            let woke = self.time.now;
            let unix_us_at_zero = self.time.unix_us_at_zero();
            self.mixer.set_clock(WallClock { unix_us_at_zero });
            let latest = self.tick_of(self.time.now).max(tick);
            // After a stall every round is served once. What should have been sent before is not sent now: a burst
            // would only fill the listeners' buffers.
            let first = tick.max((latest + 1).saturating_sub(self.mixer.rounds() as u64));
            self.lateness.skip(first - tick);
            self.pulse.skipped.fetch_add(first - tick, Ordering::Relaxed);
            self.pulse.ticks.fetch_add(latest + 1 - first, Ordering::Relaxed);
            for tick in first..=latest {
                self.lateness.note(self.mixer.moment_of(tick), self.time.now);
                self.play(tick);
            }
            tick = latest + 1;
            self.pulse
                .until_us
                .store(self.mixer.moment_of(tick).us(), Ordering::Release);
            self.note_work(woke);
            self.tell();
        }
    }

    /// Count the time since this round began.
    fn note_work(&mut self, woke: Moment) {
        let mut after = self.time;
        after.read();
        let worked_us = after.now.since_us(woke).max(0) as u64;
        self.lateness.work(worked_us);
        self.pulse.worked_us.fetch_add(worked_us, Ordering::Relaxed);
    }

    fn tell(&mut self) {
        let Wires { open, errors, .. } = &mut self.outlet;
        if let Some(ticks) = self.lateness.take(self.time.now, self.number, *open, errors) {
            self.outlet.tell(News::Ticks(ticks));
        }
        self.outlet.bell.ring();
        if std::mem::take(&mut self.outlet.news) {
            // RT: a store, and one system call that does not wait.
            self.forwarder.unpark();
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
            if self.outlet.returned.slots() < SPENT_BY_ONE_CHANGE + 2 || !self.take_awaited(now) {
                return;
            }
            let Ok(order) = self.orders.pop() else { return };
            match order {
                Order::Change(change) => self.mixer.carry_out(change, now, &mut self.outlet),
                Order::Secure(stream, ports, rekeying, change) => {
                    self.outlet.loosen(stream);
                    if let Some(ports) = ports {
                        self.outlet.exchange(stream, ports);
                    }
                    self.outlet.rekey(stream, rekeying);
                    self.mixer.carry_out(change, now, &mut self.outlet);
                }
                Order::Open(stream, ports, rekeying, change) => {
                    let line = Line {
                        ports: Some(ports),
                        tie: Tie::beginning_at(stream.0),
                        ..Line::default()
                    };
                    self.outlet.connect(stream, line);
                    self.outlet.rekey(stream, rekeying);
                    self.mixer.carry_out(change, now, &mut self.outlet);
                }
                Order::Leave(stream, way) => self.give_away(stream, way),
                Order::Arrive(stream, way, round) => self.awaited = Some((stream, way, round)),
            }
        }
    }

    fn give_away(&mut self, id: StreamId, mut way: Producer<Parcel>) {
        let stream = self.mixer.take_out(id, &mut self.outlet);
        let line = self.outlet.disconnect(id);
        let given = way.push(Parcel { stream, line });
        debug_assert!(given.is_ok(), "a way has room for the one stream it was made for");
        self.outlet.give_back(Returned::WayOut(way));
    }

    /// Take the stream that is awaited; says whether none is any more.
    fn take_awaited(&mut self, now: Moment) -> bool {
        let Some((_, way, _)) = &mut self.awaited else {
            return true;
        };
        let Ok(parcel) = way.pop() else { return false };
        let Some((id, way, round)) = self.awaited.take() else {
            return true;
        };
        if let Some(stream) = parcel.stream {
            self.outlet.connect(id, parcel.line);
            self.mixer
                .carry_out(Change::Open(id, stream, round), now, &mut self.outlet);
        }
        self.outlet.give_back(Returned::WayIn(way));
        true
    }

    fn feed(&mut self, stream: StreamId, tick: u64) {
        let Some((sound, reports)) = self.outlet.sockets(stream) else {
            return;
        };
        if self.outlet.has_door(stream) {
            return self.feed_from_door(stream, sound);
        }
        for _ in 0..DATAGRAMS_PER_TICK {
            let Some(datagram) = self.receiver.take(sound, &self.time) else {
                break;
            };
            let (from, arrived) = (datagram.from, datagram.arrived);
            let keys = &mut self.outlet.lines[stream.0 as usize].keys;
            match keys.open(datagram.bytes) {
                Some(packet) => self
                    .mixer
                    .receive(stream, from, packet, arrived, &mut self.outlet),
                None => self.mixer.refuse(stream),
            }
            let Line { pace, tie, .. } = &mut self.outlet.lines[stream.0 as usize];
            tie.hear(from);
            pace.note(arrived);
            if !pace.expects_another(self.time.now) && !tie.is_looking() {
                break;
            }
        }
        self.outlet.served(stream);
        let serving = tick / self.mixer.rounds() as u64 + u64::from(stream.0);
        if serving.is_multiple_of(REPORTS_EVERY) {
            for _ in 0..DATAGRAMS_PER_TICK {
                let Some(datagram) = self.receiver.take(reports, &self.time) else {
                    break;
                };
                let keys = &mut self.outlet.lines[stream.0 as usize].keys;
                match keys.open_report(datagram.bytes) {
                    Some(report) => {
                        self.mixer
                            .receive_report(stream, datagram.from, report, datagram.arrived);
                    }
                    None => self.mixer.refuse(stream),
                }
            }
        }
    }

    /// Read a browser's port, where reports and knocks come among the sound (RFC 7983).
    fn feed_from_door(&mut self, stream: StreamId, socket: RawFd) {
        for _ in 0..DATAGRAMS_PER_TICK {
            let Some(datagram) = self.receiver.take(socket, &self.time) else {
                break;
            };
            let (from, arrived, kind) = (datagram.from, datagram.arrived, Kind::of(datagram.bytes));
            let Line { keys, pace, .. } = &mut self.outlet.lines[stream.0 as usize];
            let sealed = keys.is_secure();
            match kind {
                Kind::Knock => {
                    self.outlet.bell.knock(stream, from, datagram.bytes);
                    continue;
                }
                Kind::Report if sealed => {
                    if let Some(report) = keys.open_report(datagram.bytes) {
                        self.mixer.receive_report(stream, from, report, arrived);
                        continue;
                    }
                }
                Kind::Sound if sealed => {
                    if let Some(packet) = keys.open(datagram.bytes) {
                        pace.note(arrived);
                        self.mixer
                            .receive(stream, from, packet, arrived, &mut self.outlet);
                        continue;
                    }
                }
                _ => {}
            }
            self.mixer.refuse(stream);
        }
    }
}

/// How the kernel schedules the real-time threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheduling {
    /// Before all ordinary threads (`SCHED_FIFO`).
    Fifo,
    /// As an ordinary thread that goes before others.
    Nice,
    /// As any ordinary thread.
    Ordinary,
}

/// Start a thread, which tells how it is scheduled. Gives back its engine when it was told to stop, to be dropped by
/// whoever joins it.
pub(crate) fn spawn(
    mut engine: Engine,
    real_time: bool,
    scheduled: Sender<Scheduling>,
) -> std::io::Result<JoinHandle<Engine>> {
    std::thread::Builder::new()
        .name(format!("media-tick-{}", engine.number))
        .spawn(move || {
            let scheduling = if real_time {
                ask_for_priority()
            } else {
                Scheduling::Ordinary
            };
            // Whoever asked may have given up; its end is freed here, before the first tick.
            let _ = scheduled.send(scheduling);
            drop(scheduled);
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
fn ask_for_priority() -> Scheduling {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    let priority = ThreadPriority::Crossplatform(RT_PRIORITY.try_into().expect("between 0 and 99"));
    if set_thread_priority_and_policy(thread_native_id(), priority, policy).is_ok() {
        return Scheduling::Fifo;
    }
    match rustix::process::setpriority_process(None, NICENESS) {
        Ok(()) => Scheduling::Nice,
        Err(_) => Scheduling::Ordinary,
    }
}
