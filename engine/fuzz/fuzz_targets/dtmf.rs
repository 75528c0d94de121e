//! Any bytes as telephone events (RFC 4733), at any moment: every press that is told is a key, and lasts no longer than it can.
#![no_main]

use engine_fuzz::pieces::Pieces;
use mixer::digits::{DigitListener, Pressed};
use mixer::Moment;

fn check(pressed: Option<Pressed>) {
    if let Some(pressed) = pressed {
        assert!("0123456789*#ABCD".contains(pressed.key));
    }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((clock, rest)) = input.split_first() else {
        return;
    };
    let mut listener = DigitListener::counting([8_000, 16_000, 48_000, 0][usize::from(clock % 4)]);
    let mut now = Moment::from_ms(0);
    for (choice, bytes) in Pieces::of(rest) {
        now = now.plus_ms(u64::from(choice));
        let Some((stamp, payload)) = bytes.split_first_chunk() else {
            check(listener.overdue(now));
            continue;
        };
        if let Ok(pressed) = listener.hear(u32::from_be_bytes(*stamp), payload, now) {
            check(pressed);
        }
    }
});
