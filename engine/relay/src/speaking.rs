//! Plays what the server of a two-way relay sends: a bounded store before a ring before the mix.

use std::collections::VecDeque;
use std::sync::Arc;

use mixer::live::{Live, RATE_HZ};

use crate::coding::{Coding, Converter};

/// How much sound may wait to be played, in seconds: a long answer, sent at once.
const MOST_S: usize = 120;

/// How much of it the mix has at hand, in ms; what is there already plays on for so long when this task is late.
pub(crate) const AT_HAND_MS: usize = 200;

/// After a pause, sound begins when so much is there, in ms, so that an uneven network makes no gaps.
const CUSHION_MS: usize = 60;

/// Or when so many rounds of 20 ms have passed.
const CUSHION_ROUNDS: u32 = 3;

/// Samples of the mix in 1 ms.
const MIX_PER_MS: usize = RATE_HZ as usize / 1_000;

/// Marks that may wait.
const MOST_MARKS: usize = 1_000;

/// What one server wants played.
pub(crate) struct Speaking {
    live: Arc<Live>,
    coding: Coding,
    converter: Converter,
    /// At [`RATE_HZ`], not in the ring yet.
    store: VecDeque<i16>,
    /// What does not make a whole millisecond yet, at the rate of the socket.
    rest: Vec<i16>,
    /// Names, and how much must have been played before each; in samples put into the ring.
    marks: VecDeque<(u64, String)>,
    rounds: u32,
    flowing: bool,
    /// Samples that were refused, at the rate of the mix.
    pub refused: u64,
}

impl Speaking {
    pub fn new(live: Arc<Live>, coding: Coding) -> Self {
        Self {
            live,
            coding,
            converter: Converter::new(coding.rate_hz, RATE_HZ),
            store: VecDeque::new(),
            rest: Vec::new(),
            marks: VecDeque::new(),
            rounds: 0,
            flowing: false,
            refused: 0,
        }
    }

    /// Take sound; what is more than may wait is refused, and costs nothing.
    pub fn take(&mut self, payload: &[u8]) {
        let per_ms = self.coding.rate_hz as usize / 1_000;
        let room_ms = (MOST_S * RATE_HZ as usize).saturating_sub(self.store.len()) / MIX_PER_MS;
        let fitting = (room_ms * per_ms).saturating_sub(self.rest.len()) * self.coding.sample_bytes();
        let (fits, refused) = payload.split_at(fitting.min(payload.len()));
        self.refused += (refused.len() / self.coding.sample_bytes() * MIX_PER_MS / per_ms) as u64;
        self.rest.extend(self.coding.decode(fits));
        let whole = self.rest.len() / per_ms * per_ms;
        let samples: Vec<i16> = self.rest.drain(..whole).collect();
        self.store.extend(self.converter.convert(&samples));
    }

    /// Remember to tell when all that came so far was played; false: too many wait already.
    pub fn mark(&mut self, name: String) -> bool {
        let fits = self.marks.len() < MOST_MARKS;
        if fits {
            let before = self.live.written() + self.store.len() as u64;
            self.marks.push_back((before, name));
        }
        fits
    }

    /// Forget what was not played; gives the marks that waited for it.
    pub fn clear(&mut self) -> Vec<String> {
        self.store.clear();
        self.rest.clear();
        self.live.clear();
        self.flowing = false;
        self.marks.drain(..).map(|(_, name)| name).collect()
    }

    /// Hand the mix what it needs next, and give the marks that were reached. To be called every 20 ms.
    pub fn go_on(&mut self) -> Vec<String> {
        self.begin_or_pause();
        if self.flowing {
            let wanted = AT_HAND_MS * RATE_HZ as usize / 1_000;
            let count = wanted.saturating_sub(self.live.waiting()).min(self.store.len());
            let (first, _) = self.store.make_contiguous().split_at(count);
            let taken = self.live.write(first);
            self.store.drain(..taken);
        }
        let played = self.live.played();
        let reached = self
            .marks
            .iter()
            .take_while(|(before, _)| *before <= played)
            .count();
        self.marks.drain(..reached).map(|(_, name)| name).collect()
    }

    /// Whether no more is held than may be.
    #[cfg(any(test, feature = "fuzz"))]
    pub fn is_bounded(&self) -> bool {
        let per_ms = self.coding.rate_hz as usize / 1_000;
        self.store.len() <= MOST_S * RATE_HZ as usize
            && self.rest.len() < per_ms
            && self.marks.len() <= MOST_MARKS
    }

    fn begin_or_pause(&mut self) {
        if self.store.is_empty() {
            self.flowing = self.flowing && self.live.waiting() > 0;
            self.rounds = 0;
        } else if !self.flowing {
            self.rounds += 1;
            let cushion = self.store.len() >= CUSHION_MS * RATE_HZ as usize / 1_000;
            self.flowing = cushion || self.rounds > CUSHION_ROUNDS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::RelayCodec;

    fn speaking() -> (Arc<Live>, Speaking) {
        let live = Live::new();
        let speaking = Speaking::new(Arc::clone(&live), Coding::new(RelayCodec::Pcmu, 8_000));
        (live, speaking)
    }

    fn play(live: &Live, samples: u64) {
        live.skip(samples);
    }

    #[test]
    fn a_mark_comes_back_when_what_came_before_it_was_played() {
        let (live, mut speaking) = speaking();
        speaking.take(&[0x80; 800]);
        speaking.mark("a".into());
        speaking.take(&[0x80; 800]);
        speaking.mark("b".into());
        assert!(speaking.go_on().is_empty());
        play(&live, 1_600);
        assert_eq!(speaking.go_on(), ["a"]);
        play(&live, 1_600);
        assert_eq!(speaking.go_on(), ["b"]);
        speaking.mark("nothing before".into());
        assert_eq!(speaking.go_on(), ["nothing before"]);
    }

    #[test]
    fn clear_forgets_sound_and_gives_marks_back() {
        let (live, mut speaking) = speaking();
        speaking.take(&[0x80; 8_000]);
        speaking.mark("late".into());
        speaking.go_on();
        assert!(live.waiting() > 0);
        assert_eq!(speaking.clear(), ["late"]);
        assert_eq!(live.waiting(), 0);
        assert!(speaking.go_on().is_empty());
        assert_eq!(live.waiting(), 0);
    }

    #[test]
    fn sound_begins_with_a_cushion_or_after_a_while() {
        let (live, mut speaking) = speaking();
        speaking.take(&[0x80; 160]);
        for _ in 0..CUSHION_ROUNDS {
            speaking.go_on();
            assert_eq!(live.waiting(), 0);
        }
        speaking.go_on();
        assert_eq!(live.waiting(), 320);
        let (live, mut speaking) = super::tests::speaking();
        speaking.take(&[0x80; 480]);
        speaking.go_on();
        assert_eq!(live.waiting(), 960);
    }

    #[test]
    fn marks_are_bounded_and_it_is_known_which_were_not_taken() {
        let (live, mut speaking) = speaking();
        speaking.take(&[0x80; 160]);
        let taken = (0..MOST_MARKS + 5)
            .filter(|at| speaking.mark(at.to_string()))
            .count();
        assert_eq!(taken, MOST_MARKS);
        for _ in 0..=CUSHION_ROUNDS {
            speaking.go_on();
        }
        play(&live, 320);
        assert_eq!(speaking.go_on().len(), MOST_MARKS);
        assert!(speaking.mark("again".into()));
    }

    #[test]
    fn the_mix_has_little_at_hand_and_the_store_is_bounded() {
        let (live, mut speaking) = speaking();
        for _ in 0..MOST_S + 2 {
            speaking.take(&[0x80; 8_000]);
        }
        assert_eq!(speaking.refused, 2 * u64::from(RATE_HZ));
        speaking.go_on();
        assert_eq!(live.waiting(), AT_HAND_MS * RATE_HZ as usize / 1_000);
    }
}
