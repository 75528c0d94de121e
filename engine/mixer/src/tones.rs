//! Keys of the telephone, heard as tones in the sound: for phones that send them in no other way.
//!
//! Sound at 8 kHz is taken in blocks of 10 ms. In each, eight pitches are measured (Goertzel); a key is there when one of
//! the low and one of the high group stand out, are about as loud, and hold nearly all the power. Their exact pitches are
//! read from how their phases turn from block to block: voices hold a chord now and then, but not on pitch for three blocks.
//!
//! Sources: ITU-T Q.23 (the pitches); Q.24, table A-1 (what must be taken for a key: pitch within 1.5 %, high group at most
//! 4 dB above and 8 dB below the low one, 40 ms; and what must not: pitch beyond 3.5 %, less than 23 ms).

use std::f32::consts::TAU;

/// Samples in a block, and its length in s.
const BLOCK: usize = 80;
const BLOCK_S: f32 = 0.01;

const RATE_HZ: f32 = 8_000.0;
const LOW_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH_HZ: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// Each tone must be so loud: -36 dB of a full-scale sine, as the square of its amplitude.
const FAINTEST: f32 = 32_767.0 * 32_767.0 * 2.5e-4;

/// The high group against the low one, in power: from -8 to +4 dB, and 1 dB for what off-pitch tones seem to lose.
const LEAST_TWIST: f32 = 0.126;
const MOST_TWIST: f32 = 3.16;

/// The two tones hold at least this share of all power; the next pitch of a group at most this share of its loudest.
const LEAST_SHARE: f32 = 0.65;
const MOST_NEXT: f32 = 0.35;

/// Off the pitch by so much at most.
const MOST_OFF: f32 = 0.024;

/// Blocks in a row that make a press, and blocks without that end it.
const PRESS_BLOCKS: u32 = 3;
const PAUSE_BLOCKS: u32 = 2;

/// How long a press has lasted when it is told, in ms.
pub const TOLD_MS: u32 = 40;

/// What one group has in one block.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pitch {
    which: usize,
    /// The square of its amplitude.
    power: f32,
    /// In turns, at the block's first sample.
    phase: f32,
}

/// Listens to one line at 8 kHz.
#[derive(Debug, Clone, Default)]
pub struct ToneListener {
    last: Option<(Pitch, Pitch)>,
    /// Blocks in a row with this key.
    blocks: u32,
    misses: u32,
    told: Option<char>,
}

impl ToneListener {
    /// Hear a frame of 20 ms. Gives a key that was pressed, once for each press.
    pub fn hear(&mut self, frame: &[i16]) -> Option<char> {
        let mut pressed = None;
        for block in frame.chunks_exact(BLOCK) {
            pressed = pressed.or(self.take(block));
        }
        pressed
    }

    fn take(&mut self, block: &[i16]) -> Option<char> {
        let chord = chord(block);
        let goes_on = matches!((self.last, chord), (Some(before), Some(now)) if is_same_key(before, now));
        self.last = chord;
        self.blocks = match (chord, goes_on) {
            (None, _) => 0,
            (Some(_), false) => 1,
            (Some(_), true) => self.blocks + 1,
        };
        self.misses = if goes_on { 0 } else { self.misses + 1 };
        if self.misses > PAUSE_BLOCKS {
            self.told = None;
        }
        let (low, high) = chord.filter(|_| self.blocks >= PRESS_BLOCKS)?;
        let key = KEYS[low.which][high.which];
        (self.told.replace(key) != Some(key)).then_some(key)
    }
}

/// The two tones of a key, if that is what a block holds.
fn chord(block: &[i16]) -> Option<(Pitch, Pitch)> {
    let energy: f32 = block.iter().map(|sample| f32::from(*sample).powi(2)).sum();
    if energy < FAINTEST * BLOCK as f32 {
        return None;
    }
    let (low, high) = (loudest(block, &LOW_HZ)?, loudest(block, &HIGH_HZ)?);
    let twist = high.power / low.power;
    let share = (low.power + high.power) * BLOCK as f32 / (2.0 * energy);
    let fits = (LEAST_TWIST..=MOST_TWIST).contains(&twist) && share >= LEAST_SHARE;
    fits.then_some((low, high))
}

fn loudest(block: &[i16], group: &[f32; 4]) -> Option<Pitch> {
    let pitches: [Pitch; 4] = std::array::from_fn(|which| measure(block, group[which], which));
    let best = pitches
        .into_iter()
        .fold(pitches[0], |a, b| if b.power > a.power { b } else { a });
    let clear = |other: &Pitch| other.which == best.which || other.power <= MOST_NEXT * best.power;
    (best.power >= FAINTEST && pitches.iter().all(clear)).then_some(best)
}

/// Amplitude and phase of one pitch (Goertzel).
fn measure(block: &[i16], hz: f32, which: usize) -> Pitch {
    let step = TAU * hz / RATE_HZ;
    let turn = 2.0 * step.cos();
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    for sample in block {
        (one, two) = (f32::from(*sample) + turn * one - two, one);
    }
    // At the last sample; turned back to the first by the pitch's own advance.
    let (re, im) = (one - two * step.cos(), two * step.sin());
    let phase = im.atan2(re) / TAU - hz * (BLOCK - 1) as f32 / RATE_HZ;
    let scale = 2.0 / BLOCK as f32;
    Pitch {
        which,
        power: (re * re + im * im) * scale * scale,
        phase,
    }
}

fn is_same_key(before: (Pitch, Pitch), now: (Pitch, Pitch)) -> bool {
    let same = |before: Pitch, now: Pitch, group: &[f32; 4]| {
        let hz = group[now.which];
        let turned = now.phase - before.phase - hz * BLOCK_S;
        let off_hz = (turned - turned.round()) / BLOCK_S;
        before.which == now.which && off_hz.abs() <= MOST_OFF * hz
    };
    same(before.0, now.0, &LOW_HZ) && same(before.1, now.1, &HIGH_HZ)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Silence, a key, silence: pitches off by these shares, levels in dB of full scale, and how long, from this sample.
    fn press(
        key: char,
        (off_low, off_high): (f32, f32),
        (low_db, high_db): (f32, f32),
        ms: f32,
        at: usize,
    ) -> Vec<i16> {
        let (row, column) = (0..16)
            .map(|n| (n / 4, n % 4))
            .find(|(r, c)| KEYS[*r][*c] == key)
            .unwrap();
        let (low_hz, high_hz) = (LOW_HZ[row] * (1.0 + off_low), HIGH_HZ[column] * (1.0 + off_high));
        let gain = |db: f32| 32_767.0 * 10_f32.powf(db / 20.0);
        let mut sound = vec![0; 3_200];
        for i in 0..(8.0 * ms) as usize {
            let t = i as f32 / RATE_HZ;
            let wave =
                gain(low_db) * (TAU * low_hz * t).sin() + gain(high_db) * (TAU * high_hz * t + 1.0).sin();
            sound[800 + at + i] = wave as i16;
        }
        sound
    }

    fn heard(sound: &[i16]) -> String {
        let mut listener = ToneListener::default();
        sound
            .chunks_exact(160)
            .filter_map(|frame| listener.hear(frame))
            .collect()
    }

    const LEVELS: (f32, f32) = (-12.0, -12.0);

    #[test]
    fn each_key_of_forty_ms_is_heard_once_wherever_it_begins() {
        for key in KEYS.into_iter().flatten() {
            for at in (0..160).step_by(13) {
                assert_eq!(
                    heard(&press(key, (0.0, 0.0), LEVELS, 40.0, at)),
                    key.to_string(),
                    "{at}"
                );
                assert_eq!(
                    heard(&press(key, (0.0, 0.0), LEVELS, 180.0, at)),
                    key.to_string(),
                    "{at}"
                );
            }
        }
    }

    #[test]
    fn pitches_within_the_tolerance_are_taken_and_beyond_are_not() {
        for key in KEYS.into_iter().flatten() {
            for off in [-0.015, 0.015] {
                for off_high in [-0.015, 0.015] {
                    assert_eq!(
                        heard(&press(key, (off, off_high), LEVELS, 50.0, 37)),
                        key.to_string(),
                        "{off}"
                    );
                }
            }
            for off in [-0.035, 0.035] {
                assert_eq!(
                    heard(&press(key, (off, 0.0), LEVELS, 100.0, 0)),
                    "",
                    "{key} low {off}"
                );
                assert_eq!(
                    heard(&press(key, (0.0, off), LEVELS, 100.0, 0)),
                    "",
                    "{key} high {off}"
                );
            }
        }
    }

    #[test]
    fn levels_and_twist_within_the_tolerance_are_taken_and_beyond_are_not() {
        for levels in [
            (-3.0, -9.0),
            (-25.0, -25.0),
            (-29.0, -33.0),
            (-16.0, -12.0),
            (-12.0, -20.0),
        ] {
            assert_eq!(heard(&press('5', (0.0, 0.0), levels, 60.0, 5)), "5", "{levels:?}");
        }
        for levels in [(-45.0, -45.0), (-30.0, -12.0), (-10.0, -25.0)] {
            assert_eq!(heard(&press('5', (0.0, 0.0), levels, 60.0, 5)), "", "{levels:?}");
        }
    }

    #[test]
    fn what_is_too_short_is_no_press_and_the_same_key_again_is_another() {
        for at in (0..160).step_by(7) {
            assert_eq!(heard(&press('9', (0.0, 0.0), LEVELS, 22.0, at)), "", "{at}");
        }
        let twice = [
            press('7', (0.0, 0.0), LEVELS, 60.0, 0),
            press('7', (0.0, 0.0), LEVELS, 60.0, 0),
        ]
        .concat();
        assert_eq!(heard(&twice), "77");
    }
}
