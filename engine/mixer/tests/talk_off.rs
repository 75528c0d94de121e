//! People who talk press no keys.

use crate::voices::{canteen, fan, lay, samples, talk};
use mixer::tones::ToneListener;

fn heard(sound: &[i16]) -> String {
    let mut listener = ToneListener::default();
    sound
        .chunks_exact(160)
        .filter_map(|frame| listener.hear(frame))
        .collect()
}

#[test]
fn ten_minutes_of_talk_and_noise_hold_no_key() {
    for seed in 0..20 {
        let count = 30 * 8_000;
        let mut sound = vec![0.0; count];
        lay(&mut sound, &talk(seed + 1, 8_000, count), -18.0);
        assert_eq!(heard(&samples(&sound)), "", "talk {seed}");
    }
    let count = 30 * 8_000;
    let mut sound = vec![0.0; count];
    lay(&mut sound, &canteen(3, 8_000, count), -18.0);
    assert_eq!(heard(&samples(&sound)), "");
    let mut sound = vec![0.0; count];
    lay(&mut sound, &fan(3, count), -18.0);
    assert_eq!(heard(&samples(&sound)), "");
}
