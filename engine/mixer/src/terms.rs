//! What two sides agreed on about one stream, and what makes ours recognisable.

use std::net::SocketAddr;

use crate::codec::{Codec, Coding, OpusTerms};
use crate::rtcp::Cname;

/// What a stream sends and receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// The coding of the sound.
    pub codec: Codec,
    /// RTP payload type of the sound, 0 to 127.
    pub payload_type: u8,
    /// RTP payload type of RFC 4733 events, if agreed.
    pub digit_payload_type: Option<u8>,
    /// RTP payload type of comfort noise (RFC 3389), if agreed: then silence is not sent.
    pub noise_payload_type: Option<u8>,
    /// Sound in each packet we send, in ms: 10 to 60 in steps of 10. What we receive may differ.
    pub ptime_ms: u16,
    /// Rate of the clock that the durations of digits count, in Hz.
    pub digit_clock_rate_hz: u32,
    /// What the peer asked of Opus; at its default for other codecs.
    pub opus: OpusTerms,
}

impl Format {
    /// A codec under its usual terms, without digits, 20 ms in a packet.
    pub fn plain(codec: Codec, payload_type: u8) -> Self {
        Self {
            codec,
            payload_type,
            digit_payload_type: None,
            noise_payload_type: None,
            ptime_ms: 20,
            digit_clock_rate_hz: codec.clock_rate_hz(),
            opus: OpusTerms::default(),
        }
    }

    /// How our sound is coded, and at which rate the codec runs both ways: for as long as this format stands, whatever
    /// the rate of the mix.
    pub fn coding(&self) -> Coding {
        let rate_hz = match (self.codec, self.opus.max_playback_hz) {
            (Codec::Opus, ..=8_000) => 8_000,
            (Codec::Opus, 8_001..=16_000) => 16_000,
            (codec, _) => codec.widest_hz(),
        };
        Coding {
            codec: self.codec,
            rate_hz,
            opus: self.opus,
        }
    }
}

/// Direction of media, seen from us (RFC 8866, section 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Both ways.
    SendReceive,
    /// We send, the peer does not.
    SendOnly,
    /// The peer sends, we do not.
    ReceiveOnly,
    /// Nobody sends.
    Inactive,
}

impl Flow {
    /// Whether we send.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// Whether the peer sends.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }
}

/// All that signalling says about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The coding of both directions.
    pub format: Format,
    /// Where the peer said it receives.
    pub remote: SocketAddr,
    /// Who sends.
    pub flow: Flow,
}

/// What our side of a stream starts from. Drawn at random by the caller (RFC 3550, sections 5.1 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Our source, for as long as the stream is open.
    pub ssrc: u32,
    /// Sequence number of the first packet.
    pub seq: u16,
    /// Timestamp of the first sample.
    pub timestamp: u32,
    /// The name in our reports.
    pub cname: Cname,
}
