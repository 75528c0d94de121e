//! Suites, and the session keys that come of a master key.
//!
//! Source: RFC 3711 4.3 (derivation, at a rate of zero), RFC 7714 11 (for GCM), RFC 4568 6.2 (lengths).

use aes::cipher::{KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes256};
use ctr::Ctr128BE;

/// How packets are sealed (RFC 4568 6.2, RFC 7714 14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80`.
    AesCm80,
    /// `AES_CM_128_HMAC_SHA1_32`: a shorter tag for RTP alone.
    AesCm32,
    /// `AEAD_AES_128_GCM`.
    Gcm128,
    /// `AEAD_AES_256_GCM`.
    Gcm256,
}

impl Suite {
    /// Length of the master key.
    pub fn key_bytes(self) -> usize {
        match self {
            Self::Gcm256 => 32,
            _ => 16,
        }
    }

    /// Length of the master salt.
    pub fn salt_bytes(self) -> usize {
        match self {
            Self::AesCm80 | Self::AesCm32 => 14,
            Self::Gcm128 | Self::Gcm256 => 12,
        }
    }

    /// Length of key and salt, as `inline:` has them.
    pub fn material_bytes(self) -> usize {
        self.key_bytes() + self.salt_bytes()
    }
}

/// What the keys of RTP and of RTCP differ by (RFC 3711 4.3.1 and 4.3.2).
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Rtp,
    Rtcp,
}

const LONGEST_KEY: usize = 32;
const SALT: usize = 14;
const HMAC_KEY: usize = 20;

/// The keys of one direction and kind.
pub(crate) struct SessionKeys {
    key: [u8; LONGEST_KEY],
    key_bytes: usize,
    pub salt: [u8; SALT],
    pub hmac_key: [u8; HMAC_KEY],
}

impl SessionKeys {
    /// Derive them from a master key followed by its salt; None when that has another length than the suite's.
    pub fn derive(suite: Suite, kind: Kind, material: &[u8]) -> Option<Self> {
        if material.len() != suite.material_bytes() {
            return None;
        }
        let (master, salt) = material.split_at(suite.key_bytes());
        let first = match kind {
            Kind::Rtp => 0,
            Kind::Rtcp => 3,
        };
        let mut keys = Self {
            key: [0; LONGEST_KEY],
            key_bytes: master.len(),
            salt: [0; SALT],
            hmac_key: [0; HMAC_KEY],
        };
        let key_bytes = keys.key_bytes;
        expand(master, salt, first, &mut keys.key[..key_bytes]);
        expand(master, salt, first + 1, &mut keys.hmac_key);
        expand(master, salt, first + 2, &mut keys.salt[..salt.len()]);
        Some(keys)
    }

    /// Session keys as they are.
    #[cfg(test)]
    pub fn given(key: &[u8], salt: &[u8]) -> Self {
        let mut keys = Self {
            key: [0; LONGEST_KEY],
            key_bytes: key.len(),
            salt: [0; SALT],
            hmac_key: [0; HMAC_KEY],
        };
        keys.key[..key.len()].copy_from_slice(key);
        keys.salt[..salt.len()].copy_from_slice(salt);
        keys
    }

    /// The key of the cipher.
    pub fn key(&self) -> &[u8] {
        &self.key[..self.key_bytes]
    }
}

/// The keystream of the master key for a label. A salt of 12 bytes is followed by zeros (RFC 7714 11).
fn expand(master: &[u8], salt: &[u8], label: u8, into: &mut [u8]) {
    let mut start = [0; 16];
    start[..salt.len()].copy_from_slice(salt);
    start[7] ^= label;
    match master.len() {
        32 => keystream(Ctr128BE::<Aes256>::new(master.into(), &start.into()), into),
        _ => keystream(Ctr128BE::<Aes128>::new(master.into(), &start.into()), into),
    }
}

fn keystream(mut stream: impl StreamCipher, into: &mut [u8]) {
    into.fill(0);
    stream.apply_keystream(into);
}

/// A block cipher of a session key whose length the suite has made sure of.
pub(crate) fn keyed<C: KeyInit>(key: &[u8]) -> C {
    C::new_from_slice(key).expect("session keys have their suite's length")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3711, appendix B.3.
    #[test]
    fn session_keys_are_those_of_the_specification() {
        let mut material = crate::packet::hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        material.extend(crate::packet::hex("0EC675AD498AFEEBB6960B3AABE6"));
        let keys = SessionKeys::derive(Suite::AesCm80, Kind::Rtp, &material).unwrap();
        assert_eq!(keys.key(), crate::packet::hex("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(keys.salt[..], crate::packet::hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(
            keys.hmac_key[..],
            crate::packet::hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
        );
    }

    /// RFC 3711, appendix B.2.
    #[test]
    fn the_keystream_is_that_of_the_specification() {
        let mut stream = vec![0; 16 * 0xFF02];
        let (key, start) = (
            crate::packet::hex("2B7E151628AED2A6ABF7158809CF4F3C"),
            crate::packet::hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"),
        );
        keystream(
            Ctr128BE::<Aes128>::new(key.as_slice().into(), start.as_slice().into()),
            &mut stream,
        );
        for (block, expected) in [
            (0, "E03EAD0935C95E80E166B16DD92B4EB4"),
            (1, "D23513162B02D0F72A43A2FE4A5F97AB"),
            (2, "41E95B3BB0A2E8DD477901E4FCA894C0"),
            (0xFEFF, "EC8CDF7398607CB0F2D21675EA9EA1E4"),
            (0xFF00, "362B7C3C6773516318A077D7FC5073AE"),
            (0xFF01, "6A2CC3787889374FBEB4C81B17BA6C44"),
        ] {
            assert_eq!(
                stream[16 * block..][..16],
                crate::packet::hex(expected),
                "{block:x}"
            );
        }
    }

    #[test]
    fn material_of_another_length_is_refused() {
        for suite in [Suite::AesCm80, Suite::AesCm32, Suite::Gcm128, Suite::Gcm256] {
            for length in [0, 12, 27, 29, 30, 31, 44, 46, 64] {
                let made = SessionKeys::derive(suite, Kind::Rtcp, &vec![1; length]);
                assert_eq!(made.is_some(), length == suite.material_bytes());
            }
        }
    }
}
