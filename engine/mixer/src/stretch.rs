//! Makes sound shorter or longer by one period of the voice, without touching its pitch.
//!
//! A jitter buffer that has become too deep is emptied so while somebody speaks: the sound is laid over itself at the
//! distance at which it repeats itself best, and faded from one to the other. What is played before and after stays as
//! it is, so neither edge clicks. One change takes or gives 2.5 to 16 ms; the caller decides when, and how sure of the
//! period it wants to be.
//!
//! Works on samples of any rate, in place, and allocates nothing.
//!
//! Source: Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality
//! time-scale modification of speech", ICASSP 1993; here with one overlap at a time instead of a steady rate.

use std::ops::RangeInclusive;

/// Shortest and longest period looked for, in µs: voices from 400 down to 62 Hz, and whole periods of what is higher.
const SHORTEST_US: u32 = 2_500;
const LONGEST_US: u32 = 16_000;

/// Length over which one sound is faded into the other, and over which both are compared, in µs.
const OVERLAP_US: u32 = 10_000;

/// The search goes in steps of one sample at this rate, and is made exact afterwards.
const COARSE_HZ: u32 = 8_000;

/// Power below which sound has no period worth finding, per sample: one bit.
const NOTHING: f32 = 1.0;

/// What a change needs at this rate, in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Sound that must be there to be made shorter.
    pub to_shorten: usize,
    /// Sound that must be there to be made longer.
    pub to_lengthen: usize,
    /// Sound that was played just before, to make the next longer.
    pub past: usize,
    /// Samples that a change takes or gives at most.
    pub most: usize,
}

impl Needs {
    /// At a rate in Hz.
    pub const fn at(rate_hz: u32) -> Self {
        let most = samples(LONGEST_US, rate_hz);
        let overlap = samples(OVERLAP_US, rate_hz);
        Self {
            to_shorten: most + overlap,
            to_lengthen: overlap,
            past: most,
            most,
        }
    }
}

const fn samples(us: u32, rate_hz: u32) -> usize {
    (us as u64 * rate_hz as u64 / 1_000_000) as usize
}

/// Cut one period out of the beginning of some sound.
///
/// `longest`: take no more samples than this. `least_likeness`: how much the sound must be like itself one period later, from −1 to 1; below that nothing is done.
/// Returns how many samples were taken away: the rest moved to the front, and as many at the end are stale. 0 when the
/// sound is too short or unlike itself.
pub fn shorten(sound: &mut [i16], rate_hz: u32, longest: usize, least_likeness: f32) -> usize {
    let overlap = samples(OVERLAP_US, rate_hz);
    let lags = samples(SHORTEST_US, rate_hz)..=samples(LONGEST_US, rate_hz).min(longest);
    if lags.is_empty() || sound.len() < Needs::at(rate_hz).to_shorten {
        return 0;
    }
    let (lag, likeness) = best_lag(rate_hz, lags, |at, lag| (sound[at], sound[at + lag]));
    if likeness < least_likeness {
        return 0;
    }
    for at in 0..overlap {
        sound[at] = blend(sound[at], sound[at + lag], at, overlap);
    }
    sound.copy_within(overlap + lag.., overlap);
    lag
}

/// Repeat one period before some sound goes on.
///
/// `past`: what was played just before, at least [`Needs::past`]. `sound`: the first `count` samples are sound, behind
/// them is room for [`Needs::most`]. Returns how many samples were added; 0 when there is too little of anything, or
/// the sound is less like its past than `least_likeness`.
pub fn lengthen(past: &[i16], sound: &mut [i16], count: usize, rate_hz: u32, least_likeness: f32) -> usize {
    let (needs, overlap) = (Needs::at(rate_hz), samples(OVERLAP_US, rate_hz));
    if count < needs.to_lengthen || past.len() < needs.past || sound.len() < count + needs.most {
        return 0;
    }
    let lags = samples(SHORTEST_US, rate_hz)..=samples(LONGEST_US, rate_hz);
    let (lag, likeness) = best_lag(rate_hz, lags, |at, lag| {
        let earlier = at.checked_sub(lag).map(|at| sound[at]);
        (sound[at], earlier.unwrap_or_else(|| past[past.len() + at - lag]))
    });
    if likeness < least_likeness {
        return 0;
    }
    sound.copy_within(..count, lag);
    sound[..lag].copy_from_slice(&past[past.len() - lag..]);
    for at in 0..overlap {
        sound[at] = blend(sound[at + lag], sound[at], at, overlap);
    }
    lag
}

fn blend(from: i16, to: i16, at: usize, overlap: usize) -> i16 {
    let share = (at + 1) as f32 / (overlap + 1) as f32;
    (f32::from(from) * (1.0 - share) + f32::from(to) * share).round() as i16
}

/// The distance at which the pairs are most alike, and how much: 1 for equal, 0 for unrelated.
fn best_lag(
    rate_hz: u32,
    lags: RangeInclusive<usize>,
    pair: impl Fn(usize, usize) -> (i16, i16),
) -> (usize, f32) {
    let step = (rate_hz / COARSE_HZ).max(1) as usize;
    let (shortest, longest) = (*lags.start(), *lags.end());
    let overlap = samples(OVERLAP_US, rate_hz);
    let best = |lags: &mut dyn Iterator<Item = usize>, step| {
        lags.fold((shortest, f32::MIN), |best, lag| {
            let likeness = likeness(overlap, step, |at| pair(at, lag));
            if likeness > best.1 {
                (lag, likeness)
            } else {
                best
            }
        })
    };
    let (near, coarse) = best(&mut lags.step_by(step), step);
    if step == 1 {
        return (near, coarse);
    }
    let around = near.saturating_sub(step - 1).max(shortest)..=(near + step - 1).min(longest);
    best(&mut around.into_iter(), 1)
}

fn likeness(overlap: usize, step: usize, pair: impl Fn(usize) -> (i16, i16)) -> f32 {
    let (mut common, mut one, mut other) = (0.0_f32, 0.0_f32, 0.0_f32);
    for at in (0..overlap).step_by(step) {
        let (a, b) = pair(at);
        let (a, b) = (f32::from(a), f32::from(b));
        common += a * b;
        one += a * a;
        other += b * b;
    }
    let least = NOTHING * (overlap / step) as f32;
    if one <= least && other <= least {
        // Silence is like silence: any place is as good as another.
        return 1.0;
    }
    common / (one.max(1.0) * other.max(1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 3] = [8_000, 16_000, 48_000];
    const LOUD: f32 = 8_000.0;

    fn tone(hz: f32, rate_hz: u32, count: usize) -> Vec<i16> {
        let wave = |i: usize| (LOUD * (std::f32::consts::TAU * hz * i as f32 / rate_hz as f32).sin()) as i16;
        (0..count).map(wave).collect()
    }

    /// Plays `seconds` of a tone in frames of 20 ms, changed every fifth frame.
    fn played(hz: f32, rate_hz: u32, longer: bool) -> (Vec<i16>, usize) {
        let (frame, needs) = (rate_hz as usize / 50, Needs::at(rate_hz));
        let source = tone(hz, rate_hz, rate_hz as usize * 4);
        let (mut out, mut at, mut changes) = (Vec::new(), 0, 0);
        while at + 3 * frame < source.len() {
            let mut sound = source[at..at + 3 * frame].to_vec();
            let mut moved = frame;
            if out.len() / frame % 5 == 4 && longer {
                sound.resize(3 * frame + needs.most, 0);
                let added = lengthen(&out, &mut sound, 3 * frame, rate_hz, 0.5);
                changes += usize::from(added > 0);
                sound.truncate(frame + added);
            } else if out.len() / frame % 5 == 4 {
                let cut = shorten(&mut sound, rate_hz, usize::MAX, 0.5);
                changes += usize::from(cut > 0);
                moved = frame + cut;
                sound.truncate(frame);
            } else {
                sound.truncate(frame);
            }
            out.extend_from_slice(&sound);
            at += moved;
        }
        (out, changes)
    }

    /// Amplitude of one pitch.
    fn level(samples: &[i16], hz: f32, rate_hz: u32) -> f32 {
        let (mut re, mut im) = (0.0_f64, 0.0_f64);
        for (i, sample) in samples.iter().enumerate() {
            let angle = std::f64::consts::TAU * f64::from(hz) * i as f64 / f64::from(rate_hz);
            re += f64::from(*sample) * angle.cos();
            im += f64::from(*sample) * angle.sin();
        }
        (2.0 * (re * re + im * im).sqrt() / samples.len() as f64) as f32
    }

    fn steepest(samples: &[i16]) -> i32 {
        let step = |pair: &[i16]| (i32::from(pair[1]) - i32::from(pair[0])).abs();
        samples.windows(2).map(step).max().unwrap_or(0)
    }

    #[test]
    fn a_tone_made_shorter_or_longer_never_steps_more_than_it_does_by_itself() {
        for rate_hz in RATES {
            for hz in [110.0, 200.0, 440.0, 1_000.0] {
                for longer in [false, true] {
                    let (out, changes) = played(hz, rate_hz, longer);
                    assert!(changes > 20, "{hz} Hz at {rate_hz}: {changes} changes");
                    let (steep, own) = (steepest(&out), steepest(&tone(hz, rate_hz, rate_hz as usize)));
                    assert!(
                        steep <= own + own / 10 + 40,
                        "{hz} Hz at {rate_hz}: {steep} of {own}"
                    );
                }
            }
        }
    }

    #[test]
    fn level_and_pitch_stay() {
        for rate_hz in RATES {
            for hz in [150.0, 300.0, 1_000.0] {
                for longer in [false, true] {
                    let (out, _) = played(hz, rate_hz, longer);
                    // A tenth of a second: short enough that phases turned by the changes do not cancel.
                    let windows = out.chunks_exact(rate_hz as usize / 10);
                    let levels: Vec<f32> = windows.map(|window| level(window, hz, rate_hz)).collect();
                    let mean = levels.iter().sum::<f32>() / levels.len() as f32;
                    assert!((mean / LOUD - 1.0).abs() < 0.1, "{hz} Hz at {rate_hz}: {mean}");
                    let loudest = out.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
                    assert!(f32::from(loudest) <= LOUD + 1.0);
                }
            }
        }
    }

    #[test]
    fn what_is_cut_is_a_whole_number_of_periods() {
        for rate_hz in RATES {
            let mut sound = tone(100.0, rate_hz, Needs::at(rate_hz).to_shorten);
            assert_eq!(
                shorten(&mut sound, rate_hz, usize::MAX, 0.9),
                rate_hz as usize / 100
            );
            let mut steady = tone(100.0, rate_hz, Needs::at(rate_hz).to_shorten);
            steady.truncate(rate_hz as usize / 100);
            assert!(sound.iter().zip(&steady).all(|(a, b)| (a - b).abs() <= 2));
        }
    }

    #[test]
    fn noise_is_left_alone_unless_that_is_asked_for_and_silence_may_always_go() {
        let mut seed = 7_u32;
        let mut noise: Vec<i16> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) as i16 / 8
        })
        .take(400)
        .collect();
        let before = noise.clone();
        assert_eq!(shorten(&mut noise, 8_000, 128, 0.7), 0);
        assert_eq!(noise, before);
        assert!((20..=128).contains(&shorten(&mut noise, 8_000, 128, -1.0)));
        assert!(shorten(&mut [0; 208], 8_000, 128, 0.9) >= 20);
    }

    #[test]
    fn too_little_sound_or_room_changes_nothing() {
        let sound = tone(200.0, 8_000, 400);
        assert_eq!(shorten(&mut sound.clone()[..207], 8_000, 128, -1.0), 0);
        assert_eq!(lengthen(&sound[..127], &mut sound.clone(), 160, 8_000, -1.0), 0);
        assert_eq!(lengthen(&sound, &mut sound.clone()[..287], 160, 8_000, -1.0), 0);
        assert_eq!(lengthen(&sound, &mut sound.clone(), 79, 8_000, -1.0), 0);
        assert_eq!(shorten(&mut [], 8_000, 128, -1.0), 0);
        assert_eq!(shorten(&mut sound.clone(), 8_000, 19, -1.0), 0);
        assert!(shorten(&mut sound.clone(), 8_000, 50, -1.0) <= 50);
    }
}
