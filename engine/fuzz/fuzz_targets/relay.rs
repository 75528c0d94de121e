//! Any messages of a customer's server on the WebSocket of a stream, over and over and at any moment: what waits stays bounded,
//! marks come back once and in order, and what we write can be read.
#![no_main]

use engine_fuzz::pieces::Pieces;
use relay::fuzz::Conversation;

/// Long answers come as many messages.
const TIMES: [u8; 4] = [1, 1, 8, 64];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let mut conversation = Conversation::new(*choice);
    for (choice, piece) in Pieces::of(rest) {
        match choice % 4 {
            0 => conversation.pass(piece.first().copied().unwrap_or(20)),
            1 => conversation.send(),
            _ => {
                let text = String::from_utf8_lossy(piece);
                for _ in 0..TIMES[usize::from(choice >> 2) % TIMES.len()] {
                    conversation.hear(&text);
                }
            }
        }
    }
});
