//! Any bytes as packets of L16, at either rate.
#![no_main]

use codecs::Codec;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let wide = input.last().is_some_and(|last| last % 2 == 1);
    let codec = if wide { Codec::L16Wide } else { Codec::L16Narrow };
    engine_fuzz::decoding::decode_all(codec, input);
});
