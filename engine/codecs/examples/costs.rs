//! What each codec and each change of rate costs, in processor microseconds per second of sound.
//!
//! `cargo run --release -p codecs --example costs`; the figures that were decided on are in docs/decisions/0013-codecs.md.

use codecs::opus::OpusTerms;
use codecs::{Codec, Coding, Decoder, Encoder, Resampler, LONGEST_PAYLOAD};

const SECONDS: usize = 5;
const FRAMES: usize = SECONDS * 50;

/// Something like speech: harmonics of a gliding voice under an envelope of syllables, over a little noise.
fn speech(rate_hz: u32) -> Vec<i16> {
    let (mut phase, mut noise) = (0.0_f64, 1_u32);
    let sample = |at: usize| {
        let seconds = at as f64 / f64::from(rate_hz);
        phase += (120.0 + 30.0 * (seconds * 2.1).sin()) / f64::from(rate_hz);
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let syllable = (seconds * 4.0 * std::f64::consts::TAU).sin().max(0.0).powi(2);
        let harmonic = |k: u32| (std::f64::consts::TAU * phase * f64::from(k)).sin() / f64::from(k);
        let voice: f64 = (1..24).map(harmonic).sum();
        (6_000.0 * syllable * voice + f64::from(noise >> 16) / 256.0 - 128.0) as i16
    };
    (0..rate_hz as usize * SECONDS).map(sample).collect()
}

/// The least of nine runs, in microseconds per second of sound.
fn least(mut run: impl FnMut()) -> u64 {
    let once = |_| {
        let began = spent_ns();
        run();
        (spent_ns() - began) / 1_000 / SECONDS as u64
    };
    (0..9).map(once).min().unwrap_or(0)
}

/// Nanoseconds that this thread has been on a processor.
fn spent_ns() -> u64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    spent.tv_sec as u64 * 1_000_000_000 + spent.tv_nsec as u64
}

fn code(name: &str, coding: Coding) {
    let sound = speech(coding.rate_hz);
    let frame = coding.rate_hz as usize / 50;
    let mut packets = vec![([0_u8; LONGEST_PAYLOAD], 0_usize); FRAMES];
    let encode = least(|| {
        let mut encoder = Encoder::new(coding).expect("fit");
        for (samples, (payload, bytes)) in sound.chunks(frame).zip(&mut packets) {
            *bytes = encoder.encode(samples, payload);
        }
    });
    let mut samples = vec![0; frame * 3];
    let decode = least(|| {
        let mut decoder = Decoder::new(coding.codec, coding.rate_hz).expect("fit");
        for (payload, bytes) in packets.iter().filter(|(_, bytes)| *bytes > 0) {
            decoder.decode(&payload[..*bytes], &mut samples).expect("our own");
        }
    });
    let total: usize = packets.iter().map(|(_, bytes)| bytes).sum();
    println!(
        "{name:<28} encode {encode:>6}  decode {decode:>6}  {:>4} kbit/s",
        total * 8 / SECONDS / 1_000
    );
}

fn resample(from_hz: u32, to_hz: u32) {
    let sound = speech(from_hz);
    let mut out = vec![0; to_hz as usize / 50];
    let cost = least(|| {
        let mut resampler = Resampler::new(from_hz, to_hz).expect("fit");
        for samples in sound.chunks(from_hz as usize / 50) {
            resampler.resample(samples, &mut out);
        }
    });
    println!("{:<28} {cost:>6}", format!("{from_hz} -> {to_hz} Hz"));
}

fn main() {
    println!("processor microseconds per second of sound, the least of nine runs of {SECONDS} s");
    for codec in [Codec::Pcmu, Codec::Pcma, Codec::L16Wide, Codec::G722] {
        code(&format!("{codec:?}"), Coding::plain(codec, codec.rates_hz()[0]));
    }
    for rate_hz in [8_000, 16_000, 48_000] {
        for complexity in [0, 1, 2, 3, 5, 7, 10] {
            let opus = OpusTerms {
                complexity: Some(complexity),
                ..OpusTerms::default()
            };
            let name = format!("Opus {} kHz, complexity {complexity}", rate_hz / 1_000);
            code(
                &name,
                Coding {
                    codec: Codec::Opus,
                    rate_hz,
                    opus,
                },
            );
        }
    }
    for (low, high) in [(8_000, 16_000), (16_000, 48_000), (8_000, 48_000)] {
        resample(low, high);
        resample(high, low);
    }
}
