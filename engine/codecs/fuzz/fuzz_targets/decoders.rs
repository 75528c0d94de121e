//! Any bytes as packets to any decoder, between losses: nothing may be read or written where it should not.
//!
//! `cargo +nightly fuzz run decoders -- -max_total_time=60`, in `engine/codecs`.

#![no_main]

use codecs::codec::ALL;
use codecs::opus::Joiner;
use codecs::{Decoder, LONGEST_FRAME_MS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((choice, mut rest)) = input.split_first() else {
        return;
    };
    let codec = ALL[usize::from(*choice) % ALL.len()];
    let rates_hz = codec.rates_hz();
    let rate_hz = rates_hz[usize::from(*choice) / ALL.len() % rates_hz.len()];
    let mut decoder = Decoder::new(codec, rate_hz).expect("one of its own rates");
    let mut samples = vec![0; (rate_hz * LONGEST_FRAME_MS / 1_000) as usize];
    let frame = rate_hz as usize / 50;
    while let Some(((how, length), bytes)) = rest
        .split_first_chunk()
        .map(|([how, length], bytes)| ((how, length), bytes))
    {
        let (packet, after) = bytes.split_at(bytes.len().min(usize::from(*length)));
        rest = after;
        match how % 5 {
            0 => drop(decoder.conceal(&mut samples[..frame])),
            1 => drop(decoder.recover(packet, &mut samples[..frame])),
            2 => drop(Joiner::default().join(&[packet, packet], &mut [0; 600])),
            _ => drop(decoder.decode(packet, &mut samples)),
        }
    }
});
