//! Any bytes as packets to a decoder, between losses: nothing may be read or written where it should not.

use codecs::opus::Joiner;
use codecs::{Codec, Decoder, LONGEST_FRAME_MS};

use crate::pieces::Pieces;

/// Decode packets, and make up lost ones, at a rate of the codec that the first byte chooses.
pub fn decode_all(codec: Codec, input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let rates_hz = codec.rates_hz();
    let rate_hz = rates_hz[usize::from(*choice) % rates_hz.len()];
    let mut decoder = Decoder::new(codec, rate_hz).expect("one of its own rates");
    let mut samples = vec![0; (rate_hz * LONGEST_FRAME_MS / 1_000) as usize];
    let frame = rate_hz as usize / 50;
    for (choice, packet) in Pieces::of(rest) {
        match choice % 6 {
            0 => drop(decoder.conceal(&mut samples[..frame])),
            1 => drop(decoder.recover(packet, &mut samples[..frame])),
            2 if codec == Codec::Opus => drop(Joiner::default().join(&[packet, packet], &mut [0; 600])),
            3 => decoder.forget(),
            _ => decode(&mut decoder, packet, &mut samples),
        }
    }
}

fn decode(decoder: &mut Decoder, packet: &[u8], samples: &mut [i16]) {
    let promised = decoder.codec().ticks_in(packet).map(|ticks| {
        u64::from(ticks) * u64::from(decoder.rate_hz()) / u64::from(decoder.codec().clock_rate_hz())
    });
    // The jitter buffer makes room for what the packet's length says: it must hold.
    if let Ok(count) = decoder.decode(packet, samples) {
        assert_eq!(Some(count as u64), promised);
    }
}
