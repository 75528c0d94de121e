//! One band of G.722: what it predicts of the next sample, and at which scale it measures the rest.
//!
//! The same in encoder and decoder, which is how they stay together: both adapt only to what was coded.
//!
//! Source: ITU-T G.722, sections 3.3 to 3.6 and 6.2, blocks 3 (scale) and 4 (prediction).

#![allow(
    clippy::inline_always,
    reason = "run for each sample of each band: inlined, what a band knows stays in registers (measured)"
)]

/// The linear scale factor in logarithmic steps (ILB).
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896,
    2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

/// Coefficients of the zeros.
const ZEROS: usize = 6;

/// They are worked on eight at a time, the last two being nothing: a processor does that at once, with any instructions.
const LANES: usize = 8;

/// How far two bands may be apart and still agree: an eighth of a doubling of the scale, a hundredth of full scale, a fifth
/// of a coefficient of one. Chosen by what tests/moves.rs measures.
const SCALES_AGREE: i32 = 256;
const PREDICTIONS_AGREE: i32 = 160;
const COEFFICIENTS_AGREE: i32 = 3_000;

/// The state of one band. All values fit 16 bits; they are held wider for the arithmetic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    predicted: i32,
    /// The part of the prediction that comes from the zeros.
    from_zeros: i32,
    /// The last two reconstructed samples, the newest first.
    sounds: [i32; 2],
    /// The last two sums of a difference and the zeros' part, the newest first.
    partials: [i32; 2],
    poles: [i32; 2],
    /// The last six differences, doubled as the prediction takes them, the newest first.
    doubled: [i16; LANES],
    zeros: [i16; LANES],
    log_scale: i32,
    scale: i32,
}

impl Band {
    pub fn new(scale: i32) -> Self {
        Self {
            predicted: 0,
            from_zeros: 0,
            sounds: [0; 2],
            partials: [0; 2],
            poles: [0; 2],
            doubled: [0; LANES],
            zeros: [0; LANES],
            log_scale: 0,
            scale,
        }
    }

    pub fn predicted(&self) -> i32 {
        self.predicted
    }

    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// How far a sample is from what was predicted (SUBTRA).
    pub fn off(&self, sample: i32) -> i32 {
        saturate(sample - self.predicted)
    }

    /// Whether two bands are so much alike that what is coded by one can be decoded beside the other: they would predict
    /// nearly the same now, and go on doing so.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let coefficients = |band: &Self| band.poles.into_iter().chain(band.zeros.map(i32::from));
        let mut pairs = coefficients(self).zip(coefficients(other));
        (self.log_scale - other.log_scale).abs() <= SCALES_AGREE
            && (self.predicted - other.predicted).abs() <= PREDICTIONS_AGREE
            && pairs.all(|(ours, theirs)| (ours - theirs).abs() <= COEFFICIENTS_AGREE)
    }

    /// Learn from the difference that was coded.
    #[inline(always)]
    pub fn adapt(&mut self, difference: i32, step: i16, (highest, shift): (i32, i32)) {
        self.set_scale(Self::next_scale(self.log_scale, step, highest), shift);
        let sound = saturate(self.predicted + difference);
        let partial = saturate(self.from_zeros + difference);
        self.adapt_poles(partial);
        self.adapt_zeros(difference);
        self.sounds = [sound, self.sounds[0]];
        self.partials = [partial, self.partials[0]];
        self.predict();
    }

    /// LOGSCL or LOGSCH: the logarithmic scale after one that was this.
    #[inline(always)]
    pub fn next_scale(log_scale: i32, step: i16, highest: i32) -> i32 {
        (((log_scale * 127) >> 7) + i32::from(step)).clamp(0, highest)
    }

    /// The scale in logarithmic steps: 2,048 to a doubling.
    pub fn log_scale(&self) -> i32 {
        self.log_scale
    }

    /// Measure at another scale from now on (SCALEL or SCALEH).
    #[inline(always)]
    pub fn set_scale(&mut self, log_scale: i32, shift: i32) {
        let mantissa = ILB[(log_scale >> 6) as usize & 31];
        let shift = shift - (log_scale >> 11);
        let scale = if shift < 0 {
            mantissa << -shift
        } else {
            mantissa >> shift
        };
        (self.log_scale, self.scale) = (log_scale, scale << 2);
    }

    /// UPPOL2 and UPPOL1.
    #[inline(always)]
    fn adapt_poles(&mut self, partial: i32) {
        let like_last = (partial ^ self.partials[0]) >= 0;
        let like_one_before = (partial ^ self.partials[1]) >= 0;
        let first = saturate(self.poles[0] << 2);
        let turned = if like_last { (-first).min(32_767) } else { first };
        let second =
            (turned >> 7) + if like_one_before { 128 } else { -128 } + ((self.poles[1] * 32_512) >> 15);
        let second = second.clamp(-12_288, 12_288);
        let bound = saturate(15_360 - second);
        let first = saturate(if like_last { 192 } else { -192 } + ((self.poles[0] * 32_640) >> 15));
        self.poles = [first.clamp(-bound, bound), second];
    }

    /// UPZERO, and the new difference in its place.
    ///
    /// 32640/32768 of a coefficient is that much less a 256th, rounded up; with the step it never leaves 16 bits.
    #[inline(always)]
    fn adapt_zeros(&mut self, difference: i32) {
        let step = if difference == 0 { 0 } else { 128 };
        let difference = difference as i16;
        for (lane, (zero, earlier)) in self.zeros.iter_mut().zip(&self.doubled).enumerate() {
            let step = if lane < ZEROS { step } else { 0 };
            let unlike = (difference ^ earlier) >> 15;
            let less = ((i32::from(*zero) * -256) >> 16) as i16;
            *zero = zero.wrapping_add(less).wrapping_add((step ^ unlike) - unlike);
        }
        // All at once, in a register; moving them in memory would make the next reader wait for the store.
        let before = self.doubled;
        let newest = saturate(2 * i32::from(difference)) as i16;
        self.doubled = std::array::from_fn(|lane| if lane == 0 { newest } else { before[lane - 1] });
    }

    /// FILTEP, FILTEZ and PREDIC.
    #[inline(always)]
    fn predict(&mut self) {
        let pole = |i: usize| (self.poles[i] * saturate(2 * self.sounds[i])) >> 15;
        let from_poles = saturate(pole(0) + pole(1));
        let zeros = self.zeros.iter().zip(&self.doubled);
        let from_zeros: i32 = zeros
            .map(|(zero, doubled)| (i32::from(*zero) * i32::from(*doubled)) >> 15)
            .sum();
        self.from_zeros = saturate(from_zeros);
        self.predicted = saturate(from_poles + self.from_zeros);
    }
}

fn saturate(value: i32) -> i32 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX))
}
