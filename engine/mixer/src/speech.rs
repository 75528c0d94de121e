//! Hears who is speaking, also in a noisy room.
//!
//! Each frame is brought to 4 kHz and freed of hum; what is left is where voices are. Its level is compared with the
//! noise of the line, of which mean and spread are followed while nobody speaks: a steady fan has little spread and a
//! voice need not stand out far, a canteen has much. Loudness alone begins nothing, it must also be voiced: like itself
//! one period of a voice earlier. So a hiss, a rustle or a fan that is switched on is noise at once, and so is speech
//! that has not been voiced for a second and a half, or has for three seconds varied as little as a crowd does. A whisper
//! is not heard as speech.
//!
//! Speech is told to begin after 60 ms of it (later when it begins with a hiss), and to end after 500 ms without.
//! Whose speech matters is the plan's business.

use crate::frame::FRAME_MS;

/// Rate at which voices are looked at, and samples of a frame at this rate.
const RATE_HZ: usize = 4_000;
const SAMPLES: usize = RATE_HZ * FRAME_MS as usize / 1_000;

/// One pole that leaves out what is below 100 Hz.
const HUM_POLE: f32 = 0.843;

/// Loud frames in a row that begin speech, 60 ms, and how many of them must be voiced.
const ATTACK_FRAMES: u32 = 60 / FRAME_MS as u32;
const VOICED_FRAMES: u32 = 2;

/// Quiet frames that end it: 500 ms.
const HANGOVER_FRAMES: u32 = 500 / FRAME_MS as u32;

/// Loud frames without voice that are noise: 400 ms before speech begins, 1.5 s once it has.
const NOISE_FRAMES: u32 = 400 / FRAME_MS as u32;
const VOICELESS_FRAMES: u32 = 1_500 / FRAME_MS as u32;

/// So many frames of what was taken for speech are judged by how much they vary, 3 s: less than this is a crowd, unless
/// it does not vary at all, like a tone. In dB, on average.
const JUDGED_FRAMES: u32 = 3_000 / FRAME_MS as u32;
const CROWD_DB: f32 = 2.5;
const STEADY_DB: f32 = 0.3;

/// While somebody speaks, every so many frames are asked whether they are voiced.
const ASK_EVERY: u32 = 4;

/// So far above the noise a frame must be to begin speech: at least, and in spreads of the noise.
const STANDS_OUT_DB: f32 = 6.5;
const STANDS_OUT_SPREADS: f32 = 3.5;

/// So far above the noise a frame is not quiet.
const STANDS_BY_DB: f32 = 4.0;
const STANDS_BY_SPREADS: f32 = 1.8;

/// Below this nothing is speech, however quiet the line.
const QUIETEST_SPEECH_DB: f32 = -48.0;

/// Above this a steady voiced sound is not taken for noise: a tone, or music, goes on counting as speech.
const LOUDEST_VOICED_NOISE_DB: f32 = -38.0;

/// The noise is taken to rise by 1 dB a second while somebody speaks.
const RISE_DB_PER_FRAME: f32 = FRAME_MS as f32 / 1_000.0;

/// Periods of voices from 400 down to 80 Hz, in samples.
const SHORTEST_LAG: usize = RATE_HZ / 400;
const LONGEST_LAG: usize = RATE_HZ / 80;

/// A frame so much like itself one period earlier is voiced.
const VOICED: f32 = 0.55;

/// What digital silence counts as, and how quiet and how loud the noise is taken to be at the utmost.
const SILENCE_DB: f32 = -90.0;
const LOUDEST_NOISE_DB: f32 = -15.0;

/// A change worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody began to speak.
    Started,
    /// Somebody stopped.
    Stopped,
}

/// Listens to one line.
#[derive(Debug, Clone, Default)]
pub struct SpeechDetector {
    band: VoiceBand,
    noise: Noise,
    /// Frames in a row that stood out, and those of them that were voiced.
    loud: u32,
    voiced: u32,
    /// Quiet frames since the last that stood out.
    quiet: u32,
    /// Frames since the last that was voiced, while somebody speaks.
    voiceless: u32,
    heard: Spell,
    speaking: bool,
}

impl SpeechDetector {
    /// Hear the next frame: 20 ms at any rate that is a multiple of 4 kHz.
    pub fn hear(&mut self, frame: &[i16]) -> Option<Change> {
        self.band.take(frame);
        let level_db = self.band.level_db();
        if self.speaking {
            self.follow_speech(level_db)
        } else {
            self.await_speech(level_db)
        }
    }

    /// Whether somebody speaks, or has within the last half second.
    pub fn is_speaking(&self) -> bool {
        self.speaking
    }

    fn await_speech(&mut self, level_db: f32) -> Option<Change> {
        let stands_out = self.noise.is_exceeded(level_db);
        self.noise.learn(level_db, stands_out);
        if !stands_out {
            (self.loud, self.voiced) = (0, 0);
            return None;
        }
        self.loud += 1;
        let voiced = self.band.is_voiced();
        self.voiced += u32::from(voiced);
        if voiced && self.loud >= ATTACK_FRAMES && self.voiced >= VOICED_FRAMES {
            (self.quiet, self.voiceless, self.speaking) = (0, 0, true);
            self.heard = Spell::default();
            return Some(Change::Started);
        }
        if self.loud >= NOISE_FRAMES {
            self.noise.is_now(level_db);
            (self.loud, self.voiced) = (0, 0);
        }
        None
    }

    fn follow_speech(&mut self, level_db: f32) -> Option<Change> {
        self.noise.creep(level_db);
        if self.noise.is_exceeded(level_db) {
            self.quiet = 0;
        } else if self.noise.is_like(level_db) {
            self.quiet += 1;
        }
        self.voiceless += 1;
        if self.voiceless.is_multiple_of(ASK_EVERY) && level_db > QUIETEST_SPEECH_DB && self.band.is_voiced()
        {
            self.voiceless = 0;
        }
        if self.voiceless >= VOICELESS_FRAMES {
            self.noise.is_now(level_db);
            return self.hush();
        }
        if let Some(crowd) = self.heard.judge(level_db) {
            self.noise = crowd;
            return self.hush();
        }
        if self.quiet >= HANGOVER_FRAMES {
            return self.hush();
        }
        None
    }

    /// Stop listening: the line is muted, or nobody asks any more.
    pub fn hush(&mut self) -> Option<Change> {
        (self.loud, self.voiced) = (0, 0);
        std::mem::take(&mut self.speaking).then_some(Change::Stopped)
    }
}

/// The levels of the last seconds of speech.
#[derive(Debug, Clone, Copy, Default)]
struct Spell {
    frames: u32,
    mean_db: f32,
    spread_db: f32,
}

impl Spell {
    /// Add a frame; says what noise it was all along, if that is what it was.
    fn judge(&mut self, level_db: f32) -> Option<Noise> {
        self.frames += 1;
        let share = 1.0 / self.frames as f32;
        self.mean_db += share * (level_db - self.mean_db);
        self.spread_db += share * ((level_db - self.mean_db).abs() - self.spread_db);
        if self.frames < JUDGED_FRAMES {
            return None;
        }
        let was = std::mem::take(self);
        (STEADY_DB..CROWD_DB).contains(&was.spread_db).then_some(Noise {
            mean_db: was.mean_db.clamp(SILENCE_DB, LOUDEST_NOISE_DB),
            spread_db: was.spread_db,
        })
    }
}

/// The noise of a line: its level and how much it varies, both in dB.
#[derive(Debug, Clone, Copy)]
struct Noise {
    mean_db: f32,
    spread_db: f32,
}

impl Default for Noise {
    fn default() -> Self {
        Self {
            mean_db: -60.0,
            spread_db: 1.0,
        }
    }
}

impl Noise {
    fn is_exceeded(self, level_db: f32) -> bool {
        let margin = (STANDS_OUT_SPREADS * self.spread_db).max(STANDS_OUT_DB);
        level_db > (self.mean_db + margin).max(QUIETEST_SPEECH_DB)
    }

    fn is_like(self, level_db: f32) -> bool {
        let margin = (STANDS_BY_SPREADS * self.spread_db).max(STANDS_BY_DB);
        level_db <= (self.mean_db + margin).max(QUIETEST_SPEECH_DB)
    }

    /// Learn from a frame while nobody speaks. One that stands out may be the beginning of speech.
    fn learn(&mut self, level_db: f32, stands_out: bool) {
        let off = level_db - self.mean_db;
        if !stands_out {
            let far = off.abs().min(4.0 * self.spread_db.max(1.0));
            self.spread_db += 0.01 * (far - self.spread_db);
        }
        let rate = match (stands_out, off < 0.0) {
            (true, _) => 0.002,
            (false, true) => 0.04,
            (false, false) => 0.02,
        };
        self.mean_db = (self.mean_db + rate * off).clamp(SILENCE_DB, LOUDEST_NOISE_DB);
    }

    /// Follow it under speech: down with the level, up slowly.
    fn creep(&mut self, level_db: f32) {
        if level_db < self.mean_db {
            self.mean_db += 0.04 * (level_db - self.mean_db);
        } else if self.mean_db < LOUDEST_VOICED_NOISE_DB {
            self.mean_db += RISE_DB_PER_FRAME.min(level_db - self.mean_db);
        }
    }

    fn is_now(&mut self, level_db: f32) {
        self.mean_db = level_db.clamp(SILENCE_DB, LOUDEST_NOISE_DB);
    }
}

/// The last two frames as far as voices go: below 2 kHz, without hum.
#[derive(Debug, Clone)]
struct VoiceBand {
    recent: [f32; 2 * SAMPLES],
    before: f32,
    out: f32,
}

impl Default for VoiceBand {
    fn default() -> Self {
        Self {
            recent: [0.0; 2 * SAMPLES],
            before: 0.0,
            out: 0.0,
        }
    }
}

impl VoiceBand {
    fn take(&mut self, frame: &[i16]) {
        let step = frame.len() / SAMPLES;
        debug_assert!(step > 0 && frame.len().is_multiple_of(SAMPLES));
        self.recent.copy_within(SAMPLES.., 0);
        for (place, group) in self.recent[SAMPLES..]
            .iter_mut()
            .zip(frame.chunks_exact(step.max(1)))
        {
            let sum: i32 = group.iter().map(|sample| i32::from(*sample)).sum();
            let mean = sum as f32 / group.len() as f32;
            self.out = mean - self.before + HUM_POLE * self.out;
            self.before = mean;
            *place = self.out;
        }
    }

    /// Power of the latest frame in dB below a full-scale square wave.
    fn level_db(&self) -> f32 {
        let power: f32 = self.recent[SAMPLES..].iter().map(|sample| sample * sample).sum();
        let mean = power / (SAMPLES as f32 * 32_768.0 * 32_768.0);
        (10.0 * mean.max(1e-9).log10()).max(SILENCE_DB)
    }

    /// Whether the latest frame is like itself one period of a voice earlier.
    fn is_voiced(&self) -> bool {
        let latest = &self.recent[SAMPLES..];
        let power: f32 = latest.iter().map(|sample| sample * sample).sum();
        (SHORTEST_LAG..=LONGEST_LAG).any(|lag| {
            let earlier = &self.recent[SAMPLES - lag..2 * SAMPLES - lag];
            let (mut common, mut other) = (0.0_f32, 0.0_f32);
            for (a, b) in latest.iter().zip(earlier) {
                common += a * b;
                other += b * b;
            }
            common > VOICED * (power * other).sqrt()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A steady sound of this power with the period of a voice; `seed` keeps frames from being equal.
    fn voice(db: f32, seed: usize) -> [i16; 160] {
        let amplitude = 2_f32.sqrt() * 32_768.0 * 10_f32.powf(db / 20.0);
        let wave = |i: usize| amplitude * (std::f32::consts::TAU * 400.0 * i as f32 / 8_000.0).sin();
        std::array::from_fn(|i| wave(i + 160 * seed).clamp(-32_767.0, 32_767.0) as i16)
    }

    fn changes(detector: &mut SpeechDetector, db: f32, frames: usize) -> Vec<(usize, Change)> {
        (0..frames)
            .filter_map(|i| detector.hear(&voice(db, i)).map(|change| (i, change)))
            .collect()
    }

    #[test]
    fn speech_begins_after_sixty_ms_and_ends_after_half_a_second() {
        let mut detector = SpeechDetector::default();
        assert_eq!(changes(&mut detector, -25.0, 100), [(2, Change::Started)]);
        assert_eq!(changes(&mut detector, -85.0, 100), [(25, Change::Stopped)]);
    }

    #[test]
    fn a_click_and_a_pause_between_words_change_nothing() {
        let mut detector = SpeechDetector::default();
        changes(&mut detector, -80.0, 50);
        assert_eq!(changes(&mut detector, -12.0, 2), []);
        assert_eq!(changes(&mut detector, -80.0, 50), []);
        changes(&mut detector, -25.0, 50);
        assert_eq!(changes(&mut detector, -80.0, 20), []);
        assert_eq!(changes(&mut detector, -25.0, 20), []);
    }

    #[test]
    fn a_humming_line_is_learnt_as_noise_and_speech_still_stands_out() {
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
