//! Keeps those out of the mix who say nothing: the noise of an idle line adds nothing but noise.
//!
//! Whoever is in the mix hears a mix of their own, to be coded for them alone; so silence must be told cheaply and surely.
//! The gate opens with the first frame that is louder than -60 dB below full scale, so that no beginning is cut off, and
//! closes when none has been for 300 ms. What it shuts out is fainter than that, so neither is heard.

use crate::frame::mean_absolute;

/// Mean absolute sample of what is never heard: -60 dB of full scale.
const FAINT: u32 = 32;

/// Faint frames in a row after which the gate closes: longer than a pause between words.
const CLOSES_AFTER: u32 = 15;

/// The gate of one stream.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    faint: u32,
}

impl Default for Gate {
    fn default() -> Self {
        Self { faint: CLOSES_AFTER }
    }
}

impl Gate {
    /// Look at the next frame, and say whether it is to be heard.
    pub fn lets_in(&mut self, frame: &[i16]) -> bool {
        if mean_absolute(frame) > FAINT {
            self.faint = 0;
        } else {
            self.faint = (self.faint + 1).min(CLOSES_AFTER);
        }
        self.faint < CLOSES_AFTER
    }

    /// Shut it: the frame is not looked at, because there is none.
    pub fn shut(&mut self) {
        self.faint = CLOSES_AFTER;
    }

    /// Whether nothing has been heard for so long that silence may be expected.
    pub fn is_shut(&self) -> bool {
        self.faint >= CLOSES_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_loud_frame_is_let_in_and_so_are_pauses_between_words() {
        let mut gate = Gate::default();
        assert!(!gate.lets_in(&[20; 160]));
        assert!(gate.lets_in(&[-200; 960]));
        assert!((0..14).all(|_| gate.lets_in(&[0; 160])));
        assert!(!gate.lets_in(&[0; 160]));
    }
}
