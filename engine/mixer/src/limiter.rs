//! Turns a sum of voices into samples, without clipping and without wrapping.
//!
//! Decided: a peak limiter per output, working on whole frames. Saturating alone is cheaper, but five people who laugh
//! at once would be five people through a broken loudspeaker; and a fixed division by the number of talkers makes
//! everybody faint. As a frame is known whole before it is sent, the peak is known too, and no look-ahead delay is
//! needed: the gain falls before the first sample that would not fit, and returns slowly afterwards. While nothing
//! exceeds full scale, samples pass unchanged, bit for bit.

/// Full scale.
const CEILING: f32 = i16::MAX as f32;

/// The gain returns by this factor per frame: 0.25 dB in 20 ms, so that 6 dB take half a second and no pumping is heard.
const RELEASE_PER_FRAME: f32 = 1.029;

/// The limiter of one output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limiter {
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// Fit a sum into 16 bits.
    pub fn fit(&mut self, sum: &[i32], out: &mut [i16]) {
        let peak = sum.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        if self.gain >= 1.0 && i16::try_from(peak).is_ok() {
            for (sample, total) in out.iter_mut().zip(sum) {
                *sample = *total as i16;
            }
            return;
        }
        let allowed = if peak == 0 {
            1.0
        } else {
            (CEILING / peak as f32).min(1.0)
        };
        let ramp = if allowed < self.gain {
            self.attack(sum, allowed)
        } else {
            Ramp {
                from: self.gain,
                to: (self.gain * RELEASE_PER_FRAME).min(allowed),
                samples: sum.len(),
            }
        };
        for (i, (sample, total)) in out.iter_mut().zip(sum).enumerate() {
            *sample = scale(*total, ramp.at(i));
        }
        self.gain = ramp.to;
    }

    /// Fall to the allowed gain by the first sample that does not fit the present one; at once if that is the first.
    fn attack(self, sum: &[i32], allowed: f32) -> Ramp {
        let fits = |total: &i32| total.unsigned_abs() as f32 * self.gain <= CEILING;
        let samples = sum.iter().position(|total| !fits(total)).unwrap_or(sum.len());
        Ramp {
            from: self.gain,
            to: allowed,
            samples,
        }
    }
}

/// A straight line between two gains over the first samples of a frame.
struct Ramp {
    from: f32,
    to: f32,
    samples: usize,
}

impl Ramp {
    fn at(&self, i: usize) -> f32 {
        if i >= self.samples {
            return self.to;
        }
        self.from + (self.to - self.from) * (i as f32 / self.samples as f32)
    }
}

/// The clamp is for rounding alone: the gain has seen to it that the product fits.
fn scale(total: i32, gain: f32) -> i16 {
    (total as f32 * gain).clamp(-CEILING, CEILING) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_SAMPLES: usize = 160;
    type Sum = [i32; FRAME_SAMPLES];

    fn tone(amplitude: f32, hz: f32, frame: usize) -> Sum {
        std::array::from_fn(|i| {
            let t = (frame * FRAME_SAMPLES + i) as f32 / 8_000.0;
            (amplitude * (std::f32::consts::TAU * hz * t).sin()) as i32
        })
    }

    #[test]
    fn what_fits_passes_bit_for_bit() {
        let sum: Sum = std::array::from_fn(|i| (i as i32 - 80) * 400);
        let mut out = [0; FRAME_SAMPLES];
        Limiter::default().fit(&sum, &mut out);
        assert!(out
            .iter()
            .zip(&sum)
            .all(|(sample, total)| i32::from(*sample) == *total));
    }

    #[test]
    fn five_talkers_at_full_scale_keep_their_wave_form() {
        let mut limiter = Limiter::default();
        let mut out = [0; FRAME_SAMPLES];
        for frame in 0..50 {
            let sum = tone(5.0 * CEILING, 440.0, frame);
            limiter.fit(&sum, &mut out);
            let clipped = out
                .windows(3)
                .filter(|run| run.iter().all(|s| s.unsigned_abs() >= 32_766))
                .count();
            assert_eq!(clipped, 0, "frame {frame} has flat tops");
        }
    }

    #[test]
    fn the_sign_of_a_sample_never_changes_however_loud_the_sum() {
        let mut limiter = Limiter::default();
        let mut out = [0; FRAME_SAMPLES];
        for amplitude in [1_000.0, 4_000_000.0, 40_000.0, 2_000_000_000.0] {
            let sum = tone(amplitude, 300.0, 0);
            limiter.fit(&sum, &mut out);
            assert!(out
                .iter()
                .zip(&sum)
                .all(|(sample, total)| i32::from(*sample).signum() * total.signum() >= 0));
        }
    }

    #[test]
    fn the_gain_returns_within_two_seconds_and_without_a_jump() {
        let mut limiter = Limiter::default();
        let mut out = [0; FRAME_SAMPLES];
        limiter.fit(&tone(4.0 * CEILING, 440.0, 0), &mut out);
        let mut last = limiter.gain;
        for frame in 1..100 {
            limiter.fit(&tone(1_000.0, 440.0, frame), &mut out);
            assert!(limiter.gain >= last && limiter.gain <= last * 1.03);
            last = limiter.gain;
        }
        assert!((last - 1.0).abs() < f32::EPSILON);
    }
}
