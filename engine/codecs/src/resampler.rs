//! From one sampling rate to another, between 8, 16, 24 and 48 kHz, frame by frame.
//!
//! A polyphase filter with linear phase, in whole numbers: a window of samples times a window of coefficients, which is
//! what a processor does best. Everything from the Nyquist frequency of the lower rate on is held down by some 60 dB, so
//! neither images nor aliases are heard; up to 7/8 of it passes unchanged.
//!
//! Why not a crate: docs/decisions/0013-codecs.md.
//!
//! Source: A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing", sections 4.6 (polyphase) and 7.5 (windows
//! of Kaiser).

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::Unfit;

/// Samples of the lower rate that the filter spans; half of them is its delay: 4 ms at 8 kHz, 2 ms at 16 kHz.
pub const SPAN: usize = 64;

/// What passes unchanged and what no longer passes meet here, as a share of the lower rate's Nyquist frequency: 7/8 and 1.
const CUTOFF: f64 = 0.937_5;

/// Shape of the window: with it a filter of `SPAN` lets through less than -60 dB from `1` on.
const BETA: f64 = 6.3;

/// The highest ratio of two rates.
const HIGHEST_RATIO: usize = 6;

/// Samples worked on at once: 10 ms at 48 kHz, and a multiple of every ratio.
const PIECE: usize = 480;

/// Coefficients are whole numbers of this part of one. A window's worth of the loudest sound still fits 32 bits.
const ONE_BITS: u32 = 14;

/// Changes the rate of one stream of sound. All its memory is taken when it is made.
#[derive(Debug, Clone)]
pub struct Resampler {
    kind: Kind,
    coefficients: &'static [i16],
    /// Samples of the past that the next ones are filtered with, and behind them the piece in work.
    window: Box<[i16; SPAN * HIGHEST_RATIO + PIECE]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Up(usize),
    Down(usize),
}

impl Resampler {
    /// Make a resampler between two of 8, 16, 24 and 48 kHz, one of them a multiple of the other. Allocates, so not for the real-time thread.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, Unfit> {
        let (kind, coefficients) = tuned(from_hz, to_hz)?;
        // All tables are there before anybody retunes.
        for ratio in [2, 3, 6] {
            tables(ratio);
        }
        Ok(Self {
            kind,
            coefficients,
            window: Box::new([0; SPAN * HIGHEST_RATIO + PIECE]),
        })
    }

    /// Change another pair of rates from now on; the past is forgotten. Nothing is allocated.
    pub fn retune(&mut self, from_hz: u32, to_hz: u32) -> Result<(), Unfit> {
        (self.kind, self.coefficients) = tuned(from_hz, to_hz)?;
        self.forget();
        Ok(())
    }

    /// Go on where another one is. Nothing is allocated.
    pub fn follow(&mut self, other: &Self) {
        (self.kind, self.coefficients) = (other.kind, other.coefficients);
        self.window.copy_from_slice(&other.window[..]);
    }

    /// Samples out for so many in.
    pub fn count_for(&self, samples: usize) -> usize {
        match self.kind {
            Kind::Same => samples,
            Kind::Up(ratio) => samples * ratio,
            Kind::Down(ratio) => samples / ratio,
        }
    }

    /// Resample what follows what came last, a whole number of milliseconds, and say how many samples it gave: as many as
    /// [`Resampler::count_for`] says, or as `output` holds.
    pub fn resample(&mut self, input: &[i16], output: &mut [i16]) -> usize {
        if self.kind == Kind::Same {
            let count = input.len().min(output.len());
            output[..count].copy_from_slice(&input[..count]);
            return count;
        }
        let mut done = 0;
        for piece in input.chunks(PIECE) {
            let end = (done + self.count_for(piece.len())).min(output.len());
            self.piece(piece, &mut output[done..end]);
            done = end;
        }
        done
    }

    /// Forget the past: silence came before what comes next.
    pub fn forget(&mut self) {
        self.window.fill(0);
    }

    fn piece(&mut self, input: &[i16], output: &mut [i16]) {
        let past = match self.kind {
            Kind::Same => 0,
            Kind::Up(_) => SPAN,
            Kind::Down(ratio) => SPAN * ratio,
        };
        self.window[past..past + input.len()].copy_from_slice(input);
        match self.kind {
            Kind::Same => {}
            Kind::Up(ratio) => self.raise(ratio, output),
            Kind::Down(ratio) => self.lower(ratio, output),
        }
        self.window.copy_within(input.len()..input.len() + past, 0);
    }

    /// Each sample in gives as many out as there are phases, each phase with coefficients of its own.
    fn raise(&self, ratio: usize, output: &mut [i16]) {
        for (at, samples) in output.chunks_mut(ratio).enumerate() {
            let Some(window) = self.window[at + 1..].first_chunk::<SPAN>() else {
                return;
            };
            for (sample, phase) in samples.iter_mut().zip(self.coefficients.chunks_exact(SPAN)) {
                *sample = filtered(window, phase);
            }
        }
    }

    fn lower(&self, ratio: usize, output: &mut [i16]) {
        let taps = SPAN * ratio;
        for (at, sample) in output.iter_mut().enumerate() {
            let start = (at + 1) * ratio;
            *sample = filtered(&self.window[start..start + taps], self.coefficients);
        }
    }
}

/// What a change between two rates needs.
fn tuned(from_hz: u32, to_hz: u32) -> Result<(Kind, &'static [i16]), Unfit> {
    let known = |hz| matches!(hz, 8_000 | 16_000 | 24_000 | 48_000);
    let multiple = || from_hz.max(to_hz).is_multiple_of(from_hz.min(to_hz));
    if !known(from_hz) || !known(to_hz) || !multiple() {
        return Err(Unfit);
    }
    let ratio = (from_hz.max(to_hz) / from_hz.min(to_hz)) as usize;
    Ok(match from_hz.cmp(&to_hz) {
        std::cmp::Ordering::Equal => (Kind::Same, &[][..]),
        std::cmp::Ordering::Less => (Kind::Up(ratio), &tables(ratio).up[..]),
        std::cmp::Ordering::Greater => (Kind::Down(ratio), &tables(ratio).down[..]),
    })
}

fn filtered(window: &[i16], coefficients: &[i16]) -> i16 {
    let pieces = window.chunks_exact(SPAN).zip(coefficients.chunks_exact(SPAN));
    let sums =
        pieces.filter_map(|(samples, part)| Some(weighed(samples.first_chunk()?, part.first_chunk()?)));
    let rounded = (sums.sum::<i32>() + (1 << (ONE_BITS - 1))) >> ONE_BITS;
    rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

/// Of a length known beforehand, so that the compiler takes eight samples at a time.
#[inline]
fn weighed(samples: &[i16; SPAN], coefficients: &[i16; SPAN]) -> i32 {
    let pairs = samples.iter().zip(coefficients);
    let products = pairs.map(|(sample, coefficient)| i32::from(*sample) * i32::from(*coefficient));
    products.sum()
}

/// The coefficients for one ratio, in the order in which a window lies: the oldest sample first.
struct Tables {
    up: Vec<i16>,
    down: Vec<i16>,
}

fn tables(ratio: usize) -> &'static Tables {
    static TABLES: [OnceLock<Tables>; HIGHEST_RATIO + 1] = [const { OnceLock::new() }; HIGHEST_RATIO + 1];
    TABLES[ratio].get_or_init(|| {
        let response = response(ratio);
        let phase = |p: usize| {
            (0..SPAN)
                .map(|at| response[(SPAN - 1 - at) * ratio + p])
                .collect::<Vec<f64>>()
        };
        Tables {
            up: (0..ratio).flat_map(|p| whole(&phase(p))).collect(),
            down: whole(&response),
        }
    })
}

/// The response of the filter to one sample, at the higher rate. It is the same read backwards.
fn response(ratio: usize) -> Vec<f64> {
    let taps = SPAN * ratio;
    let centre = (taps - 1) as f64 / 2.0;
    let tap = |at: usize| {
        let off = at as f64 - centre;
        let x = PI * off * CUTOFF / ratio as f64;
        let sinc = if x == 0.0 { 1.0 } else { x.sin() / x };
        let inside = 1.0 - (off / (centre + 0.5)).powi(2);
        sinc * bessel(BETA * inside.sqrt())
    };
    (0..taps).map(tap).collect()
}

/// The modified Bessel function of the first kind and order 0.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

/// Coefficients that sum up to one, as whole numbers.
fn whole(coefficients: &[f64]) -> Vec<i16> {
    let sum: f64 = coefficients.iter().sum();
    let scale = f64::from(1 << ONE_BITS) / sum;
    coefficients
        .iter()
        .map(|coefficient| (coefficient * scale).round() as i16)
        .collect()
}
