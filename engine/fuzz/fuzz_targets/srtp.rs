//! Any packets at the door of a sealed stream: nothing but what was sealed with its key is opened, and that once.
#![no_main]

use engine_fuzz::pieces::Pieces;
use srtp::{Opener, Sealer, Suite, ROOM};

const SUITES: [Suite; 4] = [Suite::AesCm80, Suite::AesCm32, Suite::Gcm128, Suite::Gcm256];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let suite = SUITES[usize::from(*first) % SUITES.len()];
    let material = vec![7; suite.material_bytes()];
    let mut sealer = Sealer::new(suite, &material).expect("its length is right");
    let mut opener = Opener::new(suite, &material).expect("its length is right");
    for (choice, piece) in Pieces::of(rest) {
        let mut buffer = piece.to_vec();
        match choice % 4 {
            0 => assert!(opener.rtp(&mut buffer).is_err() || piece.len() >= 16),
            1 => assert!(opener.rtcp(&mut buffer).is_err() || piece.len() >= 22),
            2 => {
                buffer.resize(piece.len() + ROOM, 0);
                let Some(length) = sealer.rtp(&mut buffer, piece.len()) else {
                    continue;
                };
                let mut again = buffer[..length].to_vec();
                // A number far ahead may lie behind what the opener has heard by the other count.
                if let Ok(opened) = opener.rtp(&mut buffer[..length]) {
                    assert_eq!(&buffer[..opened], piece);
                    assert!(opener.rtp(&mut again).is_err(), "it was heard");
                }
            }
            _ => {
                buffer.resize(piece.len() + ROOM, 0);
                let Some(length) = sealer.rtcp(&mut buffer, piece.len()) else {
                    continue;
                };
                let mut again = buffer[..length].to_vec();
                let opened = opener.rtcp(&mut buffer[..length]).expect("it was sealed here");
                assert_eq!(&buffer[..opened], piece);
                assert!(opener.rtcp(&mut again).is_err(), "it was heard");
            }
        }
    }
});
