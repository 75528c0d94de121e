//! G.722 at 64 kbit/s: two bands of 8 kHz, each coded as the difference from a prediction (ADPCM).
//!
//! One byte holds two samples at 16 kHz: 6 bits of the lower band and 2 of the upper. Both sides adapt to what was coded,
//! so a decoder must have followed its encoder; their memories of anything else fade within milliseconds.
//!
//! What it does not do: 56 and 48 kbit/s, which take bits of each byte for other uses and which RTP has no way to ask for.
//!
//! Source: ITU-T G.722 (09/2012): figures 4 to 12 for the blocks named below, section 6 for their arithmetic, tables 11
//! to 21 for the constants.

use band::Band;

mod band;

/// Inverse quantiser of the lower band, 6 bits (QQ6).
const QM6: [i16; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
    -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856,
    7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
    -432, -136,
];

/// Inverse quantiser of the lower band without its two lowest bits (QQ4): what the prediction follows.
const QM4: [i16; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
];

/// Inverse quantiser of the upper band (QQ2).
const QM2: [i16; 4] = [-7408, -1616, 7408, 1616];

/// Steps of the logarithmic scale factor of the lower band, by the four upper bits of its code (WL by RL42).
const SCALE_LOW: [i16; 16] = [
    -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
];

/// The same of the upper band (WH by RH2).
const SCALE_HIGH: [i16; 4] = [798, -214, 798, -214];

/// Decision levels of the lower band (Q6), from the second on.
const Q6: [i16; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
    1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];

/// How many of these are no higher than a number.
const LEVELS: [u8; 2_920] = {
    let (mut levels, mut level, mut at) = ([0; 2_920], 0, 0);
    while at < levels.len() {
        while level < Q6.len() && Q6[level] as usize <= at {
            level += 1;
        }
        levels[at] = level as u8;
        at += 1;
    }
    levels
};

/// Decision level of the upper band (Q2).
const Q2: i32 = 564;

/// Upper limits of the logarithmic scale factors, and how far they are shifted to linear ones.
const LOW: (i32, i32) = (18_432, 8);
const HIGH: (i32, i32) = (22_528, 10);

/// Half of the impulse response of the filter that parts and joins the bands; the other half is its mirror image.
const QMF: [i16; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// The other half.
const QMF_BACKWARDS: [i16; 12] = [-11, 53, -156, 362, -805, 3876, 951, -210, 32, 12, -11, 3];

/// The filter's length, in pairs of samples.
const PAIRS: usize = QMF.len();

/// Pairs worked on at once: 20 ms.
const PIECE: usize = 160;

/// What is worked on, behind what the filter remembers of before.
type Window = [i16; PAIRS - 1 + PIECE];

/// What the filter remembers: the first and second ones of the last pairs.
#[derive(Debug, Clone, Copy, Default)]
struct Delay {
    first: [i16; PAIRS - 1],
    second: [i16; PAIRS - 1],
}

impl Delay {
    /// Put what is remembered before so many new pairs, and remember their last ones.
    fn join(&mut self, first: &mut Window, second: &mut Window, count: usize) {
        for (memory, window) in [(&mut self.first, first), (&mut self.second, second)] {
            window[..PAIRS - 1].copy_from_slice(memory);
            memory.copy_from_slice(&window[count..count + PAIRS - 1]);
        }
    }
}

/// The sums over the first and the second ones of the pairs that end at this place of the windows.
fn filter(first: &Window, second: &Window, at: usize) -> (i32, i32) {
    let sum = |window: &[i16; PAIRS], taps: &[i16; PAIRS]| -> i32 {
        let products = window
            .iter()
            .zip(taps)
            .map(|(a, b)| i32::from(*a) * i32::from(*b));
        products.sum()
    };
    match (first[at..].first_chunk(), second[at..].first_chunk()) {
        (Some(first), Some(second)) => (sum(first, &QMF), sum(second, &QMF_BACKWARDS)),
        _ => (0, 0),
    }
}

/// Turns sound at 16 kHz into bytes.
#[derive(Debug, Clone)]
pub struct Encoder {
    delay: Delay,
    low: Band,
    high: Band,
}

impl Default for Encoder {
    fn default() -> Self {
        Self {
            delay: Delay::default(),
            low: Band::new(32),
            high: Band::new(8),
        }
    }
}

impl Encoder {
    /// Encode pairs of samples, as many as fit, and say how many bytes it took.
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let count = payload.len().min(samples.len() / 2);
        let pieces = payload[..count].chunks_mut(PIECE);
        for (bytes, samples) in pieces.zip(samples.chunks(2 * PIECE)) {
            self.piece(samples, bytes);
        }
        count
    }

    fn piece(&mut self, samples: &[i16], bytes: &mut [u8]) {
        let (mut first, mut second) = ([0; PAIRS - 1 + PIECE], [0; PAIRS - 1 + PIECE]);
        for (at, pair) in samples.chunks_exact(2).enumerate() {
            (first[PAIRS - 1 + at], second[PAIRS - 1 + at]) = (pair[0], pair[1]);
        }
        self.delay.join(&mut first, &mut second, bytes.len());
        for (at, byte) in bytes.iter_mut().enumerate() {
            let (even, odd) = filter(&first, &second, at);
            // One bit is lost on purpose: 16-bit samples are coded as 15 bits, which leaves the bands headroom.
            let low = self.code_low((even + odd) >> 14);
            let high = self.code_high((odd - even) >> 14);
            *byte = high << 6 | low;
        }
    }

    /// Whether a decoder that followed one encoder can go on with the other's bytes, unheard.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.low.agrees_with(&other.low) && self.high.agrees_with(&other.high)
    }

    /// Blocks 1L to 4L.
    fn code_low(&mut self, sample: i32) -> u8 {
        let off = self.low.off(sample);
        let magnitude = if off >= 0 { off } else { -(off + 1) };
        let scale = self.low.scale();
        // (Q6 * scale) >> 12 <= magnitude, solved for Q6: one division instead of a search.
        let highest = (((magnitude + 1) << 12) - 1) / scale;
        let level = LEVELS[(highest as usize).min(LEVELS.len() - 1)];
        let code = match (off >= 0, level) {
            (true, level) => 61 - level,
            (false, 0..=1) => 63 - level,
            (false, level) => 33 - level,
        };
        let upper = usize::from(code >> 2);
        let difference = (scale * i32::from(QM4[upper])) >> 15;
        self.low.adapt(difference, SCALE_LOW[upper], LOW);
        code
    }

    /// Blocks 1H to 4H.
    fn code_high(&mut self, sample: i32) -> u8 {
        let off = self.high.off(sample);
        let magnitude = if off >= 0 { off } else { -(off + 1) };
        let scale = self.high.scale();
        let far = magnitude >= (Q2 * scale) >> 12;
        let code = match (off >= 0, far) {
            (false, true) => 0,
            (false, false) => 1,
            (true, true) => 2,
            (true, false) => 3,
        };
        let difference = (scale * i32::from(QM2[code])) >> 15;
        self.high.adapt(difference, SCALE_HIGH[code], HIGH);
        code as u8
    }
}

/// What can be known of bytes at a tenth of the cost of decoding them: how large differences they code. Both bands' scales
/// follow from the bytes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skimmed {
    /// The highest scale of the lower and of the upper band: 2,048 are a doubling, 0 is the least there is.
    pub peak: (i32, i32),
    end: (i32, i32),
}

/// Turns bytes into sound at 16 kHz.
#[derive(Debug, Clone)]
pub struct Decoder {
    delay: Delay,
    low: Band,
    high: Band,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            delay: Delay::default(),
            low: Band::new(32),
            high: Band::new(8),
        }
    }
}

impl Decoder {
    /// Decode bytes into pairs of samples, as many as fit, and say how many samples there were.
    pub fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> usize {
        let count = payload.len().min(samples.len() / 2);
        let pieces = samples[..2 * count].chunks_mut(2 * PIECE);
        for (bytes, samples) in payload.chunks(PIECE).zip(pieces) {
            self.piece(bytes, samples);
        }
        2 * count
    }

    fn piece(&mut self, bytes: &[u8], samples: &mut [i16]) {
        let (mut sums, mut differences) = ([0; PAIRS - 1 + PIECE], [0; PAIRS - 1 + PIECE]);
        let count = samples.len() / 2;
        for (at, byte) in bytes[..count].iter().enumerate() {
            let (low, high) = (self.sound_low(byte & 0x3F), self.sound_high(byte >> 6));
            sums[PAIRS - 1 + at] = (low + high) as i16;
            differences[PAIRS - 1 + at] = (low - high) as i16;
        }
        self.delay.join(&mut sums, &mut differences, count);
        for (at, pair) in samples.chunks_exact_mut(2).enumerate() {
            let (even, odd) = filter(&sums, &differences, at);
            (pair[0], pair[1]) = (saturate(odd >> 11), saturate(even >> 11));
        }
    }

    /// See how loud bytes are without decoding them.
    pub fn skim(&self, payload: &[u8]) -> Skimmed {
        let mut at = (self.low.log_scale(), self.high.log_scale());
        let mut skimmed = Skimmed { peak: at, end: at };
        for byte in payload {
            at.0 = Band::next_scale(at.0, SCALE_LOW[usize::from(byte >> 2 & 15)], LOW.0);
            at.1 = Band::next_scale(at.1, SCALE_HIGH[usize::from(byte >> 6)], HIGH.0);
            skimmed.peak = (skimmed.peak.0.max(at.0), skimmed.peak.1.max(at.1));
        }
        skimmed.end = at;
        skimmed
    }

    /// Go on behind what was skimmed: the scales are right, what is predicted is as before.
    pub fn skip(&mut self, skimmed: Skimmed) {
        self.low.set_scale(skimmed.end.0, LOW.1);
        self.high.set_scale(skimmed.end.1, HIGH.1);
    }

    fn sound_low(&mut self, code: u8) -> i32 {
        let scale = self.low.scale();
        let sound = self.low.predicted() + ((scale * i32::from(QM6[usize::from(code)])) >> 15);
        let upper = usize::from(code >> 2);
        let difference = (scale * i32::from(QM4[upper])) >> 15;
        self.low.adapt(difference, SCALE_LOW[upper], LOW);
        limit(sound)
    }

    fn sound_high(&mut self, code: u8) -> i32 {
        let code = usize::from(code);
        let difference = (self.high.scale() * i32::from(QM2[code])) >> 15;
        let sound = self.high.predicted() + difference;
        self.high.adapt(difference, SCALE_HIGH[code], HIGH);
        limit(sound)
    }
}

/// Block 6: the bands are 15 bits wide.
fn limit(sound: i32) -> i32 {
    sound.clamp(-16_384, 16_383)
}

fn saturate(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_skimmed_of_any_bytes_is_the_scale_to_which_decoding_them_leads() {
        let (mut decoder, mut samples) = (Decoder::default(), [0; 320]);
        let mut dice = 1_u32;
        for _ in 0..50 {
            let payload: [u8; 160] = std::array::from_fn(|_| {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (dice >> 24) as u8
            });
            let skimmed = decoder.skim(&payload);
            let mut other = decoder.clone();
            other.skip(skimmed);
            decoder.decode(&payload, &mut samples);
            for (skipped, decoded) in [(&other.low, &decoder.low), (&other.high, &decoder.high)] {
                assert_eq!(skipped.log_scale(), decoded.log_scale());
                assert_eq!(skipped.scale(), decoded.scale());
            }
        }
    }
}
