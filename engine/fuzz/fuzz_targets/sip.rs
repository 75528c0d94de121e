//! Any bytes as SIP of a stranger, as a datagram and on a stream: the same messages come out however it is cut, nothing that our
//! own gate would not let pass is answered or asked, and no value of theirs breaks out of its place in a message of ours.
#![no_main]

use engine_fuzz::surviving::feed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    feed(|| match choice {
        b'<' => signal::fuzz::value(&String::from_utf8_lossy(rest)),
        b'0'..=b'9' => signal::fuzz::stream(rest, 1 << (choice - b'0')),
        _ => signal::fuzz::message(input),
    });
});
