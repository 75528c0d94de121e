//! Comfort noise: what is heard where a sender has said that there is nothing but noise, and what silence may be filled with.
//!
//! A packet of RFC 3389 says how loud the noise of a line is; it is made up here, evenly over all pitches. What the packet may
//! say of its spectrum is not followed: noise at such levels is to be there, not to be recognised.
//!
//! Source: RFC 3389, section 3 (levels in -dBov; 0 dBov is a square wave of full scale) and 4 (usage).

/// The level that we name when we send comfort noise, in -dBov: the hiss of a quiet telephone line.
pub const OUR_LEVEL: u8 = 68;

/// A sample evenly spread between two bounds has a mean power of a third of theirs.
const SPREAD: f32 = 1.732;

/// Makes noise.
#[derive(Debug, Clone, Copy)]
pub struct Noise {
    /// The greatest sample.
    peak: f32,
    dice: u32,
}

impl Noise {
    /// Noise of so many -dBov, 0 to 127.
    pub fn of_level(level: u8) -> Self {
        let peak = 32_768.0 * 10_f32.powf(f32::from(level.min(127)) / -20.0) * SPREAD;
        Self {
            peak: peak.min(f32::from(i16::MAX)),
            dice: 0x9E37_79B9,
        }
    }

    /// The same noise going on, so many -dBov loud from here on: begun anew with each packet it would sound like a rattle.
    #[must_use]
    pub fn at_level(self, level: u8) -> Self {
        let dice = self.dice;
        Self {
            dice,
            ..Self::of_level(level)
        }
    }

    /// Read the level from the payload of a packet; None if there is none in it. Its first bit is to be zero.
    pub fn level_in(payload: &[u8]) -> Option<u8> {
        payload.first().map(|byte| byte & 0x7F)
    }

    /// Fill these samples.
    pub fn write(&mut self, samples: &mut [i16]) {
        for sample in samples {
            // Xorshift: noise need not surprise anybody.
            self.dice ^= self.dice << 13;
            self.dice ^= self.dice >> 17;
            self.dice ^= self.dice << 5;
            *sample = (self.dice as i32 as f32 / 2_147_483_648.0 * self.peak) as i16;
        }
    }
}

/// Noise in place of digital silence, for those who would take silence for a dead line; if it is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Floor {
    noise: Option<Noise>,
}

impl Floor {
    /// A floor of so many -dBov; 0: none.
    pub fn of_level(level: u8) -> Self {
        let noise = (level > 0).then(|| Noise::of_level(level));
        Self { noise }
    }

    /// Say whether a frame is silent, and lay the floor where it is.
    pub(crate) fn settle(&mut self, frame: &mut [i16]) -> bool {
        let silent = frame.iter().all(|sample| *sample == 0);
        if let (true, Some(noise)) = (silent, &mut self.noise) {
            noise.write(frame);
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_db(samples: &[i16]) -> f32 {
        let power: f32 = samples.iter().map(|sample| f32::from(*sample).powi(2)).sum();
        20.0 * ((power / samples.len() as f32).sqrt() / 32_768.0).log10()
    }

    #[test]
    fn noise_is_as_loud_as_the_packet_says() {
        for level in [20, 40, 60, 70] {
            let mut samples = [0; 8_000];
            Noise::of_level(Noise::level_in(&[level | 0x80, 5]).unwrap()).write(&mut samples);
            let found = level_db(&samples);
            assert!((found + f32::from(level)).abs() < 1.0, "{level}: {found}");
        }
        assert_eq!(Noise::level_in(&[]), None);
    }

    #[test]
    fn the_loudest_noise_there_is_fits() {
        let mut samples = [0; 8_000];
        Noise::of_level(0).write(&mut samples);
        assert!(samples.iter().any(|sample| sample.unsigned_abs() > 32_000));
    }

    #[test]
    fn a_floor_is_laid_under_silence_and_nothing_else() {
        let mut frame = [0; 160];
        assert!(Floor::default().settle(&mut frame));
        assert_eq!(frame, [0; 160]);
        let mut floor = Floor::of_level(60);
        assert!(floor.settle(&mut frame));
        assert!((level_db(&frame) + 60.0).abs() < 2.0);
        let (mut faint, before) = ([1; 160], [1; 160]);
        assert!(!floor.settle(&mut faint));
        assert_eq!(faint, before);
    }
}
