//! Keeps those out of the mix who say nothing: the noise of a line adds nothing but noise.
//!
//! Whoever is in the mix hears a mix of their own, to be coded for them alone; so silence must be told cheaply and surely.
//! Two kinds of frames are nothing: those fainter than -60 dB of full scale, and those of a line's steady noise, which is
//! below -36 dB, stays within 3.5 dB of what it has been for seconds, and has no pitch. The gate opens with the first frame
//! that is neither, so that no beginning is cut off, and closes when none has been for 300 ms, fading out.

use crate::frame::mean_absolute;

/// Mean absolute sample of what is never heard: -60 dB of full scale.
const FAINT: u32 = 32;

/// Mean absolute sample of what is always heard: -36 dB of full scale.
const LOUD: u32 = 400;

/// Frames of nothing in a row after which the gate closes: longer than a pause between words.
const CLOSES_AFTER: u32 = 15;

/// Frames of nothing after which no more than that is expected: 800 ms, longer than it takes to hear that speech has ended.
const ASLEEP_AFTER: u32 = 40;

/// Noise is followed down within some frames and up within some seconds: so it is what is there between words.
const FALLS: f32 = 0.3;
const RISES: f32 = 0.004;

/// So much louder than the noise of the line is no noise.
const STANDS_OUT: f32 = 1.5;

/// Samples in which a pitch is looked for: 20 ms at 4 kHz; and its periods there, of 80 to 400 Hz or of many at once.
const LOOKED_AT: usize = 80;
const SHORTEST_LAG: usize = 10;
const LONGEST_LAG: usize = 50;

/// A frame so much like itself some periods earlier has a pitch; white noise is by chance once in thousands.
const PITCHED: f32 = 0.8;

/// The gate of one stream.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    nothing: u32,
    /// The line's noise, as a mean absolute sample.
    noise: f32,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            nothing: CLOSES_AFTER,
            noise: 0.0,
        }
    }
}

impl Gate {
    /// Look at the next frame, and say whether it is to be heard. The last one that is fades out.
    pub fn lets_in(&mut self, frame: &mut [i16]) -> bool {
        let loudness = mean_absolute(frame);
        if !self.is_nothing(loudness, frame) {
            self.nothing = 0;
            return true;
        }
        self.lets_in_noise(frame)
    }

    /// Let pass what is known to be noise, after sound that was heard: until the gate closes.
    pub fn lets_in_noise(&mut self, frame: &mut [i16]) -> bool {
        if self.is_shut() {
            self.nothing = (self.nothing + 1).min(ASLEEP_AFTER);
            return false;
        }
        self.nothing += 1;
        if self.is_shut() {
            fade_out(frame);
        }
        true
    }

    /// Shut it: the frame is not looked at, because there is none.
    pub fn shut(&mut self) {
        self.nothing = CLOSES_AFTER;
    }

    /// Whether nothing has been heard for so long that silence may be expected.
    pub fn is_asleep(&self) -> bool {
        self.nothing >= ASLEEP_AFTER
    }

    fn is_shut(self) -> bool {
        self.nothing >= CLOSES_AFTER
    }

    fn is_nothing(&mut self, loudness: u32, frame: &[i16]) -> bool {
        let level = loudness as f32;
        let stands_out = level > STANDS_OUT * self.noise;
        let rate = if level < self.noise { FALLS } else { RISES };
        self.noise += rate * (level - self.noise);
        if loudness <= FAINT {
            return true;
        }
        // What was noise when the gate closed is not asked again for a pitch: with one it would stand out.
        !stands_out && loudness < LOUD && (self.is_shut() || !has_pitch(frame))
    }
}

fn fade_out(frame: &mut [i16]) {
    let length = frame.len() as i32;
    for (at, sample) in (0..length).rev().zip(frame) {
        *sample = (i32::from(*sample) * at / length) as i16;
    }
}

/// Whether a frame repeats itself, as a voice and a tone do.
fn has_pitch(frame: &[i16]) -> bool {
    let mut sound = [0.0_f32; LOOKED_AT];
    let step = (frame.len() / LOOKED_AT).max(1);
    for (sample, of) in sound.iter_mut().zip(frame.chunks_exact(step)) {
        *sample = of.iter().map(|sample| f32::from(*sample)).sum::<f32>();
    }
    let mean = sound.iter().sum::<f32>() / LOOKED_AT as f32;
    for sample in &mut sound {
        *sample -= mean;
    }
    (SHORTEST_LAG..=LONGEST_LAG).any(|lag| is_like(&sound[lag..], &sound[..LOOKED_AT - lag]))
}

fn is_like(later: &[f32], earlier: &[f32]) -> bool {
    let (mut likeness, mut power, mut powers) = (0.0, 1.0, 1.0);
    for (a, b) in later.iter().zip(earlier) {
        likeness += a * b;
        power += a * a;
        powers += b * b;
    }
    likeness > 0.0 && likeness * likeness > PITCHED * PITCHED * power * powers
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: usize = 8_000;

    /// White noise of a loudness in dB of full scale.
    fn noise(seed: u64, level_db: f64, samples: usize) -> Vec<f64> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut dice = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        // The sum of twelve evenly spread numbers is spread like noise, with a deviation of one.
        let amplitude = 32_768.0 * 10_f64.powf(level_db / 20.0);
        (0..samples)
            .map(|_| amplitude * (0..12).map(|_| dice()).sum::<f64>())
            .collect()
    }

    /// Syllables of a voice, four a second, of this loudness while they last.
    fn voice(level_db: f64, samples: usize) -> Vec<f64> {
        let amplitude = 32_768.0 * 10_f64.powf(level_db / 20.0);
        let one = |at: usize| {
            let seconds = at as f64 / RATE_HZ as f64;
            let turns = std::f64::consts::TAU * 140.0 * seconds;
            let harmonics: f64 = (1..12).map(|n| (f64::from(n) * turns).sin() / f64::from(n)).sum();
            let syllable = (std::f64::consts::TAU * 2.0 * seconds).cos().abs();
            amplitude * 1.13 * syllable * harmonics
        };
        (0..samples).map(one).collect()
    }

    fn mixed(one: &[f64], other: &[f64]) -> Vec<i16> {
        one.iter().zip(other).map(|(a, b)| (a + b) as i16).collect()
    }

    /// Which frames are let in.
    fn heard(gate: &mut Gate, sound: &[i16]) -> Vec<bool> {
        let frames = sound.chunks_exact(RATE_HZ / 50);
        frames.map(|frame| gate.lets_in(&mut frame.to_vec())).collect()
    }

    fn share(heard: &[bool]) -> f64 {
        heard.iter().filter(|heard| **heard).count() as f64 / heard.len() as f64
    }

    #[test]
    fn the_first_loud_frame_is_let_in_and_so_are_pauses_between_words() {
        let mut gate = Gate::default();
        assert!(!gate.lets_in(&mut [20; 160]));
        assert!(gate.lets_in(&mut [-500; 960]));
        assert!((0..15).all(|_| gate.lets_in(&mut [0; 160])));
        assert!(!gate.lets_in(&mut [0; 160]));
    }

    #[test]
    fn the_last_frame_fades_out() {
        let mut gate = Gate::default();
        gate.lets_in(&mut [500; 160]);
        let mut last = [20; 160];
        for _ in 0..15 {
            last = [20; 160];
            gate.lets_in(&mut last);
        }
        assert!(last[0] >= 19 && last[159] == 0);
    }

    #[test]
    fn the_steady_noise_of_a_line_is_shut_out_after_some_seconds_and_for_good() {
        for level_db in [-56.0, -50.0, -45.0, -40.0] {
            let sound = mixed(&noise(1, level_db, 40 * RATE_HZ), &vec![0.0; 40 * RATE_HZ]);
            let heard = heard(&mut Gate::default(), &sound);
            assert!(
                share(&heard[500..]) < 0.01,
                "{level_db} dB: {}",
                share(&heard[500..])
            );
        }
    }

    #[test]
    fn a_faint_voice_is_heard_from_its_first_frame_however_long_it_speaks() {
        for noise_db in [-70.0, -60.0, -55.0, -52.0] {
            let before = mixed(&noise(2, noise_db, 20 * RATE_HZ), &vec![0.0; 20 * RATE_HZ]);
            let said = mixed(&noise(3, noise_db, 60 * RATE_HZ), &voice(-45.0, 60 * RATE_HZ));
            let mut gate = Gate::default();
            assert!(!heard(&mut gate, &before).last().unwrap());
            let heard = heard(&mut gate, &said);
            assert!(heard[0], "noise of {noise_db} dB");
            assert!(share(&heard) > 0.99, "noise of {noise_db} dB: {}", share(&heard));
        }
    }

    #[test]
    fn a_faint_tone_is_heard_for_ever() {
        for hz in [100.0, 440.0, 1_004.0] {
            let wave = |at: usize| 150.0 * (std::f64::consts::TAU * hz * at as f64 / 8_000.0).sin();
            let tone: Vec<f64> = (0..60 * RATE_HZ).map(wave).collect();
            let sound = mixed(&tone, &noise(4, -70.0, 60 * RATE_HZ));
            assert!(
                heard(&mut Gate::default(), &sound).iter().all(|heard| *heard),
                "{hz} Hz"
            );
        }
    }
}
