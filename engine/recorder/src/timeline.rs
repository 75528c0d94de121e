//! Which round of the mix lies where in a recording, whose time may go on without sound or stand still.
//!
//! Orders count from the next round of the mix on, while rounds arrive a little later: so what was ordered is kept until
//! the rounds before it are through.

use std::collections::VecDeque;

use wire::Reel;

/// The time of one recording, in rounds of 20 ms.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// A round, where it lies, and how the reel runs from it on.
    base: (u64, u64, Reel),
    /// Later rounds from which on it runs otherwise, in order.
    turns: VecDeque<(u64, Reel)>,
}

impl Timeline {
    /// Begin with this round.
    pub fn new(first: u64, reel: Reel) -> Self {
        Self {
            base: (first, 0, reel),
            turns: VecDeque::new(),
        }
    }

    /// Let it run so from a round on; what was ordered for later rounds no longer counts.
    pub fn turn(&mut self, round: u64, reel: Reel) {
        while self.turns.back().is_some_and(|(later, _)| *later >= round) {
            self.turns.pop_back();
        }
        if round <= self.base.0 {
            self.base.2 = reel;
        } else if self.turns.back().map_or(self.base.2, |(_, reel)| *reel) != reel {
            self.turns.push_back((round, reel));
        }
    }

    /// Rounds of the recording before this round of the mix, and how the reel runs in it.
    pub fn at(&self, round: u64) -> (u64, Reel) {
        let (mut from, mut position, mut reel) = self.base;
        for (turn, next) in self.turns.iter().take_while(|(turn, _)| *turn <= round) {
            position += passed(turn - from, reel);
            (from, reel) = (*turn, *next);
        }
        (position + passed(round.saturating_sub(from), reel), reel)
    }

    /// Where the sound of a round is to be written; None: nowhere.
    pub fn place_of(&self, round: u64) -> Option<u64> {
        let (position, reel) = self.at(round);
        (round >= self.base.0 && reel == Reel::Running).then_some(position)
    }

    /// The rounds before this one are through.
    pub fn pass(&mut self, round: u64) {
        if self.turns.front().is_some_and(|(turn, _)| *turn <= round) {
            let (position, reel) = self.at(round);
            self.base = (round, position, reel);
            self.turns.retain(|(turn, _)| *turn > round);
        }
    }
}

fn passed(rounds: u64, reel: Reel) -> u64 {
    if reel == Reel::Standing {
        0
    } else {
        rounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_takes_time_and_standing_does_not() {
        let mut timeline = Timeline::new(100, Reel::Running);
        timeline.turn(110, Reel::Silent);
        timeline.turn(120, Reel::Standing);
        timeline.turn(150, Reel::Running);
        let places = [99, 100, 109, 110, 125, 150, 160].map(|round| timeline.place_of(round));
        assert_eq!(places, [None, Some(0), Some(9), None, None, Some(20), Some(30)]);
        assert_eq!(timeline.at(140).0, 20);
    }

    #[test]
    fn a_second_order_for_the_same_round_takes_the_place_of_the_first() {
        let mut timeline = Timeline::new(0, Reel::Running);
        timeline.turn(5, Reel::Standing);
        timeline.turn(5, Reel::Running);
        assert_eq!(timeline.place_of(7), Some(7));
        timeline.turn(0, Reel::Standing);
        assert_eq!(timeline.at(7), (0, Reel::Standing));
    }

    fn reel(number: u8) -> Reel {
        [Reel::Running, Reel::Silent, Reel::Standing][usize::from(number % 3)]
    }

    proptest! {
        /// Against a count of every single round, whenever the rounds before are forgotten.
        #[test]
        fn it_counts_as_one_would_by_hand(turns in proptest::collection::vec((1_u64..20, 0_u8..3), 0..30)) {
            let mut timeline = Timeline::new(10, Reel::Running);
            let (mut round, mut position, mut now) = (10, 0, Reel::Running);
            for (rounds, next) in turns {
                timeline.turn(round, reel(next));
                now = if reel(next) == now { now } else { reel(next) };
                for _ in 0..rounds {
                    prop_assert_eq!(timeline.at(round), (position, now));
                    position += u64::from(now != Reel::Standing);
                    round += 1;
                }
                timeline.pass(round - 1);
            }
            prop_assert!(timeline.turns.len() <= 1);
        }
    }
}
