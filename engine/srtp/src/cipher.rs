//! One direction's cipher for one kind of packet: a suite and its session keys at work.
//!
//! Sources: RFC 3711 4.1.1 (AES in counter mode), 4.2 (HMAC-SHA1); RFC 7714 8 and 9 (GCM).

use aes::cipher::{InnerIvInit, KeyInit, StreamCipherCore};
use aes::{Aes128, Aes256};
use aes_gcm::aead::consts::U12;
use aes_gcm::{AeadInPlace, AesGcm};
use ctr::flavors::Ctr128BE;
use ctr::CtrCore;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::keys::{keyed, Kind, SessionKeys, Suite};
use crate::packet::RTCP_HEAD;

/// Bytes of a tag of GCM.
const GCM_TAG: usize = 16;

/// A cipher and the salt of its starting values.
pub(crate) struct Cipher {
    salt: [u8; 14],
    mode: Mode,
}

enum Mode {
    Counter(Box<Counter>),
    Gcm128(Box<AesGcm<Aes128, U12>>),
    Gcm256(Box<AesGcm<Aes256, U12>>),
}

struct Counter {
    aes: Aes128,
    hmac: Hmac<Sha1>,
    tag: usize,
}

/// A packet taken apart: what is in the clear, what is encrypted, and what is vouched for besides.
pub(crate) struct Open<'a> {
    pub ssrc: u32,
    /// Of RTP 48 bits, of RTCP 31.
    pub index: u64,
    pub head: &'a [u8],
    pub body: &'a mut [u8],
}

/// The tag was not that of the packet.
#[derive(Debug)]
pub(crate) struct Forged;

impl Cipher {
    /// Prepare a cipher; None when the material is not the suite's.
    pub fn new(suite: Suite, kind: Kind, material: &[u8]) -> Option<Self> {
        let keys = SessionKeys::derive(suite, kind, material)?;
        Some(Self::of(suite, kind, &keys))
    }

    pub(crate) fn of(suite: Suite, kind: Kind, keys: &SessionKeys) -> Self {
        let tag = match (suite, kind) {
            // RFC 4568 6.2.2: reports have the long tag all the same.
            (Suite::AesCm32, Kind::Rtp) => 4,
            _ => 10,
        };
        let mode = match suite {
            Suite::AesCm80 | Suite::AesCm32 => Mode::Counter(Box::new(Counter {
                aes: keyed(keys.key()),
                hmac: <Hmac<Sha1> as Mac>::new_from_slice(&keys.hmac_key).expect("HMAC takes any key"),
                tag,
            })),
            Suite::Gcm128 => Mode::Gcm128(Box::new(AesGcm::new(keys.key().into()))),
            Suite::Gcm256 => Mode::Gcm256(Box::new(AesGcm::new(keys.key().into()))),
        };
        Self {
            salt: keys.salt,
            mode,
        }
    }

    /// Bytes of a tag.
    pub fn tag_bytes(&self) -> usize {
        match &self.mode {
            Mode::Counter(counter) => counter.tag,
            _ => GCM_TAG,
        }
    }

    /// Whether the index of SRTCP stands before the tag, or behind it.
    pub fn tags_last(&self) -> bool {
        matches!(self.mode, Mode::Counter(_))
    }

    /// Encrypt the body of an RTP packet, and write its tag.
    pub fn seal_rtp(&self, packet: &mut Open<'_>, tag: &mut [u8]) {
        let rollovers = ((packet.index >> 16) as u32).to_be_bytes();
        match &self.mode {
            Mode::Counter(counter) => {
                self.apply(&counter.aes, packet.ssrc, packet.index, packet.body);
                let sum = sum(&counter.hmac, [packet.head, packet.body, &rollovers]);
                tag.copy_from_slice(&sum[..tag.len()]);
            }
            mode => seal(mode, self.rtp_nonce(packet), packet.head, packet.body, tag),
        }
    }

    /// Check the tag of an RTP packet and decrypt its body if it is right; else nothing is changed.
    pub fn open_rtp(&self, packet: &mut Open<'_>, tag: &[u8]) -> Result<(), Forged> {
        let rollovers = ((packet.index >> 16) as u32).to_be_bytes();
        match &self.mode {
            Mode::Counter(counter) => {
                verify(&counter.hmac, [packet.head, packet.body, &rollovers], tag)?;
                self.apply(&counter.aes, packet.ssrc, packet.index, packet.body);
                Ok(())
            }
            mode => open(mode, self.rtp_nonce(packet), packet.head, packet.body, tag),
        }
    }

    /// Encrypt the body of a report, and write its tag. The word is what stands behind it: the index and a flag.
    pub fn seal_rtcp(&self, packet: &mut Open<'_>, word: [u8; 4], tag: &mut [u8]) {
        match &self.mode {
            Mode::Counter(counter) => {
                self.apply(&counter.aes, packet.ssrc, packet.index, packet.body);
                let sum = sum(&counter.hmac, [packet.head, packet.body, &word]);
                tag.copy_from_slice(&sum[..tag.len()]);
            }
            mode => {
                let vouched = vouched(packet.head, word);
                seal(mode, self.rtcp_nonce(packet), &vouched, packet.body, tag);
            }
        }
    }

    /// Check the tag of a report and decrypt its body if it is right; else nothing is changed.
    pub fn open_rtcp(&self, packet: &mut Open<'_>, word: [u8; 4], tag: &[u8]) -> Result<(), Forged> {
        match &self.mode {
            Mode::Counter(counter) => {
                verify(&counter.hmac, [packet.head, packet.body, &word], tag)?;
                self.apply(&counter.aes, packet.ssrc, packet.index, packet.body);
                Ok(())
            }
            mode => {
                let vouched = vouched(packet.head, word);
                open(mode, self.rtcp_nonce(packet), &vouched, packet.body, tag)
            }
        }
    }

    /// Lay the keystream of a packet over its body (RFC 3711 4.1.1).
    fn apply(&self, aes: &Aes128, ssrc: u32, index: u64, body: &mut [u8]) {
        let mut start = [0; 16];
        start[..14].copy_from_slice(&self.salt);
        lay_over(&mut start[4..8], &ssrc.to_be_bytes());
        lay_over(&mut start[8..14], &index.to_be_bytes()[2..]);
        let core: CtrCore<&Aes128, Ctr128BE> = CtrCore::inner_iv_init(aes, &start.into());
        // A packet is shorter than the keystream can be.
        let _ = core.try_apply_keystream_partial(body.into());
    }

    /// RFC 7714 8.1.
    fn rtp_nonce(&self, packet: &Open<'_>) -> [u8; 12] {
        let mut nonce = self.salt_of_gcm();
        lay_over(&mut nonce[2..6], &packet.ssrc.to_be_bytes());
        lay_over(&mut nonce[6..12], &packet.index.to_be_bytes()[2..]);
        nonce
    }

    /// RFC 7714 9.1.
    fn rtcp_nonce(&self, packet: &Open<'_>) -> [u8; 12] {
        let mut nonce = self.salt_of_gcm();
        lay_over(&mut nonce[2..6], &packet.ssrc.to_be_bytes());
        lay_over(&mut nonce[8..12], &(packet.index as u32).to_be_bytes());
        nonce
    }

    fn salt_of_gcm(&self) -> [u8; 12] {
        std::array::from_fn(|at| self.salt[at])
    }
}

fn lay_over(bytes: &mut [u8], others: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(others) {
        *byte ^= other;
    }
}

/// What GCM vouches for beside the body of a report (RFC 7714 9.2).
fn vouched(head: &[u8], word: [u8; 4]) -> [u8; RTCP_HEAD + 4] {
    let mut vouched = [0; RTCP_HEAD + 4];
    vouched[..RTCP_HEAD].copy_from_slice(&head[..RTCP_HEAD]);
    vouched[RTCP_HEAD..].copy_from_slice(&word);
    vouched
}

fn hashed(hmac: &Hmac<Sha1>, parts: [&[u8]; 3]) -> Hmac<Sha1> {
    // The key was taken in when the cipher was made: a copy of that state is cheaper than to begin with the key.
    let mut hmac = hmac.clone();
    for part in parts {
        hmac.update(part);
    }
    hmac
}

fn sum(hmac: &Hmac<Sha1>, parts: [&[u8]; 3]) -> [u8; 20] {
    hashed(hmac, parts).finalize().into_bytes().into()
}

fn verify(hmac: &Hmac<Sha1>, parts: [&[u8]; 3], tag: &[u8]) -> Result<(), Forged> {
    hashed(hmac, parts).verify_truncated_left(tag).map_err(|_| Forged)
}

fn seal(mode: &Mode, nonce: [u8; 12], vouched: &[u8], body: &mut [u8], tag: &mut [u8]) {
    let nonce = &nonce.into();
    let sealed = match mode {
        Mode::Gcm128(gcm) => gcm.encrypt_in_place_detached(nonce, vouched, body),
        Mode::Gcm256(gcm) => gcm.encrypt_in_place_detached(nonce, vouched, body),
        Mode::Counter(_) => return,
    };
    tag.copy_from_slice(&sealed.expect("a packet is shorter than GCM can take"));
}

fn open(mode: &Mode, nonce: [u8; 12], vouched: &[u8], body: &mut [u8], tag: &[u8]) -> Result<(), Forged> {
    let nonce = &nonce.into();
    let opened = match mode {
        Mode::Gcm128(gcm) => gcm.decrypt_in_place_detached(nonce, vouched, body, tag.into()),
        Mode::Gcm256(gcm) => gcm.decrypt_in_place_detached(nonce, vouched, body, tag.into()),
        Mode::Counter(_) => return Err(Forged),
    };
    opened.map_err(|_| Forged)
}

#[cfg(test)]
#[path = "vectors.rs"]
mod tests;
