//! Brings frames from one rate to another, and changes the pair of rates without a click.
//!
//! A resampler delays; putting one in, taking one out or exchanging it moves the sound in time, which is heard as a click.
//! So in the first frame after a change both ways are gone, and the one is blended into the other once the new one's filter
//! has filled. What the way that is left needs for one frame more is supplied by straight lines between samples: coarse, but
//! without delay, and for some 10 ms.

use codecs::Resampler;

use crate::frame::{samples_at, LONGEST_FRAME, SILENCE};

/// The new way is silent while its filter fills, in ms, and then takes over within these.
const FILLING_MS: usize = 8;
const BLEND_MS: usize = 8;

/// Changes the rate of one stream of frames.
#[derive(Debug)]
pub struct Converter {
    resampler: Resampler,
    from_hz: u32,
    to_hz: u32,
    /// The rates from the next frame on.
    next: Option<(u32, u32)>,
    /// Whether the resampler holds nothing but silence.
    still: bool,
}

impl Converter {
    /// One that changes nothing. Allocates; nothing else here does.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            resampler: Resampler::new(rate_hz, rate_hz).expect("a rate of the mix"),
            from_hz: rate_hz,
            to_hz: rate_hz,
            next: None,
            still: true,
        }
    }

    /// Convert between these rates from the next frame on.
    pub fn aim(&mut self, from_hz: u32, to_hz: u32) {
        let now = (self.from_hz, self.to_hz);
        self.next = ((from_hz, to_hz) != now).then_some((from_hz, to_hz));
    }

    /// Whether frames pass as they are.
    pub fn is_plain(&self) -> bool {
        self.from_hz == self.to_hz && self.next.is_none()
    }

    /// Forget what was converted.
    pub fn forget(&mut self) {
        self.resampler.forget();
        self.still = true;
    }

    /// Go on where another one is.
    pub fn follow(&mut self, other: &Self) {
        self.resampler.follow(&other.resampler);
        (self.from_hz, self.to_hz, self.next) = (other.from_hz, other.to_hz, other.next);
        self.still = other.still;
    }

    /// Convert the next frame: 20 ms at the first rate into 20 ms at the second.
    pub fn convert(&mut self, input: &[i16], output: &mut [i16]) {
        let silent = input.iter().all(|sample| *sample == 0);
        if silent && self.still {
            self.turn();
            output.fill(0);
            return;
        }
        self.still = silent && self.next.is_none();
        if self.next.is_none() {
            self.resampler.resample(input, output);
            return;
        }
        let mut old = SILENCE;
        let old = &mut old[..output.len()];
        self.go_the_old_way(input, old);
        self.turn();
        self.resampler.resample(input, output);
        blend(old, output);
    }

    fn turn(&mut self) {
        if let Some((from_hz, to_hz)) = self.next.take() {
            let known = self.resampler.retune(from_hz, to_hz);
            debug_assert!(known.is_ok());
            (self.from_hz, self.to_hz) = (from_hz, to_hz);
        }
    }

    fn go_the_old_way(&mut self, input: &[i16], output: &mut [i16]) {
        let (mut before, mut after) = ([0; LONGEST_FRAME], [0; LONGEST_FRAME]);
        let before = &mut before[..samples_at(self.from_hz)];
        let after = &mut after[..samples_at(self.to_hz)];
        stretch(input, before);
        self.resampler.resample(before, after);
        stretch(after, output);
    }
}

/// Fill a frame of another length by straight lines between the samples.
fn stretch(input: &[i16], output: &mut [i16]) {
    let (ins, outs) = (input.len(), output.len());
    for (at, sample) in output.iter_mut().enumerate() {
        let (whole, part) = (at * ins / outs, at * ins % outs);
        let here = i32::from(input[whole]);
        let there = i32::from(input[(whole + 1).min(ins - 1)]);
        *sample = (here + (there - here) * part as i32 / outs as i32) as i16;
    }
}

fn blend(old: &[i16], new: &mut [i16]) {
    let per_ms = new.len() / 20;
    let (begins, length) = (FILLING_MS * per_ms, BLEND_MS * per_ms);
    for (at, (sample, before)) in new.iter_mut().zip(old).enumerate() {
        let share = (at.saturating_sub(begins) as f32 / length as f32).min(1.0);
        *sample = (f32::from(*sample) * share + f32::from(*before) * (1.0 - share)) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    const HZ: f64 = 440.0;

    fn tone(rate_hz: u32, frame: usize) -> Vec<i16> {
        let samples = samples_at(rate_hz);
        let wave = |at: usize| (8_000.0 * (TAU * HZ * at as f64 / f64::from(rate_hz)).sin()) as i16;
        (frame * samples..(frame + 1) * samples).map(wave).collect()
    }

    /// How much sharper the sharpest corner of a sound is than those of the tone itself, as a share of its loudness: a click
    /// is a sharp one.
    fn sharpness(sound: &[i16], rate_hz: u32) -> f64 {
        let corner = |w: &[i16]| (f64::from(w[0]) - 2.0 * f64::from(w[1]) + f64::from(w[2])).abs();
        let sharpest = sound.windows(3).map(corner).fold(0.0, f64::max);
        sharpest / 8_000.0 - (TAU * HZ / f64::from(rate_hz)).powi(2)
    }

    #[test]
    fn the_rate_of_the_listener_stays_while_the_mix_changes_and_a_tone_has_no_corner() {
        for listener_hz in [8_000, 16_000, 48_000] {
            let mut converter = Converter::new(listener_hz);
            let mut heard = Vec::new();
            for frame in 0..80 {
                let mix_hz = [8_000, 16_000, 48_000, 16_000, 48_000, 8_000][frame / 8 % 6];
                converter.aim(mix_hz, listener_hz);
                let mut output = vec![0; samples_at(listener_hz)];
                converter.convert(&tone(mix_hz, frame), &mut output);
                heard.extend(output);
            }
            let sharpness = sharpness(&heard, listener_hz);
            assert!(sharpness < 0.04, "{listener_hz}: {sharpness}");
        }
    }

    #[test]
    fn a_plain_one_passes_frames_as_they_are_and_silence_costs_nothing() {
        let mut converter = Converter::new(8_000);
        let mut output = vec![1; 160];
        converter.convert(&tone(8_000, 0), &mut output);
        assert_eq!(output, tone(8_000, 0));
        assert!(converter.is_plain());
        converter.aim(16_000, 8_000);
        converter.forget();
        converter.convert(&[0; 320], &mut output);
        assert_eq!(output, [0; 160]);
        assert!(!converter.is_plain());
    }

    #[test]
    fn a_follower_gives_what_the_other_gives() {
        let (mut one, mut other) = (Converter::new(16_000), Converter::new(16_000));
        one.aim(48_000, 16_000);
        let (mut a, mut b) = (vec![0; 320], vec![0; 320]);
        one.convert(&tone(48_000, 0), &mut a);
        other.follow(&one);
        one.convert(&tone(48_000, 1), &mut a);
        other.convert(&tone(48_000, 1), &mut b);
        assert_eq!(a, b);
    }
}
