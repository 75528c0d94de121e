//! Packet indices and the windows that tell what has been heard already.
//!
//! Source: RFC 3711 3.3.1, 3.3.2 and appendix A.

/// So many indices below the highest are told apart; what is older is refused.
const WINDOW: u64 = 128;

/// Which of the latest indices were heard.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    /// The highest heard; of no meaning while `heard` is zero.
    highest: u64,
    /// Bit n: the index n below the highest was heard.
    heard: u128,
}

impl Window {
    /// Whether nothing was heard yet.
    pub fn is_new(&self) -> bool {
        self.heard == 0
    }

    /// The highest index heard.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether this index is neither heard nor too old to tell.
    pub fn admits(&self, index: u64) -> bool {
        if self.is_new() || index > self.highest {
            return true;
        }
        let below = self.highest - index;
        below < WINDOW && self.heard >> below & 1 == 0
    }

    /// Take note of an index that was admitted and whose packet has proved genuine.
    pub fn hear(&mut self, index: u64) {
        if self.is_new() {
            (self.highest, self.heard) = (index, 1);
        } else if index > self.highest {
            let by = index - self.highest;
            self.heard = if by < WINDOW { self.heard << by } else { 0 } | 1;
            self.highest = index;
        } else if self.highest - index < WINDOW {
            self.heard |= 1 << (self.highest - index);
        }
    }

    /// Guess the index of a sequence number: the nearest to the highest that was heard.
    pub fn guess(&self, seq: u16) -> u64 {
        let rounds = self.highest >> 16;
        let last = (self.highest & 0xFFFF) as i64;
        let ahead = i64::from(seq) - last;
        let rounds = match ahead {
            ..-0x8000 => rounds + 1,
            0x8001.. => rounds.saturating_sub(1),
            _ => rounds,
        };
        // RFC 3711 3.3.1: rollovers are counted in 32 bits.
        (rounds & 0xFFFF_FFFF) << 16 | u64::from(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(index: u64) -> Window {
        let mut window = Window::default();
        window.hear(index);
        window
    }

    #[test]
    fn a_number_that_wraps_goes_on_and_one_from_before_goes_back() {
        let window = at(3 << 16 | 0xFFFE);
        assert_eq!(window.guess(1), 4 << 16 | 1);
        assert_eq!(window.guess(0xFFF0), 3 << 16 | 0xFFF0);
        assert_eq!(at(4 << 16 | 2).guess(0xFFFF), 3 << 16 | 0xFFFF);
        assert_eq!(
            at(2).guess(0xFFFF),
            0xFFFF,
            "there is nothing before the first round"
        );
    }

    #[test]
    fn each_index_is_admitted_once_and_the_old_never() {
        let mut window = at(1_000);
        for index in [1_000, 872, 0] {
            assert!(!window.admits(index), "{index}");
        }
        assert!(window.admits(873) && window.admits(999) && window.admits(5_000));
        window.hear(999);
        assert!(!window.admits(999) && window.admits(998));
        window.hear(5_000);
        assert!(!window.admits(999) && !window.admits(5_000) && window.admits(4_999));
    }

    proptest! {
        #[test]
        fn nothing_is_admitted_twice(indices in proptest::collection::vec(0_u64..400, 1..400)) {
            let mut window = Window::default();
            let mut heard = std::collections::HashSet::new();
            for index in indices {
                if window.admits(index) {
                    prop_assert!(heard.insert(index));
                    window.hear(index);
                }
            }
        }

        #[test]
        fn the_index_of_a_packet_near_by_is_found(highest in 0_u64..1 << 40, off in -20_000_i64..20_000) {
            let meant = (highest as i64 + off).max(0) as u64;
            prop_assert_eq!(at(highest).guess(meant as u16), meant);
        }
    }
}
