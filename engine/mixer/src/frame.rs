//! The unit of mixing: 20 ms of sound, signed 16-bit, mono, at the rate of the conference.
//!
//! A frame is a slice of as many samples as the rate has in 20 ms: 160 at 8 kHz, 320 at 16, 960 at 48. What holds one is
//! made for the longest.

/// Rate of telephone sound (RFC 3551, section 4.5.14), in Hz: the lowest there is, and the rate of clips.
pub const CLOCK_RATE_HZ: u32 = 8_000;

/// Length of a frame, in ms: what one seat hears and says in one round of its conference.
pub const FRAME_MS: u64 = 20;

/// Samples in a millisecond of telephone sound.
pub const SAMPLES_PER_MS: usize = (CLOCK_RATE_HZ / 1_000) as usize;

/// Samples in a frame at 48 kHz.
pub const LONGEST_FRAME: usize = 960;

/// Room for any frame.
pub type Frame = [i16; LONGEST_FRAME];

/// Room for the sum of many frames: wide enough for 65,536 voices at full scale.
pub type Sum = [i32; LONGEST_FRAME];

/// A frame of silence.
pub const SILENCE: Frame = [0; LONGEST_FRAME];

/// Samples in a frame at this rate.
pub const fn samples_at(rate_hz: u32) -> usize {
    rate_hz as usize * FRAME_MS as usize / 1_000
}

/// Add a frame to a sum.
pub fn add(sum: &mut [i32], frame: &[i16]) {
    for (total, sample) in sum.iter_mut().zip(frame) {
        *total += i32::from(*sample);
    }
}

/// Take a frame away from a sum.
pub fn subtract(sum: &mut [i32], frame: &[i16]) {
    for (total, sample) in sum.iter_mut().zip(frame) {
        *total -= i32::from(*sample);
    }
}

/// The mean of the absolute samples: a cheap measure of loudness.
pub fn mean_absolute(samples: &[i16]) -> u32 {
    let total: u32 = samples
        .iter()
        .map(|sample| u32::from(sample.unsigned_abs()))
        .sum();
    total / (samples.len().max(1) as u32)
}
