//! What a jitter buffer has to tell about the last seconds: how long packets waited, how deep it was, how loud its sound.

/// Seconds of which the depth is kept: as many as lie between two tellings.
pub const SECONDS: usize = 5;

const FRAMES_A_SECOND: u32 = 50;

/// The last seconds of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Recent {
    /// From a packet's arrival to its mix, on average; None: nothing was played.
    pub mix_delay_ms: Option<f32>,
    /// The greatest depth in each of the last seconds, the latest last.
    pub depths_ms: [u16; SECONDS],
    /// Mean loudness of what was heard, in dB of full scale; None: nothing was.
    pub level_db: Option<f32>,
}

/// Gathers it.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    waits_us: u64,
    packets: u32,
    depths_ms: [u16; SECONDS],
    deepest_ms: u16,
    frames: u32,
    loudness: f32,
    heard: u32,
}

impl History {
    pub fn waited(&mut self, us: u64) {
        self.waits_us += us;
        self.packets += 1;
    }

    /// Call once for each frame.
    pub fn depth(&mut self, ms: usize) {
        self.deepest_ms = self.deepest_ms.max(ms.min(usize::from(u16::MAX)) as u16);
        self.frames += 1;
        if self.frames >= FRAMES_A_SECOND {
            self.depths_ms.copy_within(1.., 0);
            self.depths_ms[SECONDS - 1] = self.deepest_ms;
            (self.deepest_ms, self.frames) = (0, 0);
        }
    }

    /// The mean absolute sample of a frame that was heard.
    pub fn heard(&mut self, loudness: f32) {
        self.loudness += loudness;
        self.heard += 1;
    }

    pub fn recent(&self) -> Recent {
        let mean = self.loudness / self.heard.max(1) as f32;
        Recent {
            mix_delay_ms: (self.packets > 0).then(|| self.waits_us as f32 / (1_000.0 * self.packets as f32)),
            depths_ms: self.depths_ms,
            level_db: (self.heard > 0).then(|| 20.0 * (mean.max(1.0) / 32_768.0).log10()),
        }
    }

    /// Begin another stretch of waits and loudness; the depths go on.
    pub fn begin(&mut self) {
        (self.waits_us, self.packets) = (0, 0);
        (self.loudness, self.heard) = (0.0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_and_loudness_are_means_and_depths_the_greatest_of_each_second() {
        let mut history = History::default();
        assert_eq!(history.recent(), Recent::default());
        for frame in 0..100 {
            history.waited(if frame % 2 == 0 { 10_000 } else { 20_000 });
            history.depth(if frame == 60 { 80 } else { 40 });
            history.heard(3_276.8);
        }
        let recent = history.recent();
        assert_eq!(recent.mix_delay_ms, Some(15.0));
        assert_eq!(recent.depths_ms, [0, 0, 0, 40, 80]);
        assert!((recent.level_db.unwrap() + 20.0).abs() < 0.01);
        history.begin();
        assert_eq!(history.recent().mix_delay_ms, None);
        assert_eq!(history.recent().depths_ms, [0, 0, 0, 40, 80]);
    }
}
