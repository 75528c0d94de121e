//! Any packets at a browser's door, between those of a browser that knows the password, which may be lost, repeated or damaged: nobody
//! else is answered, keys are agreed on with the certificate that signalling told of and with no other, and who has left is left alone.
#![no_main]

use engine_fuzz::knocking::{stranger, Scene, BROWSER};
use engine_fuzz::pieces::Pieces;
use webrtc::Fingerprint;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let mut scene = Scene::begin(*choice);
    for (choice, piece) in Pieces::of(rest) {
        match choice % 10 {
            0 => scene.knock(stranger(choice), piece),
            1 => scene.knock(BROWSER, piece),
            2 | 3 => scene.carry(),
            4 => scene.carry_damaged(piece),
            5 => scene.lose(),
            6 => scene.repeat(stranger(choice)),
            7 => scene.pass(piece),
            8 => scene.change(piece.first().copied().unwrap_or_default()),
            _ => {
                let told = String::from_utf8_lossy(piece);
                if let Some(read) = Fingerprint::read(&told) {
                    assert_eq!(read.to_string(), told.to_uppercase());
                }
                if choice == 9 {
                    scene.close();
                }
            }
        }
    }
});
