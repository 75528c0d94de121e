//! The door by which a browser comes to a stream: answers ICE's connectivity checks, and agrees on SRTP keys by DTLS.
//!
//! Pure: packets and the time go into a [`Door`], and packets, the peer's address and keys come out of it. No socket, no
//! clock. We are ICE-lite and never check anything ourselves: the peer checks, nominates, and by its checks goes on
//! consenting to what it is sent. What is sound and what is not is told by the first byte ([`Kind`]).
//!
//! Sources: RFC 8445 (ICE; 2.5, 7.3 and 8.2 for lite agents), RFC 8489 and RFC 5389 (STUN), RFC 7675 (consent),
//! RFC 7983 (telling packets apart), RFC 5763 and RFC 5764 (DTLS-SRTP), RFC 8122 (fingerprints).

mod certificate;
mod checks;
mod door;
mod handshake;
mod kind;
#[cfg(feature = "visitor")]
mod visitor;

pub use certificate::{Certificate, Fingerprint};
pub use door::{Door, Leaving, Said, Terms};
pub use handshake::Agreed;
pub use kind::Kind;
#[cfg(feature = "visitor")]
pub use visitor::Visitor;
