//! Sorts what was heard: by who listens, by track, by the round of the mix it was heard in.
//!
//! A frame belongs to the round its moment lies in: the 20 ms, counted from the mixers' common zero. When all real-time
//! threads are past a round, each hearing gets it whole: for each track the sum of what was heard in its places, at the
//! hearing's rate. Pure: no thread, no clock.
//!
//! A stream that goes to a conference served at another part of a round may give two frames in one round, or none; then
//! the second is left out, or 20 ms are silent.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use mixer::frame::FRAME_MS;
use mixer::limiter::Limiter;
use mixer::Moment;

use super::bring::Bringer;
use super::ring::Caught;
use super::{Round, Sink};
use crate::registry::Mark;

/// A thread that is behind the others by more is no longer waited for, in rounds.
const PATIENCE: u64 = 50;

/// Microseconds of a round.
pub(crate) const ROUND_US: u64 = FRAME_MS * 1_000;

/// A frame as it was mixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub rate_hz: u32,
    pub samples: Box<[i16]>,
}

/// What a hearing listens to: names of tracks, and the marks of each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    pub names: Vec<String>,
    pub marks: Vec<Vec<Mark>>,
}

/// Where frames of one mark wait for their round.
#[derive(Debug, Default)]
struct Queue {
    /// The frame of the round given last, if there was one.
    last: Option<Piece>,
    waiting: VecDeque<(u64, Piece)>,
}

impl Queue {
    /// Let a frame wait for its round. Those of a stream that goes to another thread come out of two rings: what was
    /// heard first may come last.
    fn put(&mut self, round: u64, rate_hz: u32, frame: &[i16]) {
        let behind = self.waiting.iter().rev().take_while(|(at, _)| *at > round);
        let at = self.waiting.len() - behind.count();
        if at == 0 || self.waiting[at - 1].0 < round {
            let samples = frame.into();
            self.waiting.insert(at, (round, Piece { rate_hz, samples }));
        }
    }

    fn at(&self, round: u64) -> Option<&Piece> {
        let found = self.waiting.iter().take(2).find(|(at, _)| *at == round);
        found.map(|(_, piece)| piece)
    }

    /// The round is over.
    fn step(&mut self, round: u64) {
        self.last = None;
        while self.waiting.front().is_some_and(|(at, _)| *at <= round) {
            let gone = self.waiting.pop_front();
            self.last = gone.filter(|(at, _)| *at == round).map(|(_, piece)| piece);
        }
    }
}

struct Track {
    marks: Vec<Mark>,
    limiter: Limiter,
}

/// Somebody who listens.
struct Hearing {
    rate_hz: u32,
    names: Arc<[String]>,
    tracks: Vec<Track>,
    queues: HashMap<Mark, Queue>,
    /// The round it gets next.
    next: u64,
    /// Frames that were lost on the way.
    lost: u64,
    sink: Sink,
}

/// All who listen.
#[derive(Default)]
pub(crate) struct Desk {
    hearings: HashMap<u64, Hearing>,
    /// Who listens to a mark.
    routes: HashMap<Mark, Vec<u64>>,
    bringer: Bringer,
}

impl Desk {
    /// Let somebody listen from this round on.
    pub fn add(&mut self, id: u64, (rate_hz, first): (u32, u64), score: Score, sink: Sink) {
        let hearing = Hearing {
            rate_hz,
            names: Arc::default(),
            tracks: Vec::new(),
            queues: HashMap::new(),
            next: first,
            lost: 0,
            sink,
        };
        self.hearings.insert(id, hearing);
        self.change(id, score);
    }

    /// Let them listen to something else. What they go on to hear goes on without a gap.
    pub fn change(&mut self, id: u64, score: Score) {
        let Some(hearing) = self.hearings.get_mut(&id) else {
            return;
        };
        let mut limiters: HashMap<String, Limiter> = HashMap::new();
        for (name, track) in hearing.names.iter().zip(&hearing.tracks) {
            limiters.insert(name.clone(), track.limiter);
        }
        let mut queues = HashMap::new();
        for mark in score.marks.iter().flatten() {
            let queue = hearing.queues.remove(mark);
            queues.entry(*mark).or_insert_with(|| queue.unwrap_or_default());
        }
        let track = |(name, marks): (&String, Vec<Mark>)| Track {
            marks,
            limiter: limiters.get(name).copied().unwrap_or_default(),
        };
        hearing.queues = queues;
        hearing.tracks = score.names.iter().zip(score.marks).map(track).collect();
        hearing.names = score.names.into();
        self.find_routes();
    }

    /// Let somebody listen no longer.
    pub fn remove(&mut self, id: u64) {
        self.hearings.remove(&id);
        self.find_routes();
    }

    /// Whether nobody listens.
    pub fn is_idle(&self) -> bool {
        self.hearings.is_empty()
    }

    fn find_routes(&mut self) {
        self.routes.clear();
        for (id, hearing) in &self.hearings {
            for mark in hearing.queues.keys() {
                self.routes.entry(*mark).or_default().push(*id);
            }
        }
    }

    /// Take a frame that came out of a ring.
    pub fn hear(&mut self, caught: &Caught<'_>) {
        let mark = (caught.mark, caught.ear);
        let round = round_of(caught.at);
        for id in self.routes.get(&mark).into_iter().flatten() {
            let Some(hearing) = self.hearings.get_mut(id).filter(|it| it.next <= round) else {
                continue;
            };
            match (caught.frame, hearing.queues.get_mut(&mark)) {
                (Some(frame), Some(queue)) => queue.put(round, caught.rate_hz, frame),
                _ => hearing.lost += 1,
            }
        }
    }

    /// Frames were lost of which it is not known whose: anybody's.
    pub fn lose(&mut self, frames: u64) {
        for hearing in self.hearings.values_mut() {
            hearing.lost += frames;
        }
    }

    /// Give everybody all rounds that are over at every thread. `until`: how far each of them is.
    pub fn pass(&mut self, until: impl Iterator<Item = Moment>) {
        let (mut least, mut most) = (u64::MAX, 0);
        for moment in until {
            let round = moment.us() / ROUND_US;
            (least, most) = (least.min(round), most.max(round));
        }
        let over = least.max(most.saturating_sub(PATIENCE)).min(most);
        for hearing in self.hearings.values_mut() {
            hearing.pass(over, &mut self.bringer);
        }
    }
}

impl Hearing {
    /// Give all rounds before this one.
    fn pass(&mut self, over: u64, bringer: &mut Bringer) {
        while self.next < over && (self.next + 1 < over || !self.needs_next()) {
            let tracks = (0..self.tracks.len()).map(|at| self.mix(at, bringer)).collect();
            let round = Round {
                number: self.next,
                names: self.names.clone(),
                tracks,
                lost: std::mem::take(&mut self.lost),
            };
            (self.sink)(round);
            for queue in self.queues.values_mut() {
                queue.step(self.next);
            }
            self.next += 1;
        }
    }

    /// Whether a frame is to be brought to another rate: then it must be known what follows it.
    fn needs_next(&self) -> bool {
        let other_rate = |queue: &Queue| queue.at(self.next).is_some_and(|it| it.rate_hz != self.rate_hz);
        self.queues.values().any(other_rate)
    }

    /// The sound of a track in the next round; None: silence.
    fn mix(&mut self, at: usize, bringer: &mut Bringer) -> Option<Vec<i16>> {
        let (next, rate_hz) = (self.next, self.rate_hz);
        let track = &mut self.tracks[at];
        let queues = track.marks.iter().filter_map(|mark| self.queues.get(mark));
        let mut frames = queues.filter_map(|queue| {
            let here = queue.at(next)?;
            Some(bringer.bring((queue.last.as_ref(), here, queue.at(next + 1)), rate_hz))
        });
        let mut first = frames.next()?;
        let mut sum: Vec<i32> = Vec::new();
        for frame in frames {
            if sum.is_empty() {
                sum.extend(first.iter().map(|sample| i32::from(*sample)));
            }
            for (total, sample) in sum.iter_mut().zip(frame) {
                *total += i32::from(sample);
            }
        }
        if track.marks.len() > 1 {
            if sum.is_empty() {
                sum.extend(first.iter().map(|sample| i32::from(*sample)));
            }
            track.limiter.fit(&sum, &mut first);
        }
        Some(first)
    }
}

/// The round that a moment lies in.
pub(crate) fn round_of(at: Moment) -> u64 {
    at.us() / ROUND_US
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_come_out_of_two_rings_wait_in_the_order_of_their_rounds() {
        let mut queue = Queue::default();
        for round in [5, 7, 6, 4, 6, 7] {
            queue.put(round, 8_000, &[round as i16; 160]);
        }
        let waiting: Vec<u64> = queue.waiting.iter().map(|(round, _)| *round).collect();
        assert_eq!(waiting, [4, 5, 6, 7]);
        assert_eq!(queue.at(5).unwrap().samples[0], 5);
        queue.step(5);
        assert_eq!(queue.at(6).unwrap().samples[0], 6);
        assert_eq!(queue.last.as_ref().unwrap().samples[0], 5);
    }
}
