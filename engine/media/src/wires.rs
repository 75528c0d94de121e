//! What leads out of a real-time thread: the sockets of its streams, and the rings to whoever tells and drops.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mixer::stream::Stream;
use mixer::{Fact, Heard, Outlet, Spent, StreamId};
use rtrb::{Consumer, Producer};

use crate::doors::Bell;
use crate::ears::ring::Mouth;
use crate::keys::{bench, Bench, Keys, Rekeying};
use crate::lateness::Ticks;
use crate::network::{send, send_tied, tie, untie};
use crate::pace::Pace;
use crate::ports::PortPair;
use crate::tie::{Knot, Tie};

/// What a real-time thread has to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum News {
    /// Of a stream or a source.
    Fact(Fact),
    /// Of the thread itself.
    Ticks(Ticks),
}

/// A stream on its way to another thread, with its ports: nothing of it is left behind.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub stream: Option<Box<Stream>>,
    pub line: Line,
}

/// Something that is to be dropped elsewhere.
#[derive(Debug)]
pub(crate) enum Returned {
    /// Of the mixer; with the ports and the keys, if it is a closed stream.
    Spent(Spent, Option<PortPair>, Keys),
    /// Sockets that others took the place of.
    #[expect(dead_code, reason = "they are there to be dropped")]
    Ports(PortPair),
    /// Keys that others took the place of.
    #[expect(dead_code, reason = "they are there to be dropped")]
    Keys(Keys),
    /// The end of a way by which a stream has left.
    #[expect(dead_code, reason = "it is there to be dropped")]
    WayOut(Producer<Parcel>),
    /// The end of a way by which a stream has come.
    #[expect(dead_code, reason = "it is there to be dropped")]
    WayIn(Consumer<Parcel>),
}

/// The network side of one stream.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub ports: Option<PortPair>,
    pub pace: Pace,
    pub tie: Tie,
    pub keys: Keys,
}

/// What went wrong since the thread last told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Errors {
    /// Packets that the network did not take.
    pub unsent: u64,
    /// Facts for which there was no room.
    pub facts_dropped: u64,
}

/// The sockets, and the rings that lead out.
pub(crate) struct Wires {
    pub lines: Vec<Line>,
    /// Streams whose sockets are here.
    pub open: usize,
    pub errors: Errors,
    /// Whether there is something for the forwarder to fetch.
    pub news: bool,
    /// Whether sockets may be tied: tying one that is bound to all addresses would bind it to one.
    tying: bool,
    facts: Producer<News>,
    pub returned: Producer<Returned>,
    facts_dropped: Arc<AtomicU64>,
    /// Slots that statistics must leave free for what cannot be told again.
    facts_reserve: usize,
    bench: Bench,
    mouth: Mouth,
    pub bell: Bell,
}

impl Wires {
    /// Sockets for so many streams, none of them open.
    pub fn new(
        streams: usize,
        tying: bool,
        facts: Producer<News>,
        returned: Producer<Returned>,
        facts_dropped: Arc<AtomicU64>,
        mouth: Mouth,
        bell: Bell,
    ) -> Self {
        Self {
            lines: std::iter::repeat_with(Line::default).take(streams).collect(),
            open: 0,
            tying,
            errors: Errors::default(),
            news: false,
            facts_reserve: facts.buffer().capacity() / 2,
            facts,
            returned,
            facts_dropped,
            bench: bench(),
            mouth,
            bell,
        }
    }

    /// The sockets of a stream: for sound, for reports.
    pub fn sockets(&self, stream: StreamId) -> Option<(RawFd, RawFd)> {
        let ports = self.lines[stream.0 as usize].ports.as_ref()?;
        Some((ports.sound.as_raw_fd(), ports.reports.as_raw_fd()))
    }

    /// Whether a browser comes to a stream.
    pub fn has_door(&self, stream: StreamId) -> bool {
        self.lines[stream.0 as usize]
            .ports
            .as_ref()
            .is_some_and(|ports| ports.door)
    }

    /// Take the sockets of a stream.
    pub fn connect(&mut self, stream: StreamId, line: Line) {
        self.lines[stream.0 as usize] = line;
        self.open += 1;
    }

    /// Give up the sockets of a stream, if they are here.
    pub fn disconnect(&mut self, stream: StreamId) -> Line {
        let line = std::mem::take(&mut self.lines[stream.0 as usize]);
        self.open -= usize::from(line.ports.is_some());
        line
    }

    /// Exchange the keys of a stream. There must be room for the spent ones.
    pub fn rekey(&mut self, stream: StreamId, rekeying: Rekeying) {
        if !matches!(rekeying, Rekeying::Keep) {
            let spent = self.lines[stream.0 as usize].keys.change(rekeying);
            self.give_back(Returned::Keys(spent));
        }
    }

    /// Exchange the sockets of a stream. There must be room for the spent ones.
    pub fn exchange(&mut self, stream: StreamId, ports: PortPair) {
        let line = &mut self.lines[stream.0 as usize];
        let spent = match line.ports.as_mut() {
            Some(before) => std::mem::replace(before, ports),
            None => ports,
        };
        self.give_back(Returned::Ports(spent));
    }

    /// Let a stream's socket go: its peer may be anywhere.
    pub fn loosen(&mut self, stream: StreamId) {
        let Line { ports, tie, .. } = &mut self.lines[stream.0 as usize];
        if let Some(ports) = ports.as_ref().filter(|_| tie.is_tied()) {
            untie(&ports.sound);
        }
        tie.loosen();
    }

    /// A serving of a stream is over, tie its socket, or let it go.
    pub fn served(&mut self, stream: StreamId) {
        let Line {
            ports, tie: state, ..
        } = &mut self.lines[stream.0 as usize];
        // A browser may go on by another of its addresses at any time.
        let own = |ports: &&PortPair| self.tying && ports.peer.is_none() && !ports.door;
        let Some(ports) = ports.as_ref().filter(own) else {
            return;
        };
        match state.serve() {
            Knot::Leave => {}
            Knot::Tie(to) if tie(&ports.sound, to) => {}
            Knot::Tie(_) => state.loosen(),
            Knot::Untie => untie(&ports.sound),
        }
    }

    /// Tell something; it is dropped and counted when there is no room. A stream's counters are dropped without a word:
    /// a second later the next ones say it all again.
    pub fn tell(&mut self, news: News) {
        // Counters are fetched with whatever comes next, or when the forwarder's nap is over: nobody is waked for them.
        let counters = matches!(news, News::Fact(Fact::Statistics { last: false, .. }));
        let can_wait = counters || matches!(news, News::Ticks(_));
        let full = can_wait && self.facts.slots() <= self.facts_reserve;
        if (full || self.facts.push(news).is_err()) && !counters {
            self.facts_dropped.fetch_add(1, Ordering::Relaxed);
            self.errors.facts_dropped += 1;
        }
        self.news |= !counters;
    }

    /// Hand something over for dropping. There must be room.
    pub fn give_back(&mut self, returned: Returned) {
        self.news = true;
        let given = self.returned.push(returned);
        debug_assert!(given.is_ok(), "room is left before each order");
    }
}

impl Outlet for Wires {
    fn sound(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) -> bool {
        let Line { ports, tie, keys, .. } = &mut self.lines[stream.0 as usize];
        let Some(ports) = ports else {
            return false;
        };
        if ports.door && !keys.is_secure() {
            return false; // nothing goes out unsealed while keys are being agreed on
        }
        let Some(packet) = keys.seal(packet, &mut self.bench) else {
            self.errors.unsent += 1;
            return false;
        };
        if ports.peer.is_some() {
            // Connected for good. The first may only fetch what the network said of the one before.
            let sent = send_tied(&ports.sound, packet) || send_tied(&ports.sound, packet);
            self.errors.unsent += u64::from(!sent);
            return sent;
        }
        let elsewhere = tie.send(to);
        let tied = tie.is_tied();
        let mut sent = tied && !elsewhere && send_tied(&ports.sound, packet);
        if !sent {
            if tied {
                // Where we send has changed, or the network said that nobody is there.
                untie(&ports.sound);
                tie.loosen();
            }
            sent = send(&ports.sound, to, packet);
        }
        self.errors.unsent += u64::from(!sent);
        sent
    }

    fn report(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) {
        let Line { ports, keys, tie, .. } = &mut self.lines[stream.0 as usize];
        if let Some(ports) = ports.as_ref().filter(|ports| ports.door) {
            let Some(to) = tie.sent_to().filter(|_| keys.is_secure()) else {
                return;
            };
            if let Some(packet) = keys.seal_report(packet, &mut self.bench) {
                let _ = send(&ports.sound, to, packet);
            }
            return;
        }
        let packet = keys.seal_report(packet, &mut self.bench);
        if let (Some(ports), Some(packet)) = (ports, packet) {
            // A report that the network does not take is not worth another try: the next one says more.
            let _ = send(&ports.reports, to, packet);
        }
    }

    fn fact(&mut self, fact: Fact) {
        self.tell(News::Fact(fact));
    }

    fn heard(&mut self, heard: Heard<'_>) {
        self.mouth.say(&heard);
    }

    fn spent(&mut self, spent: Spent) -> Result<(), Spent> {
        if self.returned.is_full() {
            return Err(spent);
        }
        let Line { ports, keys, .. } = match &spent {
            Spent::Stream(stream, _) => self.disconnect(*stream),
            _ => Line::default(),
        };
        self.give_back(Returned::Spent(spent, ports, keys));
        Ok(())
    }
}
