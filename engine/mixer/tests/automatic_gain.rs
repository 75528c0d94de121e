//! Automatic gain, by ear: faint and loud people are brought together, slowly; noise is left where it is; nothing clips.

use crate::voices::{fan, lay, samples, talk};
use crate::world::{Voice, World, ROOM};
use mixer::gain::Gain;
use mixer::speech::SpeechDetector;

const RATE_HZ: usize = 16_000;

/// What comes out, frame by frame, and the gain after each.
fn levelled(sound: &[i16]) -> (Vec<i16>, Vec<f32>) {
    let (mut detector, mut gain) = (SpeechDetector::default(), Gain::default());
    let (mut out, mut gains) = (Vec::new(), Vec::new());
    for frame in sound.chunks_exact(RATE_HZ / 50) {
        let mut frame = frame.to_vec();
        detector.hear(&frame);
        gain.apply(&mut frame, detector.is_speaking());
        out.extend(frame);
        gains.push(gain.db());
    }
    (out, gains)
}

fn power_db(samples: &[i16]) -> f32 {
    let power: f32 = samples.iter().map(|sample| f32::from(*sample).powi(2)).sum();
    10.0 * (power / samples.len() as f32 / 32_768.0_f32.powi(2))
        .max(1e-12)
        .log10()
}

fn voice(seed: u64, level_db: f32, seconds: usize) -> Vec<f32> {
    let mut sound = vec![0.0; seconds * RATE_HZ];
    lay(&mut sound, &talk(seed, RATE_HZ, seconds * RATE_HZ), level_db);
    sound
}

#[test]
fn the_faint_and_the_loud_are_brought_together_and_the_ordinary_left_alone() {
    for seed in 1..5 {
        for (level_db, least, most) in [
            (-42.0, 8.0, 12.0),
            (-36.0, 3.0, 9.0),
            (-26.0, -3.0, 3.0),
            (-14.0, -9.0, -4.0),
        ] {
            let (out, gains) = levelled(&samples(&voice(seed, level_db, 20)));
            let gain_db = *gains.last().unwrap();
            assert!(
                (least..=most).contains(&gain_db),
                "{seed}, {level_db} dB: {gain_db}"
            );
            let risen = power_db(&out[15 * RATE_HZ..]) - level_db;
            assert!(
                (risen - gain_db).abs() < 2.5,
                "{seed}, {level_db} dB: {risen}, {gain_db}"
            );
        }
    }
}

#[test]
fn it_is_slow() {
    let (_, gains) = levelled(&samples(&voice(3, -44.0, 20)));
    for second in gains.windows(50) {
        assert!(
            (second[49] - second[0]).abs() <= 3.1,
            "{} dB in a second",
            second[49] - second[0]
        );
    }
}

#[test]
fn noise_moves_nothing_and_is_not_raised_between_words() {
    for noise_db in [-60.0, -50.0, -40.0] {
        let hiss = fan(7, 40 * RATE_HZ);
        let mut sound = vec![0.0; 40 * RATE_HZ];
        lay(&mut sound, &hiss, noise_db);
        let (_, gains) = levelled(&samples(&sound));
        assert!(
            gains.iter().all(|gain| gain.abs() < f32::EPSILON),
            "noise alone, {noise_db} dB"
        );

        for (at, sample) in voice(2, -36.0, 10).into_iter().enumerate() {
            sound[20 * RATE_HZ + at] += sample;
        }
        let (out, gains) = levelled(&samples(&sound));
        let after = power_db(&out[35 * RATE_HZ..]);
        assert!(
            after <= (noise_db + 0.5).max(-48.0),
            "{noise_db} dB of noise became {after}"
        );
        let still = &gains[32 * 50..];
        assert!(
            still
                .windows(2)
                .all(|pair| (pair[0] - pair[1]).abs() < f32::EPSILON),
            "nothing moves in the noise after"
        );
    }
}

#[test]
fn a_shout_of_somebody_faint_fits() {
    let mut sound = voice(1, -44.0, 20);
    sound.extend(voice(1, -9.0, 3));
    let sound = samples(&sound);
    let (out, gains) = levelled(&sound);
    assert!(gains[20 * 50 - 1] > 6.0);
    let clipped = |samples: &[i16]| {
        samples
            .windows(3)
            .filter(|three| three.iter().all(|one| one.unsigned_abs() >= 32_760))
            .count()
    };
    assert!(
        clipped(&out) <= clipped(&sound),
        "no flat tops that were not there"
    );
}

#[test]
fn a_conference_has_it_when_it_is_wanted() {
    for (wanted, least, most) in [(false, 290.0, 310.0), (true, 600.0, 1_250.0)] {
        let mut world = World::default();
        world.mixer.set_automatic_gain(wanted);
        world.phone(Voice::Faint(500.0, 300));
        world.phone(Voice::Silence);
        let seats = world.all_in_room();
        world.apply(ROOM, &seats);
        world.run_ms(15_000);
        let level = world.phones[1].level(400, 500.0);
        assert!((least..most).contains(&level), "{wanted}: {level}");
        assert!(
            world
                .post
                .facts
                .iter()
                .all(|fact| !matches!(fact, mixer::Fact::SpeechStarted(_))),
            "nobody asked who speaks"
        );
    }
}
