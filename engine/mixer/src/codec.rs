//! What is inside the packets of a stream, one arm per codec.
//!
//! A codec here turns payloads into samples and frames into payloads. G.711 keeps no state; a codec that does gets a
//! decoder and an encoder of its own inside the stream, and its arm here.
//!
//! Source: RFC 3551, sections 4.5.14 (PCMA, PCMU) and 6 (static payload types).

use crate::frame::Frame;
use crate::g711;

/// A coding of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 µ-law, static payload type 0.
    Pcmu,
    /// G.711 A-law, static payload type 8.
    Pcma,
}

/// How many codecs there are: the size of a table with one entry for each.
pub const CODECS: usize = 2;

impl Codec {
    /// This codec's place in a table of [`CODECS`] entries.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Samples that a payload of this many bytes holds.
    pub fn samples_in(self, payload_bytes: usize) -> usize {
        match self {
            Self::Pcmu | Self::Pcma => payload_bytes,
        }
    }

    /// Decode a payload into `samples`; as many as fit both.
    pub fn decode(self, payload: &[u8], samples: &mut [i16]) {
        match self {
            Self::Pcmu => decode_each(payload, samples, g711::decode_pcmu),
            Self::Pcma => decode_each(payload, samples, g711::decode_pcma),
        }
    }

    /// Encode a frame into `payload`, which must hold it, and say how many bytes it took.
    pub fn encode(self, frame: &Frame, payload: &mut [u8]) -> usize {
        match self {
            Self::Pcmu => encode_each(frame, payload, g711::encode_pcmu),
            Self::Pcma => encode_each(frame, payload, g711::encode_pcma),
        }
    }
}

fn decode_each(payload: &[u8], samples: &mut [i16], one: impl Fn(u8) -> i16) {
    for (sample, byte) in samples.iter_mut().zip(payload) {
        *sample = one(*byte);
    }
}

fn encode_each(frame: &Frame, payload: &mut [u8], one: impl Fn(i16) -> u8) -> usize {
    for (byte, sample) in payload.iter_mut().zip(frame) {
        *byte = one(*sample);
    }
    frame.len()
}
