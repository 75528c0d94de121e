//! Hears who is speaking, from the loudness of their frames.
//!
//! A frame counts as loud when it stands out from the noise of its own line, whose floor is followed: down at once, up
//! slowly. Three loud frames in a row begin speech, half a second without one ends it. Whose speech matters is the
//! plan's business.

use crate::frame::{Frame, FRAME_MS};

/// Loud frames in a row that begin speech: 60 ms.
const ATTACK_FRAMES: u32 = 60 / FRAME_MS as u32;

/// Quiet frames in a row that end it: 500 ms.
const HANGOVER_FRAMES: u32 = 500 / FRAME_MS as u32;

/// So far above the noise a frame must be to begin speech, and to keep it up.
const STANDS_OUT_DB: f32 = 10.0;
const STANDS_BY_DB: f32 = 6.0;

/// Below this nothing is speech, however quiet the line.
const QUIETEST_SPEECH_DB: f32 = -48.0;

/// Above this a steady sound is not taken for noise: a tone, or music, goes on counting as speech.
const LOUDEST_NOISE_DB: f32 = -38.0;

/// The floor rises by 1 dB a second.
const RISE_DB_PER_FRAME: f32 = FRAME_MS as f32 / 1_000.0;

/// What digital silence counts as.
const SILENCE_DB: f32 = -90.0;

/// A change worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody began to speak.
    Started,
    /// Somebody stopped.
    Stopped,
}

/// Listens to one line.
#[derive(Debug, Clone)]
pub struct SpeechDetector {
    floor_db: f32,
    loud: u32,
    quiet: u32,
    speaking: bool,
}

impl Default for SpeechDetector {
    fn default() -> Self {
        Self {
            floor_db: -60.0,
            loud: 0,
            quiet: 0,
            speaking: false,
        }
    }
}

impl SpeechDetector {
    /// Hear the next frame.
    pub fn hear(&mut self, frame: &Frame) -> Option<Change> {
        let level = level_db(frame);
        let margin = if self.speaking {
            STANDS_BY_DB
        } else {
            STANDS_OUT_DB
        };
        let is_loud = level > (self.floor_db + margin).max(QUIETEST_SPEECH_DB);
        self.follow(level);
        self.loud = if is_loud { self.loud + 1 } else { 0 };
        self.quiet = if is_loud { 0 } else { self.quiet + 1 };
        if !self.speaking && self.loud >= ATTACK_FRAMES {
            self.speaking = true;
            return Some(Change::Started);
        }
        if self.quiet >= HANGOVER_FRAMES {
            return self.hush();
        }
        None
    }

    /// Stop listening: the line is muted, or nobody asks any more.
    pub fn hush(&mut self) -> Option<Change> {
        self.loud = 0;
        std::mem::take(&mut self.speaking).then_some(Change::Stopped)
    }

    fn follow(&mut self, level: f32) {
        self.floor_db = if level < self.floor_db {
            self.floor_db + 0.3 * (level - self.floor_db)
        } else {
            (self.floor_db + RISE_DB_PER_FRAME)
                .min(level)
                .min(LOUDEST_NOISE_DB)
        };
    }
}

/// Power of a frame in dB below a full-scale square wave.
fn level_db(frame: &Frame) -> f32 {
    let power: i64 = frame
        .iter()
        .map(|sample| i64::from(*sample) * i64::from(*sample))
        .sum();
    if power == 0 {
        return SILENCE_DB;
    }
    10.0 * (power as f32 / (frame.len() as f32 * 32_768.0 * 32_768.0)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square wave of this power; `seed` keeps frames from being equal.
    fn noise(db: f32, seed: usize) -> Frame {
        let amplitude = (32_768.0 * 10_f32.powf(db / 20.0)) as i16;
        std::array::from_fn(|i| {
            if (i * 7 + seed * 13) % 5 < 2 {
                amplitude
            } else {
                -amplitude
            }
        })
    }

    fn changes(detector: &mut SpeechDetector, db: f32, frames: usize) -> Vec<(usize, Change)> {
        (0..frames)
            .filter_map(|i| detector.hear(&noise(db, i)).map(|change| (i, change)))
            .collect()
    }

    #[test]
    fn speech_begins_after_sixty_ms_and_ends_after_half_a_second() {
        let mut detector = SpeechDetector::default();
        assert_eq!(changes(&mut detector, -25.0, 100), [(2, Change::Started)]);
        assert_eq!(changes(&mut detector, -85.0, 100), [(24, Change::Stopped)]);
    }

    #[test]
    fn a_click_and_a_pause_between_words_change_nothing() {
        let mut detector = SpeechDetector::default();
        changes(&mut detector, -80.0, 50);
        assert_eq!(changes(&mut detector, -10.0, 2), []);
        assert_eq!(changes(&mut detector, -80.0, 50), []);
        changes(&mut detector, -25.0, 50);
        assert_eq!(changes(&mut detector, -80.0, 20), []);
        assert_eq!(changes(&mut detector, -25.0, 20), []);
    }

    #[test]
    fn a_noisy_line_is_learnt_as_noise_and_speech_still_stands_out() {
        let mut detector = SpeechDetector::default();
        changes(&mut detector, -45.0, 30 * 50);
        assert!(!detector.speaking);
        assert_eq!(changes(&mut detector, -25.0, 10), [(2, Change::Started)]);
    }

    #[test]
    fn a_steady_loud_tone_goes_on_counting_as_speech() {
        let mut detector = SpeechDetector::default();
        assert_eq!(changes(&mut detector, -20.0, 60 * 50), [(2, Change::Started)]);
    }

    #[test]
    fn whoever_is_muted_while_speaking_is_told_to_have_stopped_once() {
        let mut detector = SpeechDetector::default();
        changes(&mut detector, -25.0, 10);
        assert_eq!(detector.hush(), Some(Change::Stopped));
        assert_eq!(detector.hush(), None);
    }
}
