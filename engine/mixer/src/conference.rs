//! One conference: its plan in force, and the round in which everybody is heard and hears.
//!
//! The arithmetic: `room` is the sum of those who talk to the room. Each listener of the room hears it without
//! themselves, and whoever talks to them alone. Who hears a source hears that instead. Overlays and beeps come on top.
//! The work of a round grows with the number of seats, not with its square.
//!
//! A round goes over the seats twice, or three times where encoders remember: hear everybody, see who shares an encoder,
//! let everybody hear. [`rate`](crate::rate) says at which rate.

use codecs::opus::Joiner;

use crate::codec::{encode_plain, LONGEST_FRAME_BYTES};
use crate::ears::{self, Ear, Heard, RoomTap};
use crate::frame::{Frame, Sum, CLOCK_RATE_HZ, LONGEST_FRAME, SILENCE};
use crate::lane::{Key, Lanes, Mixed, Places, Ride, SLOTS_OF_ONE};
use crate::limiter::Limiter;
use crate::mixer::{ConferenceId, StreamId};
use crate::mixing::{hear_all, mix_own, what_others_hear_too, write_source};
use crate::moment::{Moment, WallClock};
use crate::noise::Floor;
use crate::outlet::{Outlet, Spent};
use crate::plan::{Plan, Seat};
use crate::rate;
use crate::source::{Once, Player, Reader};
use crate::stage::{Same, Stage, Voice, BEEPS};
use crate::stream::{Home, Stream};

/// All open streams, by id.
pub(crate) type Streams = Vec<Option<Box<Stream>>>;

/// All sources, by id.
pub(crate) type Sources = Vec<Option<Box<Player>>>;

/// A conference. Exists from its first plan until it is dropped.
#[derive(Debug)]
pub(crate) struct Conference {
    pub(crate) plan: Option<Box<Plan>>,
    pub(crate) round: usize,
    /// Whether somebody has come or gone, or another codec was agreed, so that another rate may be due.
    pub(crate) changed: bool,
    mix_hz: u32,
    /// Whether somebody hears by way of a lane.
    laned: bool,
    places: Places,
    room: Limiter,
    beeps: [Option<Box<Once>>; BEEPS],
    pub(crate) tap: RoomTap,
}

/// Room to work in for one seat at a time.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) room: Sum,
    pub(crate) sum: Sum,
    pub(crate) frame: Frame,
    pub(crate) other: Frame,
    pub(crate) payload: [u8; LONGEST_FRAME_BYTES],
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            room: [0; LONGEST_FRAME],
            sum: [0; LONGEST_FRAME],
            frame: SILENCE,
            other: SILENCE,
            payload: [0; LONGEST_FRAME_BYTES],
        }
    }
}

/// What a round works with.
pub(crate) struct Hall<'a, O> {
    pub(crate) streams: &'a mut Streams,
    pub(crate) sources: &'a mut Sources,
    pub(crate) stage: &'a mut Stage,
    pub(crate) lanes: &'a mut Lanes,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) reader: &'a mut Reader,
    pub(crate) joiner: &'a mut Joiner,
    pub(crate) floor: &'a mut Floor,
    pub(crate) outlet: &'a mut O,
    pub(crate) automatic_gain: bool,
    pub(crate) now: Moment,
    pub(crate) clock: WallClock,
}

impl<O: Outlet> Hall<'_, O> {
    fn seated(&mut self, stream: StreamId, conference: ConferenceId) -> Option<&mut Stream> {
        let stream = self.streams.get_mut(stream.index())?.as_deref_mut()?;
        (stream.home == Home::Seat(conference)).then_some(stream)
    }
}

impl Conference {
    /// A conference that is served in this round, without a plan yet.
    pub(crate) fn in_round(round: usize) -> Self {
        Self {
            plan: None,
            round,
            changed: true,
            mix_hz: CLOCK_RATE_HZ,
            laned: false,
            places: [None; SLOTS_OF_ONE],
            room: Limiter::default(),
            beeps: std::array::from_fn(|_| None),
            tap: RoomTap::default(),
        }
    }

    /// Play one round: hear everybody, then let everybody hear.
    pub(crate) fn round<O: Outlet>(&mut self, id: ConferenceId, hall: &mut Hall<'_, O>) {
        let Some(plan) = self.plan.take() else { return };
        if std::mem::take(&mut self.changed) {
            let needs = rate::needed(id, &plan, hall.streams);
            (self.mix_hz, self.laned) = (needs.mix_hz, self.laned || needs.lanes);
        }
        hall.stage.begin(self.mix_hz);
        self.make_beeps(id, hall);
        hear_all(id, self.mix_hz, &plan, hall);
        if std::mem::take(&mut self.laned) {
            self.share_lanes(id, &plan, hall);
        }
        for (place, seat) in plan.seats.iter().enumerate() {
            if hall.stage.voices[place] != Voice::Absent {
                self.serve(&plan, (place, seat), hall);
            }
        }
        if !self.tap.is_idle() {
            self.tell_ears(plan.len(), hall);
        }
        self.plan = Some(plan);
    }

    /// Hand out what is listened to of the room, and of the sources that play here.
    fn tell_ears<O: Outlet>(&mut self, seats: usize, hall: &mut Hall<'_, O>) {
        let (at, rate_hz, tap) = (hall.now, self.mix_hz, self.tap);
        let spoken = hall.stage.voices[..seats].contains(&Voice::InRoom);
        if let Some(mark) = tap.room.filter(|_| spoken) {
            let helpers = (&mut *hall.reader, &mut *hall.floor);
            let make = self.maker(Same::Room, hall.scratch, hall.sources, helpers, at);
            let (frame, silent) = hall.stage.shared(Same::Room, make);
            let ear = Ear::Room;
            if !silent {
                hall.outlet.heard(Heard {
                    at,
                    mark,
                    ear,
                    rate_hz,
                    frame,
                });
            }
        }
        let frame = &mut hall.scratch.frame[..hall.stage.samples()];
        for (source, mark) in tap.sources.into_iter().flatten() {
            let ear = Ear::Source;
            let player = hall
                .sources
                .get_mut(source.index())
                .and_then(Option::as_deref_mut);
            // Whoever only listens does not make it begin.
            let Some(player) = player.filter(|player| player.plays_at(at)) else {
                continue;
            };
            player.write((at, rate_hz, &mut *hall.reader), frame);
            if frame.iter().any(|sample| *sample != 0) {
                hall.outlet.heard(Heard {
                    at,
                    mark,
                    ear,
                    rate_hz,
                    frame,
                });
            }
        }
    }

    /// See who shares a lane in this round, before any has coded anything.
    fn share_lanes<O: Outlet>(&mut self, id: ConferenceId, plan: &Plan, hall: &mut Hall<'_, O>) {
        for (place, seat) in plan.seats.iter().enumerate() {
            if hall.stage.voices[place] == Voice::Absent {
                continue;
            }
            let Some(Some(stream)) = hall.streams.get_mut(seat.stream.index()) else {
                continue;
            };
            let shares = stream.needs_lane(self.mix_hz) && stream.sends();
            let same = what_others_hear_too(plan, (place, seat), stream, hall.stage).filter(|_| shares);
            let wanted = same.map(|same| Key {
                conference: id,
                same,
                coding: stream.coding(),
            });
            hall.lanes.prepare(&mut stream.ride, wanted, &mut self.places);
        }
    }

    fn serve<O: Outlet>(&mut self, plan: &Plan, at: (usize, &Seat), hall: &mut Hall<'_, O>) {
        let Some(mut stream) = hall.streams[at.1.stream.index()].take() else {
            return;
        };
        stream.attend(hall.now, hall.clock, hall.outlet);
        let same = what_others_hear_too(plan, at, &stream, hall.stage);
        if !stream.sends() {
            stream.sender.skip(stream.coding().codec);
        } else if stream.needs_lane(self.mix_hz) {
            self.laned = true;
            self.send_by_lane(same, (plan, at), &mut stream, hall);
        } else if let Some(same) = same {
            self.send_shared(same, &mut stream, hall);
        } else {
            let silent = mix_own(self.mix_hz, (plan, at), &mut stream, hall);
            let scratch = &mut *hall.scratch;
            let frame = &scratch.frame[..hall.stage.samples()];
            ears::tell_out(&stream, (hall.now, self.mix_hz), (frame, silent), hall.outlet);
            let bytes = encode_plain(stream.coding(), frame, &mut scratch.payload);
            stream.send((&scratch.payload[..bytes], silent), hall.joiner, hall.outlet);
        }
        hall.streams[at.1.stream.index()] = Some(stream);
    }

    fn send_shared<O: Outlet>(&mut self, same: Same, stream: &mut Stream, hall: &mut Hall<'_, O>) {
        let coding = stream.coding();
        if stream.tap.hears(Ear::Out) {
            // What is made here is found again below.
            let helpers = (&mut *hall.reader, &mut *hall.floor);
            let make = self.maker(same, hall.scratch, hall.sources, helpers, hall.now);
            let (frame, silent) = hall.stage.shared(same, make);
            ears::tell_out(stream, (hall.now, self.mix_hz), (frame, silent), hall.outlet);
        }
        let make = self.maker(
            same,
            hall.scratch,
            hall.sources,
            (hall.reader, hall.floor),
            hall.now,
        );
        let coded = hall.stage.shared_coded(same, coding, make);
        self.follow_loudness(same, stream);
        stream.send(coded, hall.joiner, hall.outlet);
    }

    fn send_by_lane<O: Outlet>(
        &mut self,
        same: Option<Same>,
        at: (&Plan, (usize, &Seat)),
        stream: &mut Stream,
        hall: &mut Hall<'_, O>,
    ) {
        let (mix_hz, now) = (self.mix_hz, hall.now);
        let (frame, silent) = if let Some(same) = same {
            let make = self.maker(same, hall.scratch, hall.sources, (hall.reader, hall.floor), now);
            let shared = hall.stage.shared(same, make);
            self.follow_loudness(same, stream);
            shared
        } else {
            let silent = mix_own(mix_hz, at, stream, hall);
            (&hall.scratch.frame[..hall.stage.samples()], silent)
        };
        ears::tell_out(stream, (now, mix_hz), (frame, silent), hall.outlet);
        let loss = stream.lost_percent();
        let mixed = Mixed {
            frame,
            mix_hz,
            now,
            loss,
        };
        let payload = match &mut stream.ride {
            Ride::Shared(slot) => hall.lanes.coded(*slot, mixed),
            Ride::Own(own) => {
                let bytes = own.encode(same, mixed, &mut hall.scratch.payload);
                &hall.scratch.payload[..bytes]
            }
        };
        stream.send((payload, silent), hall.joiner, hall.outlet);
    }

    /// What makes the frame that several hear, and says whether it is silent.
    fn maker<'a>(
        &'a mut self,
        same: Same,
        scratch: &'a Scratch,
        sources: &'a mut Sources,
        (reader, floor): (&'a mut Reader, &'a mut Floor),
        now: Moment,
    ) -> impl FnMut(&mut [i16]) -> bool + 'a {
        let (limiter, mix_hz) = (&mut self.room, self.mix_hz);
        move |frame| {
            match same {
                Same::Room => limiter.fit(&scratch.room[..frame.len()], frame),
                Same::Source(source) => write_source(sources, source, (now, mix_hz, &mut *reader), frame),
                Same::Nothing => frame.fill(0),
            }
            floor.settle(frame)
        }
    }

    /// So that the loudness goes on where it was when this listener gets a mix of their own.
    fn follow_loudness(&self, same: Same, stream: &mut Stream) {
        stream.limiter = if same == Same::Room {
            self.room
        } else {
            Limiter::default()
        };
    }

    /// Begin a beep; what there is no room for takes the place of the oldest.
    pub(crate) fn beep<O: Outlet>(&mut self, id: ConferenceId, once: Box<Once>, hall: &mut Hall<'_, O>) {
        let free = self.beeps.iter().position(Option::is_none);
        let place = free.unwrap_or(0);
        if free.is_none() {
            self.end_beep(id, place, hall);
        }
        for stream in &once.streams {
            if let Some(stream) = hall.seated(*stream, id) {
                stream.beeps |= 1 << place;
            }
        }
        self.beeps[place] = Some(once);
    }

    fn make_beeps<O: Outlet>(&mut self, id: ConferenceId, hall: &mut Hall<'_, O>) {
        for place in 0..BEEPS {
            let Some(once) = self.beeps[place].as_deref_mut() else {
                continue;
            };
            if once.player.pass(hall.now).is_some() || once.player.has_ended() {
                self.end_beep(id, place, hall);
            } else {
                let samples = hall.stage.samples();
                let frame = &mut hall.stage.beeps[place][..samples];
                once.player
                    .write((hall.now, self.mix_hz, &mut *hall.reader), frame);
            }
        }
    }

    /// Take a beep away. When its memory cannot be given back just now it stays, unheard, and is tried again.
    fn end_beep<O: Outlet>(&mut self, id: ConferenceId, place: usize, hall: &mut Hall<'_, O>) {
        let Some(once) = self.beeps[place].take() else {
            return;
        };
        for stream in &once.streams {
            if let Some(stream) = hall.seated(*stream, id) {
                stream.beeps &= !(1 << place);
            }
        }
        if let Err(Spent::Once(once)) = hall.outlet.spent(Spent::Once(once)) {
            self.beeps[place] = Some(once);
        }
    }

    /// End everything that plays once.
    pub(crate) fn end_beeps<O: Outlet>(&mut self, id: ConferenceId, hall: &mut Hall<'_, O>) {
        for place in 0..BEEPS {
            self.end_beep(id, place, hall);
        }
    }
}
