//! Brings frames to another rate where they are, without delay: what comes before and behind is at hand.
//!
//! Whatever the rates, a sample out lies within half a sample of where it was; so tracks stay beside one another when the
//! rate of a mix changes, and one that has been silent begins in its place.

use std::collections::HashMap;

use codecs::Resampler;

use super::desk::Piece;

/// What is looked at before and behind a frame: the filters span 4 ms at 8 kHz to either side.
const CONTEXT_MS: usize = 5;

/// In which one rate goes over into another.
const BLEND_MS: usize = 5;

/// Between 16 and 24 kHz there is no whole ratio.
const BETWEEN_HZ: u32 = 48_000;

/// Resamplers for the pairs of rates that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Bringer {
    resamplers: HashMap<(u32, u32), Resampler>,
    window: Vec<i16>,
    middle: Vec<i16>,
    wide: Vec<i16>,
}

impl Bringer {
    /// Bring the middle one of three frames to this rate.
    ///
    /// Where the rate of the frames changes it begins as the one before would have gone on: two filters agree to within
    /// half a sample, which would be a click.
    pub fn bring(&mut self, (before, here, behind): Neighbours<'_>, to_hz: u32) -> Vec<i16> {
        let mut brought = self.bring_alone((before, here, behind), to_hz);
        if let Some(before) = before.filter(|before| before.rate_hz != here.rate_hz) {
            let mut samples = Vec::new();
            stretch(&here.samples, before.samples.len(), &mut samples);
            let as_before = Piece {
                rate_hz: before.rate_hz,
                samples: samples.into(),
            };
            let old = self.bring_alone((Some(before), &as_before, behind), to_hz);
            blend(&old, &mut brought, BLEND_MS * to_hz as usize / 1_000);
        }
        brought
    }

    fn bring_alone(&mut self, (before, here, behind): Neighbours<'_>, to_hz: u32) -> Vec<i16> {
        let from_hz = here.rate_hz;
        if from_hz == to_hz {
            return here.samples.to_vec();
        }
        let mut window = std::mem::take(&mut self.window);
        let context = CONTEXT_MS * from_hz as usize / 1_000;
        window.clear();
        match before {
            Some(it) => {
                let tail = it.samples.len() - CONTEXT_MS * it.rate_hz as usize / 1_000;
                stretch(&it.samples[tail..], context, &mut window);
            }
            None => window.resize(context, 0),
        }
        window.extend_from_slice(&here.samples);
        match behind {
            Some(it) => stretch(
                &it.samples[..CONTEXT_MS * it.rate_hz as usize / 1_000],
                context,
                &mut window,
            ),
            None => window.resize(window.len() + context, 0),
        }
        let brought = self.convert(&window, (from_hz, to_hz));
        self.window = window;
        brought
    }

    fn convert(&mut self, window: &[i16], (from_hz, to_hz): (u32, u32)) -> Vec<i16> {
        let mut wide = std::mem::take(&mut self.wide);
        let mut middle = std::mem::take(&mut self.middle);
        let delay = if is_whole(from_hz, to_hz) {
            self.run(window, (from_hz, to_hz), &mut wide);
            delay(from_hz, to_hz)
        } else {
            self.run(window, (from_hz, BETWEEN_HZ), &mut middle);
            self.run(&middle, (BETWEEN_HZ, to_hz), &mut wide);
            let ratio = f64::from(BETWEEN_HZ / to_hz);
            delay(from_hz, BETWEEN_HZ) / ratio + delay(BETWEEN_HZ, to_hz)
        };
        let per_ms = to_hz as usize / 1_000;
        let first = CONTEXT_MS * per_ms + delay as usize;
        let brought = wide[first..first + 20 * per_ms].to_vec();
        (self.wide, self.middle) = (wide, middle);
        brought
    }

    fn run(&mut self, input: &[i16], (from_hz, to_hz): (u32, u32), output: &mut Vec<i16>) {
        output.clear();
        let resampler = self
            .resamplers
            .entry((from_hz, to_hz))
            .or_insert_with(|| Resampler::new(from_hz, to_hz).expect("rates of a mix, and of a recording"));
        resampler.forget();
        output.resize(resampler.count_for(input.len()), 0);
        resampler.resample(input, output);
    }
}

/// A frame between its neighbours.
pub(crate) type Neighbours<'a> = (Option<&'a Piece>, &'a Piece, Option<&'a Piece>);

fn is_whole(from_hz: u32, to_hz: u32) -> bool {
    from_hz.max(to_hz).is_multiple_of(from_hz.min(to_hz))
}

/// By how many samples of what comes out a resampler is late.
fn delay(from_hz: u32, to_hz: u32) -> f64 {
    let ratio = f64::from(from_hz.max(to_hz)) / f64::from(from_hz.min(to_hz));
    let centre = (codecs::resampler::SPAN as f64 * ratio - 1.0) / 2.0;
    if to_hz > from_hz {
        centre
    } else {
        // A sample out is there with the last of those it stands for.
        (centre - (ratio - 1.0)) / ratio
    }
}

/// Let the first samples of what is new go over from what is old.
fn blend(old: &[i16], new: &mut [i16], length: usize) {
    for (at, (sample, before)) in new.iter_mut().zip(old).take(length).enumerate() {
        let (new, old) = (i32::from(*sample), i32::from(*before));
        *sample = (old + (new - old) * at as i32 / length as i32) as i16;
    }
}

/// Append so many samples that lie on straight lines between these.
fn stretch(input: &[i16], count: usize, output: &mut Vec<i16>) {
    let ins = input.len();
    output.extend((0..count).map(|at| {
        let (whole, part) = (at * ins / count, at * ins % count);
        let here = i32::from(input[whole]);
        let there = i32::from(input[(whole + 1).min(ins - 1)]);
        (here + (there - here) * part as i32 / count as i32) as i16
    }));
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    const HZ: f64 = 440.0;

    fn tone(rate_hz: u32, number: usize) -> Piece {
        let count = rate_hz as usize / 50;
        let wave = |at: usize| (8_000.0 * (TAU * HZ * at as f64 / f64::from(rate_hz)).sin()) as i16;
        Piece {
            rate_hz,
            samples: (number * count..(number + 1) * count).map(wave).collect(),
        }
    }

    /// A tone whose frames have these rates, brought to one.
    fn brought(rates: &[u32], to_hz: u32) -> Vec<i16> {
        let mut bringer = Bringer::default();
        let pieces: Vec<Piece> = rates.iter().enumerate().map(|(at, hz)| tone(*hz, at)).collect();
        let frame = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| pieces.get(at));
            bringer.bring((before, &pieces[at], pieces.get(at + 1)), to_hz)
        };
        (0..pieces.len()).flat_map(frame).collect()
    }

    #[test]
    fn a_tone_is_where_it_was_at_every_pair_of_rates() {
        for to_hz in [8_000, 16_000, 24_000, 48_000] {
            for from_hz in [8_000, 16_000, 48_000] {
                let sound = brought(&[from_hz; 10], to_hz);
                assert_eq!(sound.len(), to_hz as usize / 5);
                let part = sound.len() / 10;
                for (at, sample) in sound.iter().enumerate().take(9 * part).skip(part) {
                    let due =
                        |shift: f64| 8_000.0 * (TAU * HZ * (at as f64 + shift) / f64::from(to_hz)).sin();
                    // Half a sample of the coarser rate at most.
                    let off = [-0.5, 0.0, 0.5].map(|shift| (f64::from(*sample) - due(shift)).abs());
                    let least = off.into_iter().fold(f64::MAX, f64::min);
                    assert!(least < 700.0, "{from_hz} to {to_hz}, {at}: {off:?}");
                }
            }
        }
    }

    #[test]
    fn a_change_of_the_rate_makes_no_corner() {
        let rates: Vec<u32> = (0..60)
            .map(|at| [8_000, 16_000, 48_000, 16_000, 8_000, 48_000][at / 5 % 6])
            .collect();
        for to_hz in [8_000, 16_000, 24_000, 48_000] {
            let sound = brought(&rates, to_hz);
            let inner = &sound[to_hz as usize / 50..sound.len() - to_hz as usize / 50];
            let step = |pair: &[i16]| (f64::from(pair[1]) - f64::from(pair[0])).abs();
            let steepest = inner.windows(2).map(step).fold(0.0, f64::max);
            let due = 8_000.0 * TAU * HZ / f64::from(to_hz);
            assert!(steepest < 1.7 * due + 20.0, "{to_hz}: {steepest}, due {due}");
        }
    }

    #[test]
    fn an_impulse_stays_at_its_moment() {
        for (from_hz, to_hz) in [
            (8_000_u32, 48_000_u32),
            (48_000, 8_000),
            (16_000, 24_000),
            (48_000, 24_000),
        ] {
            let mut piece = tone(from_hz, 0);
            piece.samples.fill(0);
            let middle = piece.samples.len() / 2;
            piece.samples[middle] = 30_000;
            let sound = Bringer::default().bring((None, &piece, None), to_hz);
            let loudest = (0..sound.len())
                .max_by_key(|at| sound[*at].unsigned_abs())
                .unwrap();
            assert!(
                loudest.abs_diff(sound.len() / 2) <= 3,
                "{from_hz} to {to_hz}: {loudest}"
            );
        }
    }
}
