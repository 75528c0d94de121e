//! Any bytes as RTP: what is read is within the datagram, and written again it reads the same.
#![no_main]

use mixer::rtp::{parse, write_header, HEADER_BYTES};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(packet) = parse(input) else {
        return;
    };
    let mut bytes = [0; HEADER_BYTES];
    write_header(&mut bytes, &packet);
    let again = [&bytes, packet.payload].concat();
    assert_eq!(parse(&again), Ok(packet));
});
