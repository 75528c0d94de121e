//! A recording that goes on: what its listener puts in and its writer takes out.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use media::Round;
use parking_lot::{Condvar, Mutex};

use crate::timeline::Timeline;

/// Samples of all recordings together that may wait for disks: 128 MiB.
const WAITING: usize = 64 << 20;

/// Samples of one recording that may: 16 MiB.
const WAITING_OF_ONE: usize = 8 << 20;

/// Rounds of one recording that may: 30 s.
const WAITING_ROUNDS: usize = 1_500;

/// The sound of one round, and where it lies in the recording.
pub(crate) struct Block {
    /// In rounds from the beginning.
    pub place: u64,
    pub names: Arc<[String]>,
    pub tracks: Vec<Option<Vec<i16>>>,
}

/// What the writer finds to do.
pub(crate) struct Work {
    pub blocks: Vec<Block>,
    /// Names of all tracks there have been.
    pub names: Vec<String>,
    /// How long the recording is by what was heard, in rounds.
    pub length: u64,
    /// Whether this is the last of it.
    pub ends: bool,
}

/// Between listener, orders and writer. Locked for moments only, never while something is written.
pub(crate) struct Running {
    state: Mutex<State>,
    woken: Condvar,
    waiting: Arc<AtomicUsize>,
    samples_per_round: usize,
}

struct State {
    timeline: Timeline,
    /// The round that is heard next.
    next: u64,
    blocks: VecDeque<Block>,
    samples: usize,
    lost: u64,
    names: Vec<String>,
    fresh_names: bool,
    /// The first round that is not recorded any more.
    ends: Option<u64>,
}

impl Running {
    /// A recording that begins with this round. `waiting` counts the samples of all recordings that wait.
    pub fn new(
        (first, samples_per_round): (u64, usize),
        reel: wire::Reel,
        waiting: Arc<AtomicUsize>,
    ) -> Self {
        let state = State {
            timeline: Timeline::new(first, reel),
            next: first,
            blocks: VecDeque::new(),
            samples: 0,
            lost: 0,
            names: Vec::new(),
            fresh_names: false,
            ends: None,
        };
        Self {
            state: Mutex::new(state),
            woken: Condvar::new(),
            waiting,
            samples_per_round,
        }
    }

    /// Begin again at this round: when it was made nobody knew yet which one would be the first.
    pub fn begin_at(&self, first: u64, reel: wire::Reel) {
        let mut state = self.state.lock();
        state.timeline = Timeline::new(first, reel);
        state.next = first;
    }

    /// Take a round. Called by whoever serves all who listen: at once, whatever the disk does.
    pub fn hear(&self, round: Round) {
        let mut state = self.state.lock();
        if state.ends.is_some_and(|ends| round.number >= ends) || round.number < state.next {
            state.next = state.next.max(round.number + 1);
            self.wake_if_over(&state);
            return;
        }
        state.next = round.number + 1;
        state.timeline.pass(round.number);
        let place = state.timeline.place_of(round.number);
        if place.is_some() {
            state.lost += round.lost * self.samples_per_round as u64;
        }
        let samples: usize = round.tracks.iter().flatten().map(Vec::len).sum();
        if let Some(place) = place.filter(|_| samples > 0) {
            if self.has_room(&state, samples) {
                state.samples += samples;
                self.waiting.fetch_add(samples, Ordering::Relaxed);
                let Round { names, tracks, .. } = round;
                state.blocks.push_back(Block { place, names, tracks });
            } else {
                state.lost += samples as u64;
            }
        }
        self.wake_if_over(&state);
    }

    fn has_room(&self, state: &State, samples: usize) -> bool {
        state.blocks.len() < WAITING_ROUNDS
            && state.samples + samples <= WAITING_OF_ONE
            && self.waiting.load(Ordering::Relaxed) + samples <= WAITING
    }

    fn wake_if_over(&self, state: &State) {
        if state.is_over() {
            self.woken.notify_all();
        }
    }

    /// These tracks are recorded, too; says how many are new.
    pub fn name(&self, tracks: &[wire::Track]) {
        let mut state = self.state.lock();
        for track in tracks {
            if !state.names.contains(&track.name) {
                state.names.push(track.name.clone());
                state.fresh_names = true;
            }
        }
        if state.fresh_names {
            self.woken.notify_all();
        }
    }

    /// How many of these names are new.
    pub fn count_new(&self, tracks: &[wire::Track]) -> usize {
        let state = self.state.lock();
        tracks
            .iter()
            .filter(|track| !state.names.contains(&track.name))
            .count()
    }

    /// How many tracks there have been.
    pub fn count(&self) -> usize {
        self.state.lock().names.len()
    }

    /// Let the reel run so from a round on.
    pub fn turn(&self, round: u64, reel: wire::Reel) {
        self.state.lock().timeline.turn(round, reel);
    }

    /// End before this round; the first word counts.
    pub fn end(&self, round: u64) {
        let mut state = self.state.lock();
        state.ends.get_or_insert(round);
        self.woken.notify_all();
    }

    /// Whether it was told to end.
    pub fn is_ending(&self) -> bool {
        self.state.lock().ends.is_some()
    }

    /// Samples before this round of the mix, and those of them that were lost.
    pub fn length_at(&self, round: u64) -> (u64, u64) {
        let state = self.state.lock();
        let round = state.ends.map_or(round, |ends| ends.min(round));
        (
            state.timeline.at(round).0 * self.samples_per_round as u64,
            state.lost,
        )
    }

    /// Samples that were lost.
    pub fn lost(&self) -> u64 {
        self.state.lock().lost
    }

    /// Wait until there is something to write, at most for so long.
    pub fn work(&self, patience: std::time::Duration) -> Work {
        let mut state = self.state.lock();
        if !state.is_over() && !state.fresh_names {
            self.woken.wait_for(&mut state, patience);
        }
        state.fresh_names = false;
        self.waiting.fetch_sub(state.samples, Ordering::Relaxed);
        state.samples = 0;
        let heard = state.ends.map_or(state.next, |ends| ends.min(state.next));
        Work {
            blocks: state.blocks.drain(..).collect(),
            names: state.names.clone(),
            length: state.timeline.at(heard).0,
            ends: state.is_over(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.waiting
            .fetch_sub(self.state.get_mut().samples, Ordering::Relaxed);
    }
}

impl State {
    fn is_over(&self) -> bool {
        self.ends.is_some_and(|ends| self.next >= ends)
    }
}
