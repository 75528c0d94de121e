//! Several frames into one packet, without coding them again.
//!
//! So that those who want 40 or 60 ms in a packet can share the encoder of those who want 20.
//!
//! Source: RFC 6716, section 3.2.

use super::raw::RawJoiner;

/// Joins packets into a longer one.
#[derive(Debug)]
pub struct Joiner(RawJoiner);

impl Default for Joiner {
    fn default() -> Self {
        Self(RawJoiner::new())
    }
}

impl Joiner {
    /// Join packets that follow one another, and say how many bytes it took.
    ///
    /// Returns 0 when they cannot be one packet: the encoder changed its way of coding between them, or one is broken.
    /// Then they are to be sent one by one.
    pub fn join(&mut self, packets: &[&[u8]], payload: &mut [u8]) -> usize {
        self.0.join(packets, payload)
    }
}
