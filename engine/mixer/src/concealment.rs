//! Fills the place of sound that was lost, so that a missing packet is not a hole.
//!
//! The last period of the voice is repeated and faded out within 60 ms, and the first sound after the loss is blended
//! in. After ITU-T G.711 appendix I, simplified: one period is repeated instead of up to three, and there is no delay
//! for blending into the loss.

/// Sound that is kept to repeat from, in ms.
const KEPT_MS: usize = 40;

/// Shortest and longest period looked for, in ms: voices of 50 to 200 Hz.
const SHORTEST_LAG_MS: usize = 5;
const LONGEST_LAG_MS: usize = 20;

/// Full loudness for 10 ms, then down to nothing at 60 ms (G.711 appendix I, section I.2.7).
const FADE_BEGINS_MS: usize = 10;
const FADE_ENDS_MS: usize = 60;

/// The sound after a loss is blended in over 4 ms.
const BLEND_MS: usize = 4;

/// Remembers the last good sound of a stream and continues it.
#[derive(Debug, Clone)]
pub struct Concealer {
    kept: Box<[i16]>,
    per_ms: usize,
    lag: usize,
    /// Samples made up since the last good one.
    run: usize,
}

impl Concealer {
    /// For sound at this rate. Allocates; nothing else here does.
    pub fn new(rate_hz: u32) -> Self {
        let per_ms = rate_hz as usize / 1_000;
        Self {
            kept: vec![0; KEPT_MS * per_ms].into_boxed_slice(),
            per_ms,
            lag: SHORTEST_LAG_MS * per_ms,
            run: 0,
        }
    }

    /// Take good sound; its beginning is changed when it follows a loss.
    pub fn good(&mut self, samples: &mut [i16]) {
        if self.run > 0 {
            let blend = BLEND_MS * self.per_ms;
            for (i, sample) in samples.iter_mut().take(blend).enumerate() {
                let share = (i + 1) as f32 / (blend + 1) as f32;
                let made_up = f32::from(self.made_up(self.run + i));
                *sample = (f32::from(*sample) * share + made_up * (1.0 - share)) as i16;
            }
            self.run = 0;
        }
        let kept = self.kept.len();
        let fresh = samples.len().min(kept);
        self.kept.copy_within(fresh.., 0);
        self.kept[kept - fresh..].copy_from_slice(&samples[samples.len() - fresh..]);
    }

    /// Make up sound in place of what is missing.
    pub fn conceal(&mut self, samples: &mut [i16]) {
        if self.run == 0 {
            self.lag = self.period();
        }
        for sample in samples {
            *sample = self.made_up(self.run);
            self.run += 1;
        }
    }

    /// Forget the last sound: what was said to others must not be repeated to whoever hears from now on.
    pub fn forget(&mut self) {
        self.kept.fill(0);
        (self.lag, self.run) = (SHORTEST_LAG_MS * self.per_ms, 0);
    }

    fn made_up(&self, at: usize) -> i16 {
        let (begins, ends) = (FADE_BEGINS_MS * self.per_ms, FADE_ENDS_MS * self.per_ms);
        if at >= ends {
            return 0;
        }
        let sample = self.kept[self.kept.len() - self.lag + at % self.lag];
        let faded = at.saturating_sub(begins) as f32 / (ends - begins) as f32;
        (f32::from(sample) * (1.0 - faded)) as i16
    }

    /// The distance at which the last 20 ms are most like what came before.
    fn period(&self) -> usize {
        let (shortest, longest) = (SHORTEST_LAG_MS * self.per_ms, LONGEST_LAG_MS * self.per_ms);
        let begin = self.kept.len() - longest;
        let recent = &self.kept[begin..];
        let mut best = (f32::MIN, shortest);
        for lag in shortest..=longest {
            let earlier = &self.kept[begin - lag..];
            let (mut likeness, mut power) = (0.0_f32, 1.0_f32);
            for (a, b) in recent.iter().zip(earlier) {
                likeness += f32::from(*a) * f32::from(*b);
                power += f32::from(*b) * f32::from(*b);
            }
            let score = likeness / power.sqrt();
            if score > best.0 {
                best = (score, lag);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(from: usize, count: usize) -> Vec<i16> {
        let wave = |i: usize| (8_000.0 * (std::f32::consts::TAU * 200.0 * i as f32 / 8_000.0).sin()) as i16;
        (from..from + count).map(wave).collect()
    }

    #[test]
    fn a_lost_packet_of_a_steady_tone_is_hardly_missed() {
        let mut concealer = Concealer::new(8_000);
        concealer.good(&mut tone(0, 320));
        let mut made_up = [0; 80];
        concealer.conceal(&mut made_up);
        let off = made_up
            .iter()
            .zip(tone(320, 80))
            .map(|(a, b)| (i32::from(*a) - i32::from(b)).abs())
            .max();
        assert!(off.unwrap() < 400, "{off:?}");
    }

    #[test]
    fn a_long_loss_fades_to_silence_and_sound_comes_back_without_a_click() {
        let mut concealer = Concealer::new(8_000);
        concealer.good(&mut tone(0, 320));
        let mut made_up = [0; 640];
        concealer.conceal(&mut made_up);
        assert!(made_up[480..].iter().all(|sample| *sample == 0));
        let mut back = [8_000; 160];
        concealer.good(&mut back);
        assert!(back[0] < 400 && back[40] == 8_000);
    }

    #[test]
    fn what_is_forgotten_is_not_repeated() {
        let mut concealer = Concealer::new(8_000);
        concealer.good(&mut tone(0, 320));
        concealer.forget();
        let mut made_up = [1; 160];
        concealer.conceal(&mut made_up);
        assert_eq!(made_up, [0; 160]);
    }
}
