//! What plays to people instead of the room, or over it: clips, tones, silence.
//!
//! A source is a place in time, not a reader with a position: what it gives depends on the moment asked for alone. So
//! it plays once however many hear it, and goes on when nobody does. It begins with the first frame that somebody asks
//! for, so that nothing of its beginning is lost, or one frame after it was started.

use std::sync::Arc;

use crate::frame::{Frame, CLOCK_RATE_HZ, FRAME_MS, FRAME_SAMPLES, SAMPLES_PER_MS};
use crate::mixer::StreamId;
use crate::moment::Moment;

/// A tone rises and falls in 4 ms, so that it does not click.
const EDGE_SAMPLES: u64 = 4 * SAMPLES_PER_MS as u64;

/// What a source plays. Samples are at [`CLOCK_RATE_HZ`].
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
            Self::Tone { duration_ms, .. } | Self::Silence { duration_ms } => {
                (*duration_ms > 0).then_some(u64::from(*duration_ms) * SAMPLES_PER_MS as u64)
            }
        }
    }

    /// Write the frame that begins `at` samples from the start; silence beyond the end.
    fn write(&self, at: u64, frame: &mut Frame) {
        frame.fill(0);
        let left = self.length().map_or(u64::MAX, |length| length.saturating_sub(at));
        let count = left.min(FRAME_SAMPLES as u64) as usize;
        match self {
            Self::Clip { samples, .. } => copy_looped(samples, at, &mut frame[..count]),
            Self::Tone { hz, level_db, .. } => {
                let amplitude = 32_767.0 * 10_f64.powf(f64::from(level_db.min(0.0)) / 20.0);
                write_tone(f64::from(*hz), amplitude, at, &mut frame[..count]);
                soften_edges(at, left, &mut frame[..count]);
            }
            Self::Silence { .. } => {}
        }
    }
}

fn copy_looped(samples: &[i16], at: u64, out: &mut [i16]) {
    let mut filled = 0;
    while filled < out.len() && !samples.is_empty() {
        let from = ((at + filled as u64) % samples.len() as u64) as usize;
        let count = (out.len() - filled).min(samples.len() - from);
        out[filled..filled + count].copy_from_slice(&samples[from..from + count]);
        filled += count;
    }
}

/// A sine by rotation: two trigonometric calls for a frame instead of one for each sample.
fn write_tone(hz: f64, amplitude: f64, at: u64, out: &mut [i16]) {
    let step = std::f64::consts::TAU * hz / f64::from(CLOCK_RATE_HZ);
    let turns = hz * (at as f64 / f64::from(CLOCK_RATE_HZ));
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

fn soften_edges(at: u64, left: u64, out: &mut [i16]) {
    if at >= EDGE_SAMPLES && left >= EDGE_SAMPLES + FRAME_SAMPLES as u64 {
        return;
    }
    for (i, sample) in out.iter_mut().enumerate() {
        let edge = (at + i as u64).min(left - i as u64 - 1);
        if edge < EDGE_SAMPLES {
            *sample = (i64::from(*sample) * edge as i64 / EDGE_SAMPLES as i64) as i16;
        }
    }
}

/// Plays a content along the time.
#[derive(Debug)]
pub struct Player {
    content: Content,
    turn: u64,
    posted: Option<Moment>,
    started: Option<Moment>,
    ended: bool,
}

impl Player {
    /// Ready to play; `turn` comes back when it has ended.
    pub fn new(content: Content, turn: u64) -> Self {
        Self {
            content,
            turn,
            posted: None,
            started: None,
            ended: false,
        }
    }

    /// Write the frame that belongs to this moment. The first one asked for is the first one played.
    pub fn write(&mut self, now: Moment, frame: &mut Frame) {
        let started = *self.started.get_or_insert(now);
        let at = now.since_us(started).max(0) as u64 * u64::from(CLOCK_RATE_HZ) / 1_000_000;
        self.content.write(at, frame);
    }

    /// Let time pass, heard or not. Gives the turn once, when the content has been played to its end.
    pub fn pass(&mut self, now: Moment) -> Option<u64> {
        if self.ended {
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
    use crate::frame::SILENCE;

    fn clip(length: usize, loops: u32) -> Player {
        Player::new(
            Content::Clip {
                samples: (1..=length as i16).collect(),
                loops,
            },
            7,
        )
    }

    fn frame_at(player: &mut Player, ms: u64) -> Frame {
        let mut frame = SILENCE;
        player.write(Moment::from_ms(ms), &mut frame);
        frame
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
