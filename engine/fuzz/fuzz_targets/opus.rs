//! Any bytes as packets of Opus.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| engine_fuzz::decoding::decode_all(codecs::Codec::Opus, input));
