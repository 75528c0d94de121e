//! Automatic gain: brings who speaks faintly and who speaks loudly nearer to one another. Optional.
//!
//! Only speech moves it, slowly: what is heard between words and while nobody speaks leaves it where it is, so noise is
//! never pumped up. It is bounded, and bounded further where the line's noise would become loud with it. Levels near the aim are
//! left alone, and what would not fit is turned down before its first sample that would not.
//!
//! Sources: ITU-T P.56 (the level of speech is that of its active parts); G.169 (automatic level control: slow, bounded, and
//! not moved by noise); the aim is the customary -26 dB of the overload point (ITU-T P.800, annex B).

use crate::frame::mean_absolute;

/// The aim as a mean absolute sample, for speech of -26 dB of the overload point: its mean lies some 3 dB below its power.
const AIM_DB: f32 = -29.0;

/// So near to the aim nothing is done.
const NEAR_DB: f32 = 3.0;

/// The bounds.
const MOST_DB: f32 = 12.0;
const LEAST_DB: f32 = -9.0;

/// The gain goes up by 3 dB and down by 6 dB in a second of speech.
const RISE_DB: f32 = 3.0 / 50.0;
const FALL_DB: f32 = 6.0 / 50.0;

/// Noise is not raised above this level.
const NOISE_DB: f32 = -52.0;

/// Frames this much fainter than the voice are pauses, whatever the detector says of the words around them.
const PAUSE_DB: f32 = 12.0;

/// The level of a voice is followed within a second of it.
const FOLLOWS: f32 = 0.04;

/// So many frames of speech must be known before anything is done: half a second.
const KNOWN_FRAMES: u32 = 25;

const CEILING: f32 = i16::MAX as f32;

/// The gain of one stream.
#[derive(Debug, Clone, Copy)]
pub struct Gain {
    raised_db: f32,
    voice_db: f32,
    /// The least that is heard while nobody speaks.
    noise_db: f32,
    known: u32,
    /// What the last frame ended with.
    factor: f32,
}

impl Default for Gain {
    fn default() -> Self {
        Self {
            raised_db: 0.0,
            voice_db: AIM_DB,
            noise_db: -90.0,
            known: 0,
            factor: 1.0,
        }
    }
}

impl Gain {
    /// Bring a frame nearer to the aim; `speech`: whether somebody speaks in it.
    pub fn apply(&mut self, frame: &mut [i16], speech: bool) {
        let level_db = 20.0 * ((mean_absolute(frame).max(1) as f32) / 32_768.0).log10();
        if speech {
            self.follow(level_db);
        } else {
            self.noise_db += 0.02 * (level_db - self.noise_db);
        }
        let factor = 10_f32.powf(self.raised_db / 20.0);
        let idle = (self.factor - 1.0).abs() < f32::EPSILON && (factor - 1.0).abs() < f32::EPSILON;
        if !idle {
            self.factor = amplify(frame, self.factor, factor);
        }
    }

    /// What it is at, in dB.
    pub fn db(&self) -> f32 {
        self.raised_db
    }

    fn follow(&mut self, level_db: f32) {
        // Loud is believed at once, faint is a pause unless it lasts.
        if self.known > 0 && level_db < self.voice_db - PAUSE_DB {
            self.voice_db += 0.1 * FOLLOWS * (level_db - self.voice_db);
            return;
        }
        let share = FOLLOWS.max(1.0 / (self.known + 1) as f32);
        self.voice_db += share * (level_db - self.voice_db);
        self.known = self.known.saturating_add(1);
        if self.known < KNOWN_FRAMES {
            return;
        }
        let wanted_db = self.wanted_db();
        self.raised_db += (wanted_db - self.raised_db).clamp(-FALL_DB, RISE_DB);
    }

    fn wanted_db(&self) -> f32 {
        let off_db = AIM_DB - self.voice_db;
        let wanted_db = off_db - off_db.clamp(-NEAR_DB, NEAR_DB);
        let most_db = MOST_DB.min((NOISE_DB - self.noise_db).max(0.0));
        wanted_db.clamp(LEAST_DB, most_db)
    }
}

/// Go from one factor to another within a frame; less far if the frame would not fit. Gives the factor it ends with.
fn amplify(frame: &mut [i16], from: f32, to: f32) -> f32 {
    let peak = frame
        .iter()
        .map(|sample| sample.unsigned_abs())
        .max()
        .unwrap_or(0);
    let fits = CEILING / f32::from(peak.max(1));
    let (from, to) = (from.min(fits), to.min(fits));
    let step = (to - from) / frame.len().max(1) as f32;
    let mut factor = from;
    for sample in frame {
        factor += step;
        *sample = (f32::from(*sample) * factor).clamp(-CEILING, CEILING) as i16;
    }
    to
}
