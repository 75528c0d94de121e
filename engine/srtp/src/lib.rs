//! SRTP and SRTCP: sealing what goes, opening what comes.
//!
//! Pure and in place: packets are changed where they lie, keys and randomness are arguments, and nothing is allocated once
//! a [`Sealer`] or an [`Opener`] is made, so both may be used on the real-time thread. The primitives are `RustCrypto`'s;
//! ours is what lies between a packet and them: key derivation, indices, and the windows that tell a replay.
//!
//! What it deliberately does not do: key derivation rates other than zero, master key identifiers, packets that are
//! authenticated but not encrypted. What is not sealed with the keys agreed is refused, whole.
//!
//! Sources: RFC 3711 (SRTP), RFC 7714 (AES-GCM), RFC 4568 6.2 (the suites).

mod cipher;
mod index;
mod keys;
mod opener;
mod packet;
mod sealer;

pub use keys::Suite;
pub use opener::{Opener, Refused};
pub use sealer::Sealer;

/// Bytes that sealing adds at most, to RTP or RTCP: a tag of GCM and the index of SRTCP.
pub const ROOM: usize = 16 + 4;
