//! How sound is written on a socket, and at which rate.

use codecs::{g711, Resampler};
use wire::RelayCodec;

/// What one relay sends and takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coding {
    codec: RelayCodec,
    pub rate_hz: u32,
}

impl Coding {
    pub fn new(codec: RelayCodec, rate_hz: u32) -> Self {
        Self { codec, rate_hz }
    }

    /// Samples in 20 ms.
    pub fn frame(self) -> usize {
        self.rate_hz as usize / 50
    }

    /// Bytes of a sample.
    pub fn sample_bytes(self) -> usize {
        if self.codec == RelayCodec::L16 {
            2
        } else {
            1
        }
    }

    /// Spell samples.
    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        match self.codec {
            RelayCodec::Pcmu => samples.iter().copied().map(g711::encode_pcmu).collect(),
            RelayCodec::Pcma => samples.iter().copied().map(g711::encode_pcma).collect(),
            RelayCodec::L16 => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
        }
    }

    /// Read samples; half a one at the end is left out.
    pub fn decode(self, bytes: &[u8]) -> Vec<i16> {
        match self.codec {
            RelayCodec::Pcmu => bytes.iter().copied().map(g711::decode_pcmu).collect(),
            RelayCodec::Pcma => bytes.iter().copied().map(g711::decode_pcma).collect(),
            RelayCodec::L16 => {
                let pairs = bytes.chunks_exact(2);
                pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
            }
        }
    }
}

/// From one rate to another, also where 24 kHz is one of them: by way of 48 kHz.
#[derive(Debug)]
pub(crate) struct Converter {
    steps: Vec<Resampler>,
}

impl Converter {
    /// Between two of 8, 16, 24 and 48 kHz.
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        // A filter knows ratios, not rates: 24 to 48 kHz is what 8 to 16 kHz is.
        let pairs: &[(u32, u32)] = match (from_hz, to_hz) {
            (from, to) if from == to => &[],
            (24_000, 48_000) => &[(8_000, 16_000)],
            (48_000, 24_000) => &[(16_000, 8_000)],
            (24_000, to) => &[(8_000, 16_000), (48_000, to)],
            (from, 24_000) => &[(from, 48_000), (16_000, 8_000)],
            (from, to) => &[(from, to)],
        };
        let made = |(from, to): &(u32, u32)| Resampler::new(*from, *to).expect("rates that are known");
        Self {
            steps: pairs.iter().map(made).collect(),
        }
    }

    /// Convert what follows what came last: whole milliseconds.
    pub fn convert(&mut self, samples: &[i16]) -> Vec<i16> {
        let mut sound = samples.to_vec();
        for step in &mut self.steps {
            let mut out = vec![0; step.count_for(sound.len())];
            let count = step.resample(&sound, &mut out);
            out.truncate(count);
            sound = out;
        }
        sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, hz: f64, frames: usize) -> Vec<i16> {
        let wave =
            |i: usize| (9_000.0 * (std::f64::consts::TAU * hz * i as f64 / f64::from(rate_hz)).sin()) as i16;
        (0..rate_hz as usize / 50 * frames).map(wave).collect()
    }

    fn crossings(samples: &[i16]) -> usize {
        samples
            .windows(2)
            .filter(|pair| pair[0] < 0 && pair[1] >= 0)
            .count()
    }

    #[test]
    fn every_pair_of_rates_keeps_length_and_pitch() {
        for from in [8_000, 16_000, 24_000, 48_000] {
            for to in [8_000, 16_000, 24_000, 48_000] {
                let mut converter = Converter::new(from, to);
                let frame = from as usize / 50;
                let sound: Vec<i16> = tone(from, 500.0, 50)
                    .chunks(frame)
                    .flat_map(|piece| converter.convert(piece))
                    .collect();
                assert_eq!(sound.len(), to as usize, "{from} to {to}");
                let heard = crossings(&sound[sound.len() / 10..]);
                assert!((448..=451).contains(&heard), "{from} to {to}: {heard}");
            }
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let sound = tone(8_000, 400.0, 1);
        for codec in [RelayCodec::Pcmu, RelayCodec::Pcma, RelayCodec::L16] {
            let coding = Coding::new(codec, 8_000);
            let read = coding.decode(&coding.encode(&sound));
            let off = read.iter().zip(&sound).map(|(a, b)| (a - b).abs()).max();
            assert!(off < Some(600), "{codec:?}: {off:?}");
        }
        assert_eq!(
            Coding::new(RelayCodec::L16, 8_000).encode(&[1, -2]),
            [1, 0, 0xFE, 0xFF]
        );
    }
}
