//! Names made in the engine: calls, instances and dialog tags, all from the operating system's randomness.

use std::fmt::Write;

/// Mint a name of 32 lower-case hex digits: a random UUID, version 4 (RFC 9562 5.4), since customers of one of the
/// dialects read it as such and some of them check.
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe could be done without it.
pub fn mint() -> String {
    let mut bytes: [u8; 16] = random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    hex(&bytes)
}

/// Mint a dialog tag: 64 random bits (RFC 3261 19.3 asks for 32 at least).
pub(crate) fn tag() -> String {
    hex(&random::<8>())
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_32_hex_digits_and_never_twice_the_same() {
        let (one, other) = (mint(), mint());
        assert_eq!(one.len(), 32);
        assert!(one
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        assert_ne!(one, other);
    }

    #[test]
    fn a_name_is_a_random_uuid() {
        for _ in 0..50 {
            let name = mint();
            assert_eq!(&name[12..13], "4");
            assert!("89ab".contains(&name[16..17]));
        }
    }
}
