//! A day of recording, in the time it takes to write the sound there is in it: places are counted, not added up.

mod studio;

use std::fs::File;
use std::os::unix::fs::FileExt;

use studio::Studio;
use wire::Reel;

/// Rounds of 20 ms in an hour, and in a day.
const HOUR: u64 = 50 * 3_600;
const DAY: u64 = 24 * HOUR;

/// Somebody speaks for the first second of each hour.
const SPOKEN: u64 = 50;

const HEADER_BYTES: u64 = 44;

/// Of the file, the sample at this place.
fn sample(file: &File, at: u64) -> i16 {
    let mut bytes = [0; 2];
    file.read_exact_at(&mut bytes, HEADER_BYTES + 2 * at).unwrap();
    i16::from_le_bytes(bytes)
}

#[test]
fn a_day_later_every_sample_lies_where_it_was_heard() {
    let studio = Studio::new();
    studio.record(Reel::Running, &["mix", "call-a"]);
    for hour in 0..24_u64 {
        match hour {
            // Paused with silence, then without, each for an hour.
            5 => drop(studio.record(Reel::Silent, &["mix", "call-a"])),
            12 => drop(studio.record(Reel::Standing, &["mix", "call-a"])),
            6 | 13 => drop(studio.record(Reel::Running, &["mix", "call-a"])),
            _ => {}
        }
        let told = hour as i16 + 1;
        studio
            .hand
            .play(SPOKEN, |name, _| if name == "mix" { told } else { -told });
        studio.hand.play(HOUR - SPOKEN, |_, _| 0);
        let state = &studio.recorder.states()[0];
        let stood = u64::from(hour >= 12);
        assert_eq!(
            (state.samples, state.lost_samples),
            ((hour + 1 - stood) * HOUR * 160, 0)
        );
    }
    let ended = studio.end();
    assert_eq!(
        (ended.samples, ended.lost_samples, ended.fault),
        ((DAY - HOUR) * 160, 0, None)
    );
    for (name, sign) in [("mix", 1), ("call-a", -1)] {
        let file = File::open(studio.folder.join(format!("{name}.wav"))).unwrap();
        assert_eq!(file.metadata().unwrap().len(), HEADER_BYTES + 2 * ended.samples);
        for place in 0..23_u64 {
            let hour = if place < 12 { place } else { place + 1 };
            let said = if hour == 5 { 0 } else { sign * (hour as i16 + 1) };
            let begins = place * HOUR * 160;
            let found = [begins, begins + SPOKEN * 160 - 1].map(|at| sample(&file, at));
            assert_eq!(found, [said; 2], "{name}, hour {hour}");
            assert_eq!(sample(&file, begins + SPOKEN * 160), 0, "{name}, hour {hour}");
            assert!(
                place == 0 || sample(&file, begins - 1) == 0,
                "{name}, hour {hour}"
            );
        }
    }
}
