//! What is inside the packets of a stream: the codecs of the crate `codecs`, and how much of them is kept.

pub use codecs::opus::OpusTerms;
pub use codecs::{Codec, Coding};

use codecs::Encoder;

/// How many codecs there are: the size of a table with one entry for each.
pub const CODECS: usize = codecs::codec::ALL.len();

/// Bytes that hold 20 ms of any codec. Opus takes 1,275 at most (RFC 6716, section 3.4).
pub const LONGEST_FRAME_BYTES: usize = 1_280;

/// The longest payload taken from a peer, in bytes.
///
/// 60 ms of G.711 and G.722; 40 ms of L16 at 16 kHz, for more does not fit a packet; of Opus 60 ms at 100 kbit/s and 20 ms
/// at 320.
pub fn longest_payload(codec: Codec) -> usize {
    match codec {
        Codec::Pcmu | Codec::Pcma | Codec::G722 => 480,
        Codec::L16Narrow => 960,
        Codec::L16Wide => LONGEST_FRAME_BYTES,
        Codec::Opus => 800,
    }
}

/// Encode a frame by a codec without memory, and say how many bytes it took.
pub(crate) fn encode_plain(coding: Coding, frame: &[i16], payload: &mut [u8]) -> usize {
    debug_assert!(!coding.codec.remembers());
    // RT: an encoder without memory needs none.
    Encoder::new(coding).map_or(0, |mut encoder| encoder.encode(frame, payload))
}

/// Ticks of a codec's RTP clock in a millisecond.
pub fn ticks_per_ms(codec: Codec) -> usize {
    codec.clock_rate_hz() as usize / 1_000
}
