//! How deep a jitter buffer should be: grown on evidence, shrunk again where nobody hears it.
//!
//! The evidence is how long each packet waited before its sound was due. If even the shortest wait of the last seconds
//! was long, the buffer is deeper than it need be; if the shortest nears zero, the next packet may be late. In a quiet
//! moment both are mended by a frame at once; under speech by single periods of the voice (`stretch`), where it repeats
//! itself well; a great surplus goes at once, well or not. The drift between two clocks shows as waits that slowly grow
//! or shrink, and is mended by the same means.
//!
//! Frames are taken whole, so waits come in steps of a frame: sound that is left over when a packet begins to be played
//! (the rest) delays it and protects nothing. The rest can always go; to take more makes each packet due a frame sooner.
//!
//! Frames are taken whole, so waits come in steps of a frame: sound that is left over when a packet begins to be played
//! (the rest) delays it and protects nothing. The rest can always go; to take more makes each packet due a frame sooner.

use crate::bounds::BufferSize;
use crate::frame::{mean_absolute, FRAME_MS};
use crate::moment::Moment;

/// A surplus so great is mended on the evidence of one second and without choosing the place, in µs.
const GREAT_SURPLUS_US: u64 = 80_000;

/// A surplus below this is none: no period is shorter. In µs.
const LEAST_SURPLUS_US: u64 = 2_500;

/// A second of frames: the shortest waits are kept for each of the last five.
const SPELL_FRAMES: u32 = 50;
const SPELLS: usize = 5;

/// Mean absolute samples: below the first always quiet, above the second never.
const ALWAYS_QUIET: f32 = 32.0;
const NEVER_QUIET: f32 = 400.0;

/// What to do with the next frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Play it.
    Keep,
    /// Play it shorter.
    Shorten {
        /// By so much at most, in µs.
        surplus_us: u64,
        /// Wherever it is, rather than where it is not heard.
        urgent: bool,
    },
    /// Play it longer, or make up a frame before it.
    Lengthen,
}

/// Watches the waits of one stream.
#[derive(Debug, Clone)]
pub struct DepthKeeper {
    size: BufferSize,
    shortest_us: [u64; SPELLS],
    /// Left over when packets began to be played, at least: in this spell and in the last.
    rest_us: [u64; 2],
    frames: u32,
    surplus_us: u64,
    scarce: bool,
    noise: f32,
}

impl Default for DepthKeeper {
    fn default() -> Self {
        let mut keeper = Self {
            size: BufferSize::default(),
            shortest_us: [0; SPELLS],
            rest_us: [u64::MAX; 2],
            frames: 0,
            surplus_us: 0,
            scarce: false,
            noise: NEVER_QUIET,
        };
        keeper.shortest_us[0] = u64::MAX;
        keeper
    }
}

impl DepthKeeper {
    /// Keep to these bounds from now on.
    pub fn set_size(&mut self, size: BufferSize) {
        self.size = size;
    }

    /// Note that a packet that came at `arrived` begins to be played now, after so much that was left over. Gives how
    /// long it is until its sound is played, in µs.
    pub fn played(&mut self, arrived: Moment, now: Moment, rest_us: u64) -> u64 {
        let delay_us = now.since_us(arrived).max(0) as u64 + rest_us;
        // A packet that is taken frames ahead, to be played shorter, could have come so much later.
        let rest_us = rest_us % FRAME_US;
        self.shortest_us[0] = self.shortest_us[0].min(delay_us - rest_us);
        self.rest_us[0] = self.rest_us[0].min(rest_us);
        delay_us
    }

    /// Begin again, with a buffer just filled: what waited before says nothing about it.
    pub fn restart(&mut self) {
        *self = Self {
            noise: self.noise,
            size: self.size,
            ..Self::default()
        };
    }

    /// Say what to do with the next frame. Call once for each.
    pub fn advise(&mut self) -> Advice {
        self.frames += 1;
        if self.frames >= SPELL_FRAMES {
            self.close_spell();
        }
        if self.scarce {
            return Advice::Lengthen;
        }
        if self.surplus_us < LEAST_SURPLUS_US {
            return Advice::Keep;
        }
        Advice::Shorten {
            surplus_us: self.surplus_us,
            urgent: self.surplus_us >= GREAT_SURPLUS_US,
        }
    }

    fn close_spell(&mut self) {
        let latest = self.shortest_us[0];
        let heard = latest != u64::MAX;
        self.scarce = heard && latest < self.size.scarce_us();
        let rest = self.rest();
        let surplus = |shortest: u64| {
            let frames = shortest.saturating_sub(self.size.spare_us()).min(1_000_000) / FRAME_US;
            frames * FRAME_US + rest
        };
        let shortest = self.shortest_us.iter().copied().min().unwrap_or(0);
        let great = Some(surplus(latest)).filter(|great| *great >= GREAT_SURPLUS_US);
        self.surplus_us = if heard {
            surplus(shortest).max(great.unwrap_or(0))
        } else {
            0
        };
        self.shortest_us.copy_within(..SPELLS - 1, 1);
        self.shortest_us[0] = u64::MAX;
        self.rest_us = [u64::MAX, rest];
        self.frames = 0;
    }

    /// 0 while nothing is known.
    fn rest(&self) -> u64 {
        let least = self.rest_us[0].min(self.rest_us[1]);
        if least == u64::MAX {
            0
        } else {
            least
        }
    }

    /// Note that so much was left out.
    pub fn left_out(&mut self, us: u64) {
        self.surplus_us = self.surplus_us.saturating_sub(us);
        let rest = self.rest();
        let sooner = us.saturating_sub(rest).div_ceil(FRAME_US) * FRAME_US;
        self.rest_us = [u64::MAX, rest + sooner - us];
        for wait in &mut self.shortest_us {
            if *wait != u64::MAX {
                *wait = wait.saturating_sub(sooner);
            }
        }
    }

    /// Note that so much was inserted. Packets wait longer once it is a frame.
    pub fn inserted(&mut self, us: u64) {
        let rest = self.rest() + us;
        let later = rest / FRAME_US * FRAME_US;
        self.rest_us = [u64::MAX, rest - later];
        self.scarce &= later == 0;
        for wait in &mut self.shortest_us {
            *wait = wait.saturating_add(later);
        }
    }

    /// Whether nobody would miss this frame; learns the noise of the line from it. Gives its loudness, too.
    pub fn is_quiet(&mut self, frame: &[i16]) -> (bool, f32) {
        let loudness = mean_absolute(frame) as f32;
        let rate = if loudness < self.noise { 0.3 } else { 0.002 };
        self.noise += rate * (loudness - self.noise);
        let quiet = loudness <= (2.0 * self.noise).clamp(ALWAYS_QUIET, NEVER_QUIET);
        (quiet, loudness)
    }
}

/// A frame, in µs.
pub const FRAME_US: u64 = 1_000 * FRAME_MS;

#[cfg(test)]
mod tests {
    use super::*;

    fn advice_after(waits_ms: impl Iterator<Item = u64>) -> Advice {
        let mut keeper = DepthKeeper::default();
        let mut last = Advice::Keep;
        for wait in waits_ms {
            keeper.played(Moment::from_ms(1_000), Moment::from_ms(1_000 + wait), 0);
            last = keeper.advise();
        }
        last
    }

    fn shorter(ms: u64, urgent: bool) -> Advice {
        Advice::Shorten {
            surplus_us: 1_000 * ms,
            urgent,
        }
    }

    #[test]
    fn an_even_network_keeps_its_ten_ms() {
        assert_eq!(advice_after((0..500).map(|_| 29)), Advice::Keep);
        assert_eq!(advice_after((0..500).map(|_| 5)), Advice::Keep);
    }

    #[test]
    fn a_buffer_that_was_never_needed_for_five_seconds_shrinks() {
        assert_eq!(advice_after((0..249).map(|_| 45)), Advice::Keep);
        assert_eq!(advice_after((0..250).map(|_| 45)), shorter(20, false));
        assert_eq!(
            advice_after((0..250).map(|i| if i == 100 { 11 } else { 45 })),
            Advice::Keep
        );
    }

    #[test]
    fn a_great_surplus_is_cut_after_a_second_even_out_of_sound() {
        assert_eq!(advice_after((0..50).map(|_| 150)), shorter(140, true));
    }

    #[test]
    fn a_packet_that_came_just_in_time_asks_for_more() {
        let waits = (0..50).map(|i| if i == 7 { 2 } else { 30 });
        assert_eq!(advice_after(waits), Advice::Lengthen);
    }

    #[test]
    fn a_buffer_that_is_off_never_grows_and_shrinks_to_almost_nothing() {
        let mut keeper = DepthKeeper::default();
        keeper.set_size(BufferSize::Off);
        let mut advice = Advice::Keep;
        for frame in 0..250 {
            keeper.played(
                Moment::from_ms(1_000),
                Moment::from_ms(1_000 + 30 * (frame % 2)),
                0,
            );
            advice = keeper.advise();
        }
        assert_eq!(advice, Advice::Keep);
        for _ in 0..300 {
            keeper.played(Moment::from_ms(1_000), Moment::from_ms(1_030), 0);
            advice = keeper.advise();
        }
        assert_eq!(advice, shorter(20, false));
    }

    #[test]
    fn what_is_left_over_may_go_and_more_makes_packets_due_a_frame_sooner() {
        let mut keeper = DepthKeeper::default();
        let play = |keeper: &mut DepthKeeper, wait_ms: u64, rest_us: u64| {
            let mut advice = Advice::Keep;
            for _ in 0..250 {
                keeper.played(Moment::from_ms(1_000), Moment::from_ms(1_000 + wait_ms), rest_us);
                advice = keeper.advise();
            }
            advice
        };
        assert_eq!(play(&mut keeper, 15, 12_000), shorter(12, false));
        keeper.left_out(12_000);
        assert_eq!(play(&mut keeper, 15, 0), Advice::Keep);
        assert_eq!(play(&mut keeper, 35, 0), shorter(20, false));
        keeper.left_out(5_000);
        assert_eq!(keeper.advise(), shorter(15, false));
        assert_eq!(play(&mut keeper, 15, 15_000), shorter(15, false));
    }

    #[test]
    fn periods_are_inserted_until_they_make_a_frame() {
        let mut keeper = DepthKeeper::default();
        for _ in 0..50 {
            keeper.played(Moment::from_ms(1_000), Moment::from_ms(1_001), 0);
            keeper.advise();
        }
        for _ in 0..3 {
            keeper.inserted(6_000);
            assert_eq!(keeper.advise(), Advice::Lengthen);
        }
        keeper.inserted(6_000);
        assert_eq!(keeper.advise(), Advice::Keep);
    }
}
