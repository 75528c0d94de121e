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

/// Decision level of the upper band (Q2).
const Q2: i32 = 564;

/// Upper limits of the logarithmic scale factors, and how far they are shifted to linear ones.
const LOW: (i32, i32) = (18_432, 8);
const HIGH: (i32, i32) = (22_528, 10);

/// Half of the impulse response of the filter that parts and joins the bands; the other half is its mirror image.
const QMF: [i16; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// The filter's memory, in pairs of samples.
const PAIRS: usize = QMF.len();

/// What the filter remembers, the newest pair first.
#[derive(Debug, Clone, Copy, Default)]
struct Delay {
    first: [i16; PAIRS],
    second: [i16; PAIRS],
}

impl Delay {
    /// Take in a pair, and give the sums over all first and all second ones.
    fn step(&mut self, first: i16, second: i16) -> (i32, i32) {
        self.first.copy_within(1.., 0);
        self.second.copy_within(1.., 0);
        self.first[PAIRS - 1] = first;
        self.second[PAIRS - 1] = second;
        let (mut even, mut odd) = (0, 0);
        for i in 0..PAIRS {
            even += i32::from(self.first[i]) * i32::from(QMF[i]);
            odd += i32::from(self.second[i]) * i32::from(QMF[PAIRS - 1 - i]);
        }
        (even, odd)
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
        let pairs = payload.iter_mut().zip(samples.chunks_exact(2));
        pairs
            .map(|(byte, pair)| *byte = self.pair(pair[0], pair[1]))
            .count()
    }

    /// Whether a decoder that followed one encoder can go on with the other's bytes, unheard.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.low.agrees_with(&other.low) && self.high.agrees_with(&other.high)
    }

    fn pair(&mut self, first: i16, second: i16) -> u8 {
        let (even, odd) = self.delay.step(first, second);
        // One bit is lost on purpose: 16-bit samples are coded as 15 bits, which leaves the bands headroom.
        let low = self.code_low((even + odd) >> 14);
        let high = self.code_high((odd - even) >> 14);
        high << 6 | low
    }

    /// Blocks 1L to 4L.
    fn code_low(&mut self, sample: i32) -> u8 {
        let off = self.low.off(sample);
        let magnitude = if off >= 0 { off } else { -(off + 1) };
        let scale = self.low.scale();
        let level = Q6.partition_point(|level| magnitude >= (i32::from(*level) * scale) >> 12) as u8;
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
        let pairs = payload.iter().zip(samples.chunks_exact_mut(2));
        pairs
            .map(|(byte, pair)| pair.copy_from_slice(&self.pair(*byte)))
            .count()
            * 2
    }

    fn pair(&mut self, byte: u8) -> [i16; 2] {
        let (low, high) = (self.sound_low(byte & 0x3F), self.sound_high(byte >> 6));
        let (even, odd) = self.delay.step((low + high) as i16, (low - high) as i16);
        [saturate(odd >> 11), saturate(even >> 11)]
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
