//! What plays to people instead of the room, or over it: clips, tones, silence.
//!
//! A source is a place in time, not a reader with a position: what it gives depends on the moment asked for alone. So
//! it plays once however many hear it, and goes on when nobody does. It begins with the first frame that somebody asks
//! for, so that nothing of its beginning is lost, or one frame after it was started.

use std::sync::Arc;

use codecs::Resampler;

use crate::frame::{Frame, CLOCK_RATE_HZ, FRAME_MS, LONGEST_FRAME, SAMPLES_PER_MS};
use crate::live::{Live, Tap};
use crate::mixer::StreamId;
use crate::moment::Moment;

/// A tone rises and falls in 4 ms, so that it does not click.
const EDGE_MS: u64 = 4;

/// What the filter of a resampler spans at 8 kHz, in ms; half of it is its delay.
const SPAN_MS: usize = 8;

/// Raises clips to the rate of a mix.
///
/// A clip is at hand as a whole: so it is filtered with what lies before and behind, whatever was asked for last, and
/// without delay.
#[derive(Debug)]
pub struct Reader {
    resampler: Resampler,
    clip: [i16; (FRAME_MS as usize + SPAN_MS) * SAMPLES_PER_MS],
    raised: [i16; LONGEST_FRAME * 2],
}

impl Default for Reader {
    /// Allocates; nothing else here does.
    fn default() -> Self {
        Self {
            resampler: Resampler::new(CLOCK_RATE_HZ, CLOCK_RATE_HZ).expect("a rate of the mix"),
            clip: [0; (FRAME_MS as usize + SPAN_MS) * SAMPLES_PER_MS],
            raised: [0; LONGEST_FRAME * 2],
        }
    }
}

impl Reader {
    /// Write what `read` gives at 8 kHz from `at` on at the rate of the frame. `read` is asked for samples by their place,
    /// and for places before the beginning too.
    fn raise(&mut self, at: u64, mix_hz: u32, frame: &mut [i16], read: impl FnOnce(i64, &mut [i16])) {
        let known = self.resampler.retune(CLOCK_RATE_HZ, mix_hz);
        debug_assert!(known.is_ok());
        let before = SPAN_MS / 2 * SAMPLES_PER_MS;
        read(at as i64 - before as i64, &mut self.clip);
        let count = self.resampler.resample(&self.clip, &mut self.raised);
        frame.copy_from_slice(&self.raised[count - frame.len()..count]);
    }
}

/// When, at which rate, and by what help a source is read.
pub type At<'a> = (Moment, u32, &'a mut Reader);

/// What a source plays. Samples are at [`CLOCK_RATE_HZ`], in which lengths and places are counted too.
#[derive(Debug, Clone)]
pub enum Content {
    /// Samples, shared between all that play them.
    Clip {
        /// The sound.
        samples: Arc<[i16]>,
        /// How often it plays; 0 = for ever.
        loops: u32,
    },
    /// A sine.
    Tone {
        /// Its pitch.
        hz: f32,
        /// 0 = a full-scale sine; more is taken as 0.
        level_db: f32,
        /// 0 = for ever.
        duration_ms: u32,
    },
    /// What comes while it plays, for ever.
    Live(Arc<Live>),
    /// Nothing, for a while.
    Silence {
        /// 0 = for ever.
        duration_ms: u32,
    },
}

impl Content {
    /// How long it plays, in samples; None = for ever.
    pub fn length(&self) -> Option<u64> {
        match self {
            // A clip of nothing can be repeated for ever in no time.
            Self::Clip { samples, loops: 0 } if !samples.is_empty() => None,
            Self::Clip { samples, loops } => Some(samples.len() as u64 * u64::from(*loops)),
            Self::Live(_) => None,
            Self::Tone { duration_ms, .. } | Self::Silence { duration_ms } => {
                (*duration_ms > 0).then_some(u64::from(*duration_ms) * SAMPLES_PER_MS as u64)
            }
        }
    }

    /// Write the frame that begins `at` samples from the start; silence beyond the end.
    fn write(&self, at: u64, (mix_hz, reader): (u32, &mut Reader), frame: &mut [i16]) {
        let ratio = u64::from(mix_hz / CLOCK_RATE_HZ);
        let left = self
            .length()
            .map_or(u64::MAX, |length| length.saturating_sub(at).saturating_mul(ratio));
        let count = left.min(frame.len() as u64) as usize;
        let (frame, beyond) = frame.split_at_mut(count);
        beyond.fill(0);
        match self {
            Self::Clip { samples, .. } if ratio == 1 => copy_looped(samples, at as i64, frame),
            Self::Clip { samples, loops } => {
                let (length, loops) = (samples.len() as u64, u64::from(*loops));
                let mut whole: Frame = [0; LONGEST_FRAME];
                let whole = &mut whole[..count + beyond.len()];
                reader.raise(at, mix_hz, whole, |from, out| {
                    copy_looped(samples, from, out);
                    let ends = if loops == 0 {
                        i64::MAX
                    } else {
                        (length * loops) as i64
                    };
                    silence_outside(from, ends, out);
                });
                frame.copy_from_slice(&whole[..count]);
            }
            Self::Tone { hz, level_db, .. } => {
                let amplitude = 32_767.0 * 10_f64.powf(f64::from(level_db.min(0.0)) / 20.0);
                let at = at * ratio;
                write_tone((f64::from(*hz), mix_hz), amplitude, at, frame);
                soften_edges(at, left, EDGE_MS * u64::from(mix_hz / 1_000), frame);
            }
            Self::Live(_) | Self::Silence { .. } => frame.fill(0),
        }
    }
}

/// Read a clip that repeats for ever, both ways.
fn copy_looped(samples: &[i16], at: i64, out: &mut [i16]) {
    let mut filled = 0;
    while filled < out.len() && !samples.is_empty() {
        let from = (at + filled as i64).rem_euclid(samples.len() as i64) as usize;
        let count = (out.len() - filled).min(samples.len() - from);
        out[filled..filled + count].copy_from_slice(&samples[from..from + count]);
        filled += count;
    }
    out[filled..].fill(0);
}

/// Silence what lies before the beginning or behind the end.
fn silence_outside(from: i64, ends: i64, out: &mut [i16]) {
    for (i, sample) in out.iter_mut().enumerate() {
        if !(0..ends).contains(&(from + i as i64)) {
            *sample = 0;
        }
    }
}

/// A sine by rotation: two trigonometric calls for a frame instead of one for each sample.
fn write_tone((hz, rate_hz): (f64, u32), amplitude: f64, at: u64, out: &mut [i16]) {
    let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
    let turns = hz * (at as f64 / f64::from(rate_hz));
    let (mut sine, mut cosine) = (std::f64::consts::TAU * turns.fract()).sin_cos();
    let (step_sine, step_cosine) = step.sin_cos();
    for sample in out {
        *sample = (amplitude * sine) as i16;
        (sine, cosine) = (
            sine * step_cosine + cosine * step_sine,
            cosine * step_cosine - sine * step_sine,
        );
    }
}

fn soften_edges(at: u64, left: u64, length: u64, out: &mut [i16]) {
    if at >= length && left >= length + out.len() as u64 {
        return;
    }
    for (i, sample) in out.iter_mut().enumerate() {
        let edge = (at + i as u64).min(left - i as u64 - 1);
        if edge < length {
            *sample = (i64::from(*sample) * edge as i64 / length as i64) as i16;
        }
    }
}

/// Plays a content along the time.
#[derive(Debug)]
pub struct Player {
    content: Content,
    tap: Option<Box<Tap>>,
    turn: u64,
    posted: Option<Moment>,
    started: Option<Moment>,
    ended: bool,
}

impl Player {
    /// Ready to play; `turn` comes back when it has ended.
    pub fn new(content: Content, turn: u64) -> Self {
        let tap = match &content {
            Content::Live(live) => Some(Box::new(Tap::new(Arc::clone(live)))),
            _ => None,
        };
        Self {
            content,
            tap,
            turn,
            posted: None,
            started: None,
            ended: false,
        }
    }

    /// Write the frame that belongs to this moment. The first one asked for is the first one played.
    pub fn write(&mut self, (now, mix_hz, reader): At<'_>, frame: &mut [i16]) {
        if let Some(tap) = &mut self.tap {
            return tap.write(now, mix_hz, frame);
        }
        let started = *self.started.get_or_insert(now);
        let at = now.since_us(started).max(0) as u64 * u64::from(CLOCK_RATE_HZ) / 1_000_000;
        self.content.write(at, (mix_hz, reader), frame);
    }

    /// Let time pass, heard or not. Gives the turn once, when the content has been played to its end.
    pub fn pass(&mut self, now: Moment) -> Option<u64> {
        if self.ended {
            return None;
        }
        if let Some(tap) = &mut self.tap {
            tap.pass(now);
            return None;
        }
        let posted = *self.posted.get_or_insert(now);
        if self.started.is_none() && now.since_ms(posted) >= FRAME_MS {
            self.started = Some(now);
        }
        let length_us = self.content.length()? * 1_000_000 / u64::from(CLOCK_RATE_HZ);
        self.ended = now.since_us(self.started?) >= length_us as i64;
        self.ended.then_some(self.turn)
    }

    /// Whether somebody else can listen along without changing what plays: its first frame has been played, or, where
    /// what is heard is used up, this moment's.
    pub fn plays_at(&self, now: Moment) -> bool {
        match &self.tap {
            Some(tap) => tap.is_heard_at(now),
            None => self.started.is_some(),
        }
    }

    /// Whether the content has been played to its end, and that was told.
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}

/// A sound that plays once over what some seats of a conference hear.
#[derive(Debug)]
pub struct Once {
    /// What plays.
    pub player: Player,
    /// Who hears it.
    pub streams: Vec<StreamId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: [i16; 160] = [0; 160];

    fn clip(length: usize, loops: u32) -> Player {
        Player::new(
            Content::Clip {
                samples: (1..=length as i16).collect(),
                loops,
            },
            7,
        )
    }

    fn frame_at(player: &mut Player, ms: u64) -> [i16; 160] {
        let mut frame = SILENCE;
        player.write((Moment::from_ms(ms), 8_000, &mut Reader::default()), &mut frame);
        frame
    }

    #[test]
    fn who_listens_along_to_live_sound_takes_nothing_of_it() {
        let live = crate::live::Live::new();
        live.write(&[7; 640]);
        let mut player = Player::new(Content::Live(Arc::clone(&live)), 1);
        let now = Moment::from_ms(20);
        assert!(!player.plays_at(now), "nobody hears it yet");
        let heard = frame_at(&mut player, 20);
        assert!(player.plays_at(now));
        assert_eq!(frame_at(&mut player, 20), heard);
        assert_eq!(live.played(), 320, "once for all of this moment");
        assert!(!player.plays_at(Moment::from_ms(40)));
    }

    #[test]
    fn a_clip_in_a_wider_mix_is_in_its_place_and_has_no_seams() {
        let wave = |i: usize| (9_000.0 * (std::f64::consts::TAU * 500.0 * i as f64 / 8_000.0).sin()) as i16;
        let samples: Vec<i16> = (0..800).map(wave).collect();
        let content = Content::Clip {
            samples: samples.into(),
            loops: 0,
        };
        for mix_hz in [16_000, 48_000] {
            let mut player = Player::new(content.clone(), 0);
            let mut reader = Reader::default();
            let length = crate::frame::samples_at(mix_hz);
            for at in 0..30 {
                let mut frame = vec![0; length];
                player.write((Moment::from_ms(20 * at), mix_hz, &mut reader), &mut frame);
                let expected = |i: usize| {
                    // A filter of an even length lies between two samples.
                    let t = (i as f64 + 0.5) / f64::from(mix_hz) + 0.02 * at as f64;
                    9_000.0 * (std::f64::consts::TAU * 500.0 * t).sin()
                };
                let first = if at == 0 { length / 4 } else { 0 };
                let off = (first..length).map(|i| (f64::from(frame[i]) - expected(i)).abs());
                let worst = off.fold(0.0, f64::max);
                assert!(worst < 400.0, "{mix_hz} Hz, frame {at}: {worst}");
            }
        }
    }

    #[test]
    fn a_clip_begins_with_its_first_sample_for_whoever_asks_first() {
        let mut player = clip(1_000, 1);
        player.pass(Moment::from_ms(1_000));
        assert_eq!(frame_at(&mut player, 1_015)[..3], [1, 2, 3]);
        assert_eq!(
            frame_at(&mut player, 1_015)[..3],
            [1, 2, 3],
            "and a second listener hears the same"
        );
        assert_eq!(frame_at(&mut player, 1_035)[0], 161);
    }

    #[test]
    fn a_clip_that_nobody_hears_goes_on_and_ends() {
        let mut player = clip(400, 1);
        let ends: Vec<u64> = (0..40)
            .map(|i| i * 5)
            .filter(|ms| player.pass(Moment::from_ms(*ms)).is_some())
            .collect();
        assert_eq!(ends, [70], "50 ms after its latest beginning");
        assert_eq!(frame_at(&mut player, 60)[..2], [321, 322]);
    }

    #[test]
    fn loops_follow_one_another_without_a_gap_and_end_once() {
        let mut player = clip(100, 2);
        assert_eq!(frame_at(&mut player, 0)[98..102], [99, 100, 1, 2]);
        assert_eq!(frame_at(&mut player, 20)[39..42], [100, 0, 0]);
        assert_eq!(player.pass(Moment::from_ms(24)), None);
        assert_eq!(player.pass(Moment::from_ms(25)), Some(7));
        assert_eq!(player.pass(Moment::from_ms(26)), None);
    }

    #[test]
    fn an_endless_clip_never_ends_and_an_empty_one_ends_at_once() {
        assert!((0..1_000).all(|i| clip(10, 0).pass(Moment::from_ms(i * 20)).is_none()));
        let mut empty = clip(0, 0);
        frame_at(&mut empty, 0);
        assert_eq!(empty.pass(Moment::from_ms(0)), Some(7));
    }

    #[test]
    fn a_tone_has_its_level_and_soft_edges() {
        let mut player = Player::new(
            Content::Tone {
                hz: 1_000.0,
                level_db: -6.0,
                duration_ms: 100,
            },
            0,
        );
        assert_eq!(frame_at(&mut player, 0)[0], 0);
        let peak = frame_at(&mut player, 40).iter().copied().max().unwrap();
        assert!((16_300..16_500).contains(&peak), "{peak}");
        assert!(frame_at(&mut player, 80)[159].abs() < 400);
        assert_eq!(frame_at(&mut player, 100), SILENCE);
    }
}
