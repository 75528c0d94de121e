//! Any bytes as packets of G.722.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| engine_fuzz::decoding::decode_all(codecs::Codec::G722, input));
