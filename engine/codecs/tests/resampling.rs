//! What resampling keeps, what it leaves out, how late it is.

use std::f64::consts::TAU;

use codecs::Resampler;

const PAIRS: [(u32, u32); 6] = [
    (8_000, 16_000),
    (8_000, 48_000),
    (16_000, 48_000),
    (16_000, 8_000),
    (48_000, 8_000),
    (48_000, 16_000),
];

const LOUD: f64 = 16_000.0;

fn tone(hz: f64, rate_hz: u32, count: usize) -> Vec<i16> {
    let wave = |at: usize| LOUD * (TAU * hz * at as f64 / f64::from(rate_hz)).sin();
    (0..count).map(|at| wave(at).round() as i16).collect()
}

/// One second, resampled in frames of 20 ms.
fn resampled(sound: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
    let mut out = vec![0; resampler.count_for(sound.len())];
    let (inward, outward) = (from_hz as usize / 50, to_hz as usize / 50);
    for (input, output) in sound.chunks(inward).zip(out.chunks_mut(outward)) {
        assert_eq!(resampler.resample(input, output), output.len());
    }
    out
}

/// Strength of one pitch, and of everything else, in dB below a full `LOUD`.
fn levels_db(sound: &[i16], hz: f64, rate_hz: u32) -> (f64, f64) {
    // Whole periods of every multiple of 10 Hz.
    let part = &sound[sound.len() - rate_hz as usize / 10 * 5..];
    let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
    for (at, sample) in part.iter().enumerate() {
        let angle = TAU * hz * at as f64 / f64::from(rate_hz);
        sine += f64::from(*sample) * angle.sin();
        cosine += f64::from(*sample) * angle.cos();
        power += f64::from(*sample).powi(2);
    }
    let count = part.len() as f64;
    let wanted = (sine.powi(2) + cosine.powi(2)) * 2.0 / count;
    let db = |power: f64| 10.0 * (power.max(1e-9) / (count * LOUD * LOUD / 2.0)).log10();
    (db(wanted), db(power - wanted))
}

#[test]
fn what_both_rates_can_carry_keeps_its_level_and_gets_no_company() {
    for (from_hz, to_hz) in PAIRS {
        let edge = f64::from(from_hz.min(to_hz)) / 2.0 * 0.875;
        for step in 1..=8 {
            let hz = (edge * f64::from(step) / 8.0 / 10.0).floor() * 10.0;
            let (wanted, rest) = levels_db(
                &resampled(&tone(hz, from_hz, from_hz as usize), from_hz, to_hz),
                hz,
                to_hz,
            );
            assert!(
                wanted.abs() < 0.1,
                "{from_hz} to {to_hz}: {hz} Hz came out at {wanted:.2} dB"
            );
            assert!(
                rest < -60.0,
                "{from_hz} to {to_hz}: {hz} Hz with others at {rest:.1} dB"
            );
        }
    }
}

#[test]
fn what_the_lower_rate_cannot_carry_is_not_folded_back() {
    for (from_hz, to_hz) in PAIRS.into_iter().filter(|(from_hz, to_hz)| from_hz > to_hz) {
        let (first, last) = (to_hz / 2, from_hz / 2);
        for step in 0..12 {
            let hz = f64::from(first) + f64::from(last - first) * f64::from(step) / 12.0;
            let out = resampled(&tone(hz, from_hz, from_hz as usize), from_hz, to_hz);
            let (_, all) = levels_db(&out, 0.0, to_hz);
            assert!(
                all < -55.0,
                "{from_hz} to {to_hz}: {hz} Hz was folded back at {all:.1} dB"
            );
        }
    }
}

#[test]
fn a_sweep_through_all_pitches_never_lets_an_image_or_an_alias_through() {
    for (from_hz, to_hz) in PAIRS {
        let rate = f64::from(from_hz);
        let wave = |at: usize| LOUD * (TAU * (rate / 4.0) * (at as f64 / rate).powi(2)).sin();
        let sweep: Vec<i16> = (0..from_hz as usize).map(|at| wave(at).round() as i16).collect();
        let (there, back) = (resampled(&sweep, from_hz, to_hz), f64::from(to_hz));
        // After the moment at which the sweep passes the lower Nyquist frequency by a filter's length, nothing is left.
        if from_hz > to_hz {
            let silent_from = (back * (back / rate) + 0.02 * back) as usize;
            let loudest = there[silent_from..]
                .iter()
                .map(|sample| sample.unsigned_abs())
                .max()
                .unwrap();
            assert!(
                f64::from(loudest) < LOUD / 316.0,
                "{from_hz} to {to_hz}: {loudest}"
            );
        }
    }
}

#[test]
fn the_delay_is_below_five_milliseconds() {
    for (from_hz, to_hz) in PAIRS {
        let mut click = vec![0; from_hz as usize / 10];
        click[0] = 30_000;
        let out = resampled(&click, from_hz, to_hz);
        let latest = (0..out.len()).max_by_key(|at| out[*at]).unwrap();
        let delay_ms = latest as f64 * 1_000.0 / f64::from(to_hz);
        assert!(
            (1.0..5.0).contains(&delay_ms),
            "{from_hz} to {to_hz}: {delay_ms} ms"
        );
    }
}

#[test]
fn frames_of_any_length_join_without_a_seam() {
    for (from_hz, to_hz) in PAIRS {
        let sound = tone(440.0, from_hz, from_hz as usize / 5);
        let whole = resampled(&sound, from_hz, to_hz);
        let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
        let mut pieces = Vec::new();
        for ms in [10, 60, 1, 29, 40, 60] {
            let (start, count) = (
                pieces.len() * from_hz as usize / to_hz as usize,
                from_hz as usize * ms / 1_000,
            );
            let mut piece = vec![0; resampler.count_for(count)];
            resampler.resample(&sound[start..start + count], &mut piece);
            pieces.extend(piece);
        }
        assert!(pieces == whole, "{from_hz} to {to_hz}");
    }
}

#[test]
fn full_scale_is_clipped_and_does_not_wrap() {
    for (from_hz, to_hz) in PAIRS {
        let high = |at: &usize| (at * 200 / from_hz as usize).is_multiple_of(2);
        let square: Vec<i16> = (0..from_hz as usize)
            .map(|at| if high(&at) { i16::MAX } else { i16::MIN })
            .collect();
        // The filter rings ahead of the first edge, around zero.
        let out = &resampled(&square, from_hz, to_hz)[to_hz as usize / 100..];
        let turns = out
            .windows(2)
            .filter(|pair| (pair[0] < 0) != (pair[1] < 0))
            .count();
        assert!(
            (197..=199).contains(&turns),
            "{from_hz} to {to_hz}: {turns} turns"
        );
    }
}

#[test]
fn the_same_rate_is_a_copy_an_unknown_rate_is_unfit_and_what_is_forgotten_is_gone() {
    assert_eq!(resampled(&[1, 2, 3], 8_000, 8_000), [1, 2, 3]);
    assert!(Resampler::new(44_100, 8_000).is_err());
    let mut resampler = Resampler::new(8_000, 16_000).unwrap();
    let mut out = [0; 320];
    resampler.resample(&[20_000; 160], &mut out);
    resampler.forget();
    resampler.resample(&[0; 160], &mut out);
    assert_eq!(out, [0; 320]);
}
