//! How deep a jitter buffer should be: grown on evidence, shrunk again where nobody hears it.
//!
//! The evidence is how long each packet waited before its sound was due. If even the shortest wait of the last seconds
//! was long, the buffer is deeper than it need be; if the shortest nears zero, the next packet may be late. Both are
//! mended by one frame at a time, in a quiet moment; only a great surplus is cut out of sound. The drift between two
//! clocks shows as waits that slowly grow or shrink, and is mended by the same means.

use crate::frame::{mean_absolute, FRAME_MS};
use crate::moment::Moment;

/// The shortest wait that is left standing, in ms: what a calm network gets.
const SPARE_MS: u64 = FRAME_MS;

/// Below this the next packet may be late.
const SCARCE_MS: u64 = 5;

/// A surplus of so many frames is cut even out of sound.
const GREAT_SURPLUS: u32 = 4;

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
    /// Leave it out if it is quiet.
    LeaveOutIfQuiet,
    /// Leave it out, blending the next one in.
    LeaveOut,
    /// Make up one frame and play this one afterwards, if it is quiet.
    Insert,
}

/// Watches the waits of one stream.
#[derive(Debug, Clone)]
pub struct DepthKeeper {
    shortest_ms: [u64; SPELLS],
    frames: u32,
    surplus: u32,
    scarce: bool,
    noise: f32,
}

impl Default for DepthKeeper {
    fn default() -> Self {
        Self {
            shortest_ms: [0; SPELLS],
            frames: 0,
            surplus: 0,
            scarce: false,
            noise: NEVER_QUIET,
        }
        .with_current(u64::MAX)
    }
}

impl DepthKeeper {
    fn with_current(mut self, ms: u64) -> Self {
        self.shortest_ms[0] = ms;
        self
    }

    /// Note that a packet that came at `arrived` begins to be played now.
    pub fn played(&mut self, arrived: Moment, now: Moment) {
        let wait_ms = now.since_ms(arrived);
        self.shortest_ms[0] = self.shortest_ms[0].min(wait_ms);
    }

    /// Begin again, with a buffer just filled: what waited before says nothing about it.
    pub fn restart(&mut self) {
        *self = Self {
            noise: self.noise,
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
            return Advice::Insert;
        }
        match self.surplus {
            0 => Advice::Keep,
            GREAT_SURPLUS.. => Advice::LeaveOut,
            _ => Advice::LeaveOutIfQuiet,
        }
    }

    fn close_spell(&mut self) {
        let latest = self.shortest_ms[0];
        let heard = latest != u64::MAX;
        self.scarce = heard && latest < SCARCE_MS;
        let shortest = self.shortest_ms.iter().copied().min().unwrap_or(0);
        self.surplus = if heard {
            surplus_frames(shortest).max(great(surplus_frames(latest)))
        } else {
            0
        };
        self.shortest_ms.copy_within(..SPELLS - 1, 1);
        self.shortest_ms[0] = u64::MAX;
        self.frames = 0;
    }

    /// Note that a frame was left out.
    pub fn left_out(&mut self) {
        self.surplus = self.surplus.saturating_sub(1);
        for wait in &mut self.shortest_ms {
            if *wait != u64::MAX {
                *wait = wait.saturating_sub(FRAME_MS);
            }
        }
    }

    /// Note that a frame was inserted.
    pub fn inserted(&mut self) {
        self.scarce = false;
        for wait in &mut self.shortest_ms {
            *wait = wait.saturating_add(FRAME_MS);
        }
    }

    /// Whether nobody would miss this frame; learns the noise of the line from it.
    pub fn is_quiet(&mut self, frame: &[i16]) -> bool {
        let loudness = mean_absolute(frame) as f32;
        let rate = if loudness < self.noise { 0.3 } else { 0.002 };
        self.noise += rate * (loudness - self.noise);
        loudness <= (2.0 * self.noise).clamp(ALWAYS_QUIET, NEVER_QUIET)
    }
}

/// Frames that could go and leave [`SPARE_MS`] in the worst case.
fn surplus_frames(shortest_ms: u64) -> u32 {
    (shortest_ms.saturating_sub(SPARE_MS) / FRAME_MS).min(50) as u32
}

/// One second of evidence is enough for a great surplus, such as a burst after a stall leaves.
fn great(surplus: u32) -> u32 {
    if surplus >= GREAT_SURPLUS {
        surplus
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice_after(waits_ms: impl Iterator<Item = u64>) -> Advice {
        let mut keeper = DepthKeeper::default();
        let mut last = Advice::Keep;
        for wait in waits_ms {
            keeper.played(Moment::from_ms(1_000), Moment::from_ms(1_000 + wait));
            last = keeper.advise();
        }
        last
    }

    #[test]
    fn a_calm_network_keeps_its_forty_ms() {
        assert_eq!(advice_after((0..500).map(|_| 39)), Advice::Keep);
        assert_eq!(advice_after((0..500).map(|_| 20)), Advice::Keep);
    }

    #[test]
    fn a_buffer_that_was_never_needed_for_five_seconds_shrinks_in_quiet() {
        assert_eq!(advice_after((0..249).map(|_| 45)), Advice::Keep);
        assert_eq!(advice_after((0..250).map(|_| 45)), Advice::LeaveOutIfQuiet);
        assert_eq!(
            advice_after((0..250).map(|i| if i == 100 { 21 } else { 45 })),
            Advice::Keep
        );
    }

    #[test]
    fn a_great_surplus_is_cut_after_a_second_even_out_of_sound() {
        assert_eq!(advice_after((0..50).map(|_| 150)), Advice::LeaveOut);
    }

    #[test]
    fn a_packet_that_came_just_in_time_asks_for_more() {
        assert_eq!(
            advice_after((0..50).map(|i| if i == 7 { 2 } else { 30 })),
            Advice::Insert
        );
    }
}
