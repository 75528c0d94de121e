//! G.722 gives what another make of it gives, bit by bit (see vectors/PROVENANCE.md).

use codecs::g722::{Decoder, Encoder};

fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes
        .chunks_exact(2)
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn decoded(payload: &[u8]) -> Vec<i16> {
    let (mut decoder, mut out) = (Decoder::default(), vec![0; payload.len() * 2]);
    for (bytes, sound) in payload.chunks(160).zip(out.chunks_mut(320)) {
        assert_eq!(decoder.decode(bytes, sound), bytes.len() * 2);
    }
    out
}

#[test]
fn a_sweep_noise_silence_and_overload_are_coded_to_the_same_bytes() {
    let sound = samples(include_bytes!("vectors/g722-sound.s16"));
    let expected = include_bytes!("vectors/g722-coded.g722");
    let (mut encoder, mut payload) = (Encoder::default(), vec![0; expected.len()]);
    for (frame, bytes) in sound.chunks(320).zip(payload.chunks_mut(160)) {
        encoder.encode(frame, bytes);
    }
    let differ = payload
        .iter()
        .zip(expected)
        .position(|(ours, theirs)| ours != theirs);
    assert_eq!(differ, None);
}

#[test]
fn what_was_coded_and_what_is_rubbish_are_decoded_to_the_same_samples() {
    let coded = decoded(include_bytes!("vectors/g722-coded.g722"));
    assert_eq!(coded, samples(include_bytes!("vectors/g722-decoded.s16")));
    let rubbish = decoded(include_bytes!("vectors/g722-rubbish.g722"));
    assert_eq!(
        rubbish,
        samples(include_bytes!("vectors/g722-rubbish-decoded.s16"))
    );
}
