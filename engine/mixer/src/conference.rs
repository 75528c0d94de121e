//! One conference: its plan in force, and the round in which everybody is heard and hears.
//!
//! The arithmetic: `room` is the sum of those who talk to the room. Each listener of the room hears it without
//! themselves, and whoever talks to them alone. Who hears a source hears that instead. Overlays and beeps come on top.
//! The work of a round grows with the number of seats, not with its square.

use crate::frame::{add, is_silent, subtract, Frame, Sum, FRAME_SAMPLES, SILENCE};
use crate::limiter::Limiter;
use crate::mixer::{ConferenceId, SourceId, StreamId};
use crate::moment::{Moment, WallClock};
use crate::outlet::{Outlet, Spent};
use crate::plan::{Hears, Plan, Seat, Talks};
use crate::source::{Once, Player};
use crate::stage::{Same, Stage, Voice, BEEPS};
use crate::stream::{Home, Stream};

/// All open streams, by id.
pub(crate) type Streams = Vec<Option<Box<Stream>>>;

/// All sources, by id.
pub(crate) type Sources = Vec<Option<Box<Player>>>;

/// A conference. Exists from its first plan until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Conference {
    pub(crate) plan: Option<Box<Plan>>,
    pub(crate) round: usize,
    room: Limiter,
    beeps: [Option<Box<Once>>; BEEPS],
}

/// What a round works with.
pub(crate) struct Hall<'a, O> {
    pub(crate) streams: &'a mut Streams,
    pub(crate) sources: &'a mut Sources,
    pub(crate) stage: &'a mut Stage,
    pub(crate) outlet: &'a mut O,
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
            round,
            ..Self::default()
        }
    }

    /// Play one round: hear everybody, then let everybody hear.
    pub(crate) fn round<O: Outlet>(&mut self, id: ConferenceId, hall: &mut Hall<'_, O>) {
        let Some(plan) = self.plan.take() else { return };
        hall.stage.begin();
        self.make_beeps(id, hall);
        let room = hear_all(id, &plan, hall);
        for (place, seat) in plan.seats.iter().enumerate() {
            if hall.stage.voices[place] != Voice::Absent {
                self.serve(&plan, (place, seat), &room, hall);
            }
        }
        self.plan = Some(plan);
    }

    fn serve<O: Outlet>(&mut self, plan: &Plan, at: (usize, &Seat), room: &Sum, hall: &mut Hall<'_, O>) {
        let Some(mut stream) = hall.streams[at.1.stream.index()].take() else {
            return;
        };
        stream.attend(hall.now, hall.clock, hall.outlet);
        if !stream.sends() {
            stream.sender.skip();
        } else if let Some(same) = what_others_hear_too(plan, at, &stream, hall.stage) {
            self.send_shared(same, &mut stream, room, hall);
        } else {
            send_own(plan, at, &mut stream, room, hall);
        }
        hall.streams[at.1.stream.index()] = Some(stream);
    }

    fn send_shared<O: Outlet>(
        &mut self,
        same: Same,
        stream: &mut Stream,
        room: &Sum,
        hall: &mut Hall<'_, O>,
    ) {
        let (sources, limiter, now) = (&mut *hall.sources, &mut self.room, hall.now);
        let payload = hall
            .stage
            .shared(same, stream.terms().format.codec, |frame| match same {
                Same::Room => limiter.fit(room, frame),
                Same::Source(source) => write_source(sources, source, now, frame),
                Same::Nothing => *frame = SILENCE,
            });
        // So that the loudness goes on where it was when this listener gets a mix of their own.
        stream.limiter = if same == Same::Room {
            self.room
        } else {
            Limiter::default()
        };
        stream.send(payload, hall.outlet);
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
                once.player.write(hall.now, &mut hall.stage.beeps[place]);
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

/// Take everybody's frame, and give the sum of those who talk to the room.
fn hear_all<O: Outlet>(id: ConferenceId, plan: &Plan, hall: &mut Hall<'_, O>) -> Sum {
    let mut room = [0; FRAME_SAMPLES];
    for (place, seat) in plan.seats.iter().enumerate() {
        hall.stage.voices[place] = Voice::Absent;
        let Some(Some(stream)) = hall.streams.get_mut(seat.stream.index()) else {
            continue;
        };
        if stream.home != Home::Seat(id) || !stream.sender.is_due(hall.now) {
            continue;
        }
        let frame = &mut hall.stage.frames[place];
        let talking = seat.talks != Talks::Nobody;
        stream.listen(talking, hall.now, frame);
        if plan.speech && talking {
            stream.watch_speech(frame, hall.outlet);
        }
        hall.stage.voices[place] = Voice::Still;
        if seat.talks == Talks::Room && !is_silent(frame) {
            hall.stage.voices[place] = Voice::InRoom;
            add(&mut room, frame);
        }
    }
    room
}

/// Whether this listener hears just what others hear, so that one mix and one coding serve them all.
fn what_others_hear_too(plan: &Plan, at: (usize, &Seat), stream: &Stream, stage: &Stage) -> Option<Same> {
    let (place, seat) = at;
    if stream.beeps != 0 || !plan.overlays(seat).is_empty() {
        return None;
    }
    match seat.hears {
        Hears::Nothing => Some(Same::Nothing),
        Hears::Source(source) => Some(Same::Source(source)),
        Hears::Room if stage.voices[place] == Voice::InRoom || !plan.whispers(seat).is_empty() => None,
        Hears::Room => Some(Same::Room),
    }
}

/// Mix, code and send what this listener alone hears.
fn send_own<O: Outlet>(
    plan: &Plan,
    (place, seat): (usize, &Seat),
    stream: &mut Stream,
    room: &Sum,
    hall: &mut Hall<'_, O>,
) {
    let mut sum = [0; FRAME_SAMPLES];
    match seat.hears {
        Hears::Room => {
            sum = *room;
            if hall.stage.voices[place] == Voice::InRoom {
                subtract(&mut sum, &hall.stage.frames[place]);
            }
            let there = |other: &&usize| hall.stage.voices[**other] != Voice::Absent;
            for other in plan.whispers(seat).iter().filter(there) {
                add(&mut sum, &hall.stage.frames[*other]);
            }
        }
        Hears::Source(source) => add_source(hall, source, &mut sum),
        Hears::Nothing => {}
    }
    for source in plan.overlays(seat) {
        add_source(hall, *source, &mut sum);
    }
    for (beep, frame) in hall.stage.beeps.iter().enumerate() {
        if stream.beeps & 1 << beep != 0 {
            add(&mut sum, frame);
        }
    }
    let mut frame = SILENCE;
    stream.limiter.fit(&sum, &mut frame);
    let mut payload = [0; FRAME_SAMPLES];
    let bytes = stream.terms().format.codec.encode(&frame, &mut payload);
    stream.send(&payload[..bytes], hall.outlet);
}

fn add_source<O>(hall: &mut Hall<'_, O>, source: SourceId, sum: &mut Sum) {
    let mut frame = SILENCE;
    write_source(hall.sources, source, hall.now, &mut frame);
    add(sum, &frame);
}

/// A source that was not started, or was stopped, is silent.
fn write_source(sources: &mut Sources, source: SourceId, now: Moment, frame: &mut Frame) {
    match sources.get_mut(source.index()) {
        Some(Some(player)) => player.write(now, frame),
        _ => *frame = SILENCE,
    }
}
