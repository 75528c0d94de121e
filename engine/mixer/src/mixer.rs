//! All streams, conferences and sources of one thread, and their tick.
//!
//! Conferences are spread over the rounds of a frame: with a tick of 5 ms each of four rounds serves a quarter of them,
//! and every conference is served every 20 ms. A tick is: carry out changes, feed packets, [`Mixer::tick`]. Changes take
//! effect between two ticks, whole.
//!
//! Pure: no socket, no clock. Allocates when it is made; a tick and a change allocate nothing and free nothing.

mod lobby;
mod seating;

use std::net::SocketAddr;

use codecs::opus::Joiner;

use crate::conference::{Conference, Hall, Scratch, Sources, Streams};
use crate::ears::{RoomTap, Tap};
use crate::frame::FRAME_MS;
use crate::keying::Keys;
use crate::lane::Lanes;
use crate::moment::{Moment, WallClock};
use crate::noise::Floor;
use crate::outlet::{Fact, Outlet, Spent};
use crate::plan::{Plan, Talks};
use crate::source::{Once, Player, Reader};
use crate::stage::Stage;
use crate::stream::{Home, Kit, Stream};
use crate::terms::Terms;

macro_rules! id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("Names ", $what, ": its place in the mixer's table. Chosen by the caller, below the limit.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            pub(crate) fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(StreamId, "a stream");
id!(ConferenceId, "a conference");
id!(SourceId, "a source");

/// Room that must be left in [`Outlet::spent`] before a change: what one change can give back.
pub const SPENT_BY_ONE_CHANGE: usize = 16;

/// How much a mixer can hold, and how it ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Streams at once.
    pub streams: usize,
    /// Conferences at once.
    pub conferences: usize,
    /// Sources at once.
    pub sources: usize,
    /// Length of a tick in ms; divides 20.
    pub tick_ms: u64,
}

/// Something to change between two ticks.
#[derive(Debug)]
pub enum Change {
    /// Open a stream; it waits in the lobby of a round until a plan names it.
    Open(StreamId, Box<Stream>, usize),
    /// Follow a re-INVITE; with a kit when the coding changes.
    Alter(StreamId, Terms, Option<Box<Kit>>),
    /// Close a stream.
    Close(StreamId),
    /// Put a plan in force; a new conference is served in the round given.
    Apply(ConferenceId, Box<Plan>, usize),
    /// Forget a conference; its streams go to the lobby.
    Drop(ConferenceId),
    /// Start a source, or replace what it plays.
    Start(SourceId, Box<Player>),
    /// Stop a source.
    Stop(SourceId),
    /// Play something once over what seats of a conference hear.
    PlayOnce(ConferenceId, Box<Once>),
    /// Press keys: events take the place of a stream's sound.
    Press(StreamId, Keys),
    /// Listen to a stream, or no longer; goes along wherever it goes.
    TapStream(StreamId, Tap),
    /// Listen to a conference, or no longer; until it is dropped.
    TapRoom(ConferenceId, RoomTap),
    /// Make room for larger plans.
    Enlarge(Box<Stage>),
}

/// One round of the conferences and of the streams that are in none.
#[derive(Debug)]
struct Round {
    conferences: Vec<ConferenceId>,
    lobby: Vec<StreamId>,
}

/// The mixer of one thread.
#[derive(Debug)]
pub struct Mixer {
    limits: Limits,
    clock: WallClock,
    streams: Streams,
    sources: Sources,
    conferences: Vec<Option<Conference>>,
    rounds: Vec<Round>,
    stage: Box<Stage>,
    lanes: Lanes,
    scratch: Box<Scratch>,
    reader: Box<Reader>,
    joiner: Joiner,
    floor: Floor,
    automatic_gain: bool,
    marks: u64,
}

impl Mixer {
    /// An empty mixer with room for all that the limits allow.
    pub fn new(limits: Limits, clock: WallClock) -> Self {
        let rounds = (FRAME_MS / limits.tick_ms).max(1);
        Self {
            limits,
            clock,
            streams: std::iter::repeat_with(|| None).take(limits.streams).collect(),
            sources: std::iter::repeat_with(|| None).take(limits.sources).collect(),
            conferences: std::iter::repeat_with(|| None).take(limits.conferences).collect(),
            rounds: (0..rounds)
                .map(|_| Round {
                    conferences: Vec::with_capacity(limits.conferences),
                    lobby: Vec::with_capacity(limits.streams),
                })
                .collect(),
            stage: Box::new(Stage::new(64)),
            lanes: Lanes::new(limits.streams),
            scratch: Box::default(),
            reader: Box::default(),
            joiner: Joiner::default(),
            floor: Floor::default(),
            automatic_gain: false,
            marks: 0,
        }
    }

    /// How many rounds a frame has.
    pub fn rounds(&self) -> usize {
        self.rounds.len()
    }

    /// The moment of a tick: ticks are counted from the mixer's zero.
    pub fn moment_of(&self, tick: u64) -> Moment {
        Moment::from_ms(tick * self.limits.tick_ms)
    }

    /// Set what the mixer's time is on the wall clock.
    pub fn set_clock(&mut self, clock: WallClock) {
        self.clock = clock;
    }

    /// Let nobody hear digital silence in a conference, but noise of so many -dBov; 0: silence is silent.
    pub fn set_noise_floor(&mut self, level: u8) {
        self.floor = Floor::of_level(level);
    }

    /// Bring who speaks faintly and who speaks loudly nearer to one another, or leave them as they are.
    pub fn set_automatic_gain(&mut self, wanted: bool) {
        self.automatic_gain = wanted;
    }

    /// Carry out a change. `now` is the moment of the tick that follows. There must be room for
    /// [`SPENT_BY_ONE_CHANGE`] spent things.
    pub fn carry_out(&mut self, change: Change, now: Moment, outlet: &mut impl Outlet) {
        match change {
            Change::Open(id, stream, round) => self.open(id, stream, round),
            Change::Alter(id, terms, kit) => self.alter(id, terms, kit, now, outlet),
            Change::Close(id) => self.close(id, now, outlet),
            Change::Apply(id, plan, round) => self.apply(id, plan, round, outlet),
            Change::Drop(id) => self.drop_conference(id, now, outlet),
            Change::Start(id, player) => {
                if let Some(before) = self.sources[id.index()].replace(player) {
                    give_back(outlet, Spent::Player(before));
                }
            }
            Change::Stop(id) => {
                let player = self.sources[id.index()].take();
                give_back(outlet, Spent::Source(id, player));
            }
            Change::PlayOnce(id, once) => self.play_once(id, once, now, outlet),
            Change::Press(id, keys) => {
                if let Some(stream) = self.streams[id.index()].as_deref_mut() {
                    stream.press(&keys);
                }
            }
            Change::TapStream(id, tap) => {
                if let Some(stream) = self.streams[id.index()].as_deref_mut() {
                    stream.tap = tap;
                }
            }
            Change::TapRoom(id, tap) => {
                if let Some(conference) = self.conferences[id.index()].as_mut() {
                    conference.tap = tap;
                }
            }
            Change::Enlarge(stage) => {
                let before = std::mem::replace(&mut self.stage, stage);
                give_back(outlet, Spent::Stage(before));
            }
        }
    }

    fn open(&mut self, id: StreamId, stream: Box<Stream>, round: usize) {
        debug_assert!(self.streams[id.index()].is_none());
        self.streams[id.index()] = Some(stream);
        self.enter_lobby(id, round);
    }

    fn alter(
        &mut self,
        id: StreamId,
        terms: Terms,
        kit: Option<Box<Kit>>,
        now: Moment,
        outlet: &mut impl Outlet,
    ) {
        let spent = match self.streams[id.index()].as_deref_mut() {
            Some(stream) => {
                self.lanes.leave(&mut stream.ride);
                if let Home::Seat(conference) = stream.home {
                    if let Some(conference) = self.conferences[conference.index()].as_mut() {
                        conference.changed = true;
                    }
                }
                stream.change(terms, kit, now)
            }
            None => kit,
        };
        if let Some(kit) = spent {
            give_back(outlet, Spent::Kit(kit));
        }
    }

    fn close(&mut self, id: StreamId, now: Moment, outlet: &mut impl Outlet) {
        let stream = self.streams[id.index()].take().map(|mut stream| {
            stream.close(now, self.clock, outlet);
            // It takes as many lanes along as it brought.
            self.lanes.leave(&mut stream.ride);
            if let Home::Lobby { round, place } = stream.home {
                self.leave_lobby(round, place);
            }
            stream
        });
        give_back(outlet, Spent::Stream(id, stream));
    }

    /// Take a stream out, for another mixer to open under the same id. It leaves its seat; its sound goes on there.
    pub fn take_out(&mut self, id: StreamId, outlet: &mut impl Outlet) -> Option<Box<Stream>> {
        let mut stream = self.streams[id.index()].take()?;
        self.lanes.leave(&mut stream.ride);
        if let Home::Lobby { round, place } = stream.home {
            self.leave_lobby(round, place);
        }
        stream.sit(Home::Lobby { round: 0, place: 0 }, Talks::Nobody, false, outlet);
        stream.mark = 0;
        Some(stream)
    }

    fn hall<'a, O: Outlet>(&'a mut self, now: Moment, outlet: &'a mut O) -> Hall<'a, O> {
        let Self {
            streams,
            sources,
            stage,
            clock,
            lanes,
            scratch,
            reader,
            joiner,
            floor,
            automatic_gain,
            ..
        } = self;
        Hall {
            streams,
            sources,
            stage,
            lanes,
            scratch,
            reader,
            joiner,
            floor,
            outlet,
            now,
            automatic_gain: *automatic_gain,
            clock: *clock,
        }
    }

    /// List the streams that a tick will serve, for their packets to be fed first.
    pub fn due(&self, tick: u64, into: &mut Vec<StreamId>) {
        let round = &self.rounds[self.round_of(tick)];
        into.clear();
        for conference in &round.conferences {
            let plan = self.conferences[conference.index()]
                .as_ref()
                .and_then(|it| it.plan.as_deref());
            let seated = |stream: &StreamId| match self.streams.get(stream.index()) {
                Some(Some(stream)) => stream.home == Home::Seat(*conference),
                _ => false,
            };
            let seats = plan
                .into_iter()
                .flat_map(|plan| &plan.seats)
                .map(|seat| seat.stream);
            into.extend(seats.filter(seated));
        }
        into.extend_from_slice(&round.lobby);
    }

    fn round_of(&self, tick: u64) -> usize {
        (tick % self.rounds.len() as u64) as usize
    }

    /// Feed a datagram that came to a stream's RTP port.
    pub fn receive(
        &mut self,
        id: StreamId,
        from: SocketAddr,
        datagram: &[u8],
        arrived: Moment,
        outlet: &mut impl Outlet,
    ) {
        if let Some(Some(stream)) = self.streams.get_mut(id.index()) {
            stream.receive(from, datagram, arrived, outlet);
        }
    }

    /// Count a datagram that came for a stream and was not even worth feeding: it was not sealed with its keys.
    pub fn refuse(&mut self, id: StreamId) {
        if let Some(Some(stream)) = self.streams.get_mut(id.index()) {
            stream.refuse();
        }
    }

    /// Feed a datagram that came to a stream's RTCP port.
    pub fn receive_report(&mut self, id: StreamId, from: SocketAddr, datagram: &[u8], arrived: Moment) {
        if let Some(Some(stream)) = self.streams.get_mut(id.index()) {
            stream.receive_report(from, datagram, arrived, self.clock);
        }
    }

    /// Play one tick: serve the conferences of its round and the streams that are in none.
    pub fn tick(&mut self, tick: u64, outlet: &mut impl Outlet) {
        let now = self.moment_of(tick);
        let round = self.round_of(tick);
        for at in 0..self.rounds[round].conferences.len() {
            let id = self.rounds[round].conferences[at];
            let Some(mut conference) = self.conferences[id.index()].take() else {
                continue;
            };
            conference.round(id, &mut self.hall(now, outlet));
            self.conferences[id.index()] = Some(conference);
        }
        self.serve_lobby(round, now, outlet);
        self.pass_sources(round, now, outlet);
    }

    /// Let time pass for a part of the sources; all of them within a frame.
    fn pass_sources(&mut self, round: usize, now: Moment, outlet: &mut impl Outlet) {
        let step = self.rounds.len();
        for (at, player) in self.sources.iter_mut().enumerate().skip(round).step_by(step) {
            let Some(player) = player else { continue };
            if let Some(turn) = player.pass(now) {
                outlet.fact(Fact::SourceEnded {
                    source: SourceId(at as u32),
                    turn,
                });
            }
        }
    }
}

/// Give something back for which room has been left.
fn give_back(outlet: &mut impl Outlet, spent: Spent) {
    let kept = outlet.spent(spent);
    debug_assert!(kept.is_ok(), "the caller leaves room before each change");
}
