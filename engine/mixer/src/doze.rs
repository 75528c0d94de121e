//! Leaves undecoded what is known to be silence, on a line that has been silent for a while.
//!
//! Most of a conference listens, and decoding costs more than everything else that is done for a listener. Two codecs say
//! beforehand what is in a packet. Opus packets tell whether their sender's speech coder took them for noise
//! (`opus::says_nothing`). The bytes of G.722 tell how large differences they code ([`Hush`]). Both cost next to nothing to
//! read. The first packet that says something is decoded, so a beginning loses nothing but the decoder's past.
//!
//! Neither is believed blindly: now and then a packet is decoded all the same, and who was heard in one that said
//! nothing is always decoded from then on.

use codecs::g722::Skimmed;

/// Of packets that say nothing so many are left out in a row: a second, or 400 ms while the sender has never said
/// otherwise and may not know how to.
const LEFT_OUT: u32 = 50;
const LEFT_OUT_UNPROVEN: u32 = 20;

/// What is known of one sender.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Doze {
    quiet: bool,
    left_out: u32,
    /// Whether the last packet said nothing and was decoded all the same.
    probing: bool,
    proven: bool,
    mistrusted: bool,
}

impl Doze {
    /// Say whether the line has been silent for so long that silence is expected. Call before each frame.
    pub fn expect(&mut self, quiet: bool) {
        self.mistrusted |= self.probing && self.quiet && !quiet;
        self.quiet = quiet;
    }

    /// Whether a packet may be left out.
    pub fn leaves_out(&mut self, says_nothing: bool) -> bool {
        self.proven |= !says_nothing;
        let may = self.quiet && says_nothing && !self.mistrusted;
        let longest = if self.proven { LEFT_OUT } else { LEFT_OUT_UNPROVEN };
        self.probing = may && self.left_out >= longest;
        let leaves_out = may && !self.probing;
        self.left_out = if leaves_out { self.left_out + 1 } else { 0 };
        leaves_out
    }

    /// Whether silence is expected.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }
}

/// How many decoded packets show how loud a silent line is, before the rest is measured by them: 200 ms.
const LEARNT_FROM: u32 = 10;

/// So much above the loudest that was nothing may be something: 2,048 are 6 dB.
const MARGIN: i32 = 256;

/// The loudest that was nothing falls by so much with each packet, 6 dB in twenty seconds, for lines become quieter.
const FALLS: i32 = 2;

/// How loud the packets of a silent line are in G.722: no louder than those in which the gate found nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hush {
    loudest: (i32, i32),
    learnt_from: u32,
}

impl Hush {
    /// Whether a packet is no louder than what was nothing.
    pub fn covers(&mut self, seen: &Skimmed) -> bool {
        self.loudest = (self.loudest.0 - FALLS, self.loudest.1 - FALLS);
        let below = |seen: i32, loudest: i32| seen <= loudest + MARGIN;
        self.learnt_from >= LEARNT_FROM
            && below(seen.peak.0, self.loudest.0)
            && below(seen.peak.1, self.loudest.1)
    }

    /// A packet was decoded, and nothing was in it.
    pub fn learn(&mut self, seen: &Skimmed) {
        let (low, high) = self.loudest;
        self.loudest = (low.max(seen.peak.0), high.max(seen.peak.1));
        self.learnt_from = self.learnt_from.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_nothing_on_a_silent_line_is_left_out_and_now_and_then_not_even_that() {
        let mut doze = Doze::default();
        assert!(!doze.leaves_out(true));
        doze.expect(true);
        let decoded: Vec<_> = (0..100).filter(|_| !doze.leaves_out(true)).collect();
        assert_eq!(decoded, [20, 41, 62, 83]);
        assert!(!doze.leaves_out(false));
        let decoded: Vec<_> = (0..110).filter(|_| !doze.leaves_out(true)).collect();
        assert_eq!(decoded, [50, 101]);
    }

    #[test]
    fn who_was_heard_in_what_said_nothing_is_not_believed_again() {
        let mut doze = Doze::default();
        doze.expect(true);
        while doze.leaves_out(true) {}
        doze.expect(false);
        doze.expect(true);
        assert!((0..100).all(|_| !doze.leaves_out(true)));
    }

    #[test]
    fn who_begins_to_speak_is_still_believed() {
        let mut doze = Doze::default();
        doze.expect(true);
        doze.leaves_out(true);
        assert!(!doze.leaves_out(false));
        doze.expect(false);
        assert!(!doze.leaves_out(true));
        doze.expect(true);
        assert!(doze.leaves_out(true));
    }
}
