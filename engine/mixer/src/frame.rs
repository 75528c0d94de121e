//! The unit of mixing: 20 ms of sound, signed 16-bit, mono, at the rate of the conference.
//!
//! Conferences run at 8 kHz, the rate of G.711; what is wider is resampled before it comes here.

/// Rate of the mix, and of the RTP clock of G.711 (RFC 3551, section 4.5.14), in Hz.
pub const CLOCK_RATE_HZ: u32 = 8_000;

/// Length of a frame, in ms: what one seat hears and says in one round of its conference.
pub const FRAME_MS: u64 = 20;

/// Samples in a frame.
pub const FRAME_SAMPLES: usize = 160;

/// Samples in a millisecond.
pub const SAMPLES_PER_MS: usize = (CLOCK_RATE_HZ / 1_000) as usize;

/// One frame.
pub type Frame = [i16; FRAME_SAMPLES];

/// One frame that sums many: wide enough for 65,536 voices at full scale.
pub type Sum = [i32; FRAME_SAMPLES];

/// A frame of silence.
pub const SILENCE: Frame = [0; FRAME_SAMPLES];

/// Add a frame to a sum.
pub fn add(sum: &mut Sum, frame: &Frame) {
    for (total, sample) in sum.iter_mut().zip(frame) {
        *total += i32::from(*sample);
    }
}

/// Take a frame away from a sum.
pub fn subtract(sum: &mut Sum, frame: &Frame) {
    for (total, sample) in sum.iter_mut().zip(frame) {
        *total -= i32::from(*sample);
    }
}

/// What an idle line sounds like at most: A-law has no zero, its silence decodes to 8 (ITU-T G.711, table 2).
const IDLE: u16 = 8;

/// Whether a frame is no more than an idle line: adding it would add nothing but an offset.
pub fn is_silent(samples: &[i16]) -> bool {
    samples.iter().all(|sample| sample.unsigned_abs() <= IDLE)
}

/// The mean of the absolute samples: a cheap measure of loudness.
pub fn mean_absolute(samples: &[i16]) -> u32 {
    let total: u32 = samples
        .iter()
        .map(|sample| u32::from(sample.unsigned_abs()))
        .sum();
    total / (samples.len().max(1) as u32)
}
