//! Who is speaking, as heard through fans and canteens at several distances from the noise.
//!
//! Ten utterances of two seconds, three seconds apart. Each must be told within 300 ms and be over within a second of
//! its end; noise alone must not be taken for anybody.

use crate::voices::{canteen, fan, lay, samples, talk};
use mixer::speech::{Change, SpeechDetector};

const SPEECH_DB: f32 = -26.0;
const UTTERANCES: usize = 10;

/// What was told, in ms.
fn told(sound: &[i16], rate_hz: usize) -> Vec<(usize, Change)> {
    let mut detector = SpeechDetector::default();
    let frames = sound.chunks_exact(rate_hz / 50).enumerate();
    frames
        .filter_map(|(at, frame)| detector.hear(frame).map(|change| (20 * (at + 1), change)))
        .collect()
}

/// Five seconds of noise, then ten times two seconds of talk and three of noise.
fn scene(noise: &[f32], noise_db: f32, rate_hz: usize) -> Vec<i16> {
    let mut sound = vec![0.0; noise.len()];
    lay(&mut sound, noise, noise_db);
    for number in 0..UTTERANCES {
        let at = 5 * rate_hz * (number + 1);
        let utterance = talk(number as u64 + 1, rate_hz, 2 * rate_hz);
        lay(&mut sound[at..at + 2 * rate_hz], &utterance, SPEECH_DB);
    }
    samples(&sound)
}

struct Score {
    found: usize,
    latest_start_ms: usize,
    latest_stop_ms: usize,
    false_starts: usize,
}

fn score(told: &[(usize, Change)]) -> Score {
    let starts: Vec<usize> = told
        .iter()
        .filter(|(_, change)| *change == Change::Started)
        .map(|(ms, _)| *ms)
        .collect();
    let stops: Vec<usize> = told
        .iter()
        .filter(|(_, change)| *change == Change::Stopped)
        .map(|(ms, _)| *ms)
        .collect();
    let mut score = Score {
        found: 0,
        latest_start_ms: 0,
        latest_stop_ms: 0,
        false_starts: 0,
    };
    for number in 0..UTTERANCES {
        let (begin, end) = (5_000 * (number + 1), 5_000 * (number + 1) + 2_000);
        if let Some(ms) = starts.iter().find(|ms| (begin..end).contains(*ms)) {
            score.found += 1;
            score.latest_start_ms = score.latest_start_ms.max(ms - begin);
        }
        if let Some(ms) = stops.iter().find(|ms| **ms >= end) {
            score.latest_stop_ms = score.latest_stop_ms.max(ms - end);
        }
    }
    let within = |ms: &&usize| (5_000..).contains(*ms) && (**ms % 5_000) < 2_000;
    score.false_starts = starts.len() - starts.iter().filter(within).count();
    score
}

fn hears_everybody(kind: &str, noise: impl Fn(usize, usize) -> Vec<f32>, snr_db: f32) {
    for rate_hz in [8_000, 48_000] {
        let sound = scene(
            &noise(rate_hz, 5 * (UTTERANCES + 1) * rate_hz),
            SPEECH_DB - snr_db,
            rate_hz,
        );
        let score = score(&told(&sound, rate_hz));
        let what = format!(
            "{kind} at {snr_db} dB, {rate_hz} Hz: {} found, started within {} ms, stopped within {} ms, {} false",
            score.found, score.latest_start_ms, score.latest_stop_ms, score.false_starts
        );
        assert_eq!(score.found, UTTERANCES, "{what}");
        assert!(score.latest_start_ms <= 300, "{what}");
        assert!((400..=1_000).contains(&score.latest_stop_ms), "{what}");
        assert!(score.false_starts <= 1, "{what}");
    }
}

#[test]
fn in_a_quiet_room() {
    hears_everybody("quiet", |_, count| fan(3, count), 40.0);
}

#[test]
fn beside_a_fan() {
    for snr_db in [20.0, 15.0, 10.0, 5.0] {
        hears_everybody("fan", |_, count| fan(3, count), snr_db);
    }
}

#[test]
fn in_a_canteen() {
    for snr_db in [20.0, 15.0, 10.0] {
        hears_everybody("canteen", |rate_hz, count| canteen(5, rate_hz, count), snr_db);
    }
}

#[test]
fn noise_alone_is_hardly_ever_somebody() {
    for rate_hz in [8_000, 48_000] {
        for (level_db, seed) in [(-60.0, 1), (-45.0, 2), (-35.0, 3), (-25.0, 4)] {
            let mut sound = vec![0.0; 30 * rate_hz];
            lay(&mut sound, &fan(seed, 30 * rate_hz), level_db);
            assert_eq!(told(&samples(&sound), rate_hz), [], "a fan at {level_db} dB");
            let mut sound = vec![0.0; 30 * rate_hz];
            lay(&mut sound, &canteen(seed, rate_hz, 30 * rate_hz), level_db);
            let told = told(&samples(&sound), rate_hz);
            // Whoever joins out of a canteen may be taken to speak for the first seconds.
            assert!(told.len() <= 2, "a canteen at {level_db} dB: {told:?}");
            assert!(
                told.iter().all(|(ms, _)| *ms <= 5_000),
                "a canteen at {level_db} dB: {told:?}"
            );
        }
    }
}

#[test]
fn a_fan_that_is_switched_on_is_nobody_and_speech_over_it_is_heard() {
    let rate_hz = 8_000;
    let mut sound = vec![0.0; 20 * rate_hz];
    lay(&mut sound, &fan(1, 20 * rate_hz), -70.0);
    lay(&mut sound[5 * rate_hz..], &fan(2, 15 * rate_hz), -36.0);
    lay(
        &mut sound[10 * rate_hz..12 * rate_hz],
        &talk(9, rate_hz, 2 * rate_hz),
        -22.0,
    );
    let told = told(&samples(&sound), rate_hz);
    assert!(
        matches!(
            told[..],
            [
                (10_000..=10_300, Change::Started),
                (12_400..=13_000, Change::Stopped)
            ]
        ),
        "{told:?}"
    );
}
