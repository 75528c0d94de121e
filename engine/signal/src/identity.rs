//! Names made in the engine: calls, instances and dialog tags, all from the operating system's randomness.

use std::fmt::Write;

/// Mint a name of 32 lower-case hex digits (128 random bits).
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe could be done without it.
pub fn mint() -> String {
    hex::<16>()
}

/// Mint a dialog tag: 64 random bits (RFC 3261 19.3 asks for 32 at least).
pub(crate) fn tag() -> String {
    hex::<8>()
}

fn hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
        .iter()
        .fold(String::with_capacity(BYTES * 2), |mut text, byte| {
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
}
