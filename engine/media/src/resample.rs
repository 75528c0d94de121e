//! Clips to the rate of the mix, off the real-time thread.

use std::sync::Arc;

use mixer::frame::CLOCK_RATE_HZ;
use rubato::{FftFixedIn, Resampler};

/// Rates accepted, in Hz.
pub(crate) const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Samples handed to the resampler at once.
const CHUNK: usize = 1_024;

/// Bring samples at `rate_hz` to 8 kHz; they last as long as before.
pub(crate) fn to_mix_rate(samples: &[i16], rate_hz: u32) -> Arc<[i16]> {
    if rate_hz == CLOCK_RATE_HZ {
        return samples.into();
    }
    let wanted = samples.len() as u64 * u64::from(CLOCK_RATE_HZ) / u64::from(rate_hz);
    let mut resampler = FftFixedIn::<f32>::new(rate_hz as usize, CLOCK_RATE_HZ as usize, CHUNK, 2, 1)
        .expect("the rates were checked");
    let delay = resampler.output_delay();
    let whole = delay + wanted as usize;
    let mut out: Vec<f32> = Vec::with_capacity(whole + CHUNK);
    let mut rest = samples.iter();
    while out.len() < whole {
        let need = resampler.input_frames_next();
        let mut chunk: Vec<f32> = rest
            .by_ref()
            .take(need)
            .map(|sample| f32::from(*sample))
            .collect();
        // Beyond the end silence pushes out what the filter still holds.
        chunk.resize(need, 0.0);
        let done = resampler
            .process(&[chunk], None)
            .expect("one channel, as long as asked for");
        out.extend_from_slice(&done[0]);
    }
    let fitted = |sample: &f32| sample.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
    out[delay..whole].iter().map(fitted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32, rate_hz: u32, samples: usize) -> Vec<i16> {
        let wave = |i: usize| 10_000.0 * (std::f32::consts::TAU * hz * i as f32 / rate_hz as f32).sin();
        (0..samples).map(|i| wave(i) as i16).collect()
    }

    #[test]
    fn a_clip_keeps_its_length_its_pitch_and_its_place() {
        for rate_hz in [11_025, 16_000, 22_050, 44_100, 48_000] {
            let clip = to_mix_rate(&tone(440.0, rate_hz, rate_hz as usize), rate_hz);
            let expected = tone(440.0, 8_000, 8_000);
            assert_eq!(clip.len(), 8_000, "{rate_hz}");
            let off = |i: usize| (i32::from(clip[i]) - i32::from(expected[i])).abs();
            let worst = (400..7_600).map(off).max().unwrap();
            assert!(worst < 300, "{rate_hz}: off by {worst}");
        }
    }

    #[test]
    fn what_the_mix_cannot_carry_is_filtered_out_and_not_folded_back() {
        let clip = to_mix_rate(&tone(6_000.0, 48_000, 48_000), 48_000);
        assert!(clip[400..7_600].iter().all(|sample| sample.abs() < 200));
    }

    #[test]
    fn an_empty_clip_stays_empty_and_a_clip_of_the_right_rate_is_unchanged() {
        assert!(to_mix_rate(&[], 48_000).is_empty());
        assert_eq!(*to_mix_rate(&[1, -2, 3], 8_000), [1, -2, 3]);
    }
}
