//! What codecs there are, at which rates they work, and how RTP counts them.
//!
//! Sources: RFC 3551, sections 4.5.2 (G722 and its clock), 4.5.11 (L16), 4.5.14 (PCMA, PCMU); RFC 7587, sections 4.1 (the
//! clock of Opus is 48 kHz at every rate) and 4.2.

use crate::opus::{self, OpusTerms};

/// Frames of 20 ms after which a listener moves to the shared encoder even if the two do not agree: 2 s.
pub const PATIENCE_FRAMES: u32 = 100;

/// The most sound in one packet that is read or written, in ms.
pub const LONGEST_FRAME_MS: u32 = 60;

/// Bytes that hold the payload of any packet of at most [`LONGEST_FRAME_MS`]: L16 at 16 kHz is the largest.
pub const LONGEST_PAYLOAD: usize = LONGEST_FRAME_MS as usize * 16 * 2;

/// A coding of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 µ-law at 8 kHz, static payload type 0.
    Pcmu,
    /// G.711 A-law at 8 kHz, static payload type 8.
    Pcma,
    /// G.722 at 64 kbit/s and 16 kHz, static payload type 9.
    G722,
    /// 16-bit linear PCM at 8 kHz.
    L16Narrow,
    /// 16-bit linear PCM at 16 kHz.
    L16Wide,
    /// Opus, mono, at 8, 16 or 48 kHz as the mix is.
    Opus,
}

/// All codecs, in the order of [`Codec::index`].
pub const ALL: [Codec; 6] = [
    Codec::Pcmu,
    Codec::Pcma,
    Codec::G722,
    Codec::L16Narrow,
    Codec::L16Wide,
    Codec::Opus,
];

impl Codec {
    /// This codec's place in [`ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// Rates of sound that the codec takes and gives, in Hz, lowest first.
    pub fn rates_hz(self) -> &'static [u32] {
        match self {
            Self::Pcmu | Self::Pcma | Self::L16Narrow => &[8_000],
            Self::G722 | Self::L16Wide => &[16_000],
            Self::Opus => &[8_000, 16_000, 48_000],
        }
    }

    /// The rate at which to run the codec for a mix at `mix_hz`: the mix's own if the codec can, else the codec's only one.
    pub fn rate_for(self, mix_hz: u32) -> u32 {
        let rates = self.rates_hz();
        if rates.contains(&mix_hz) {
            mix_hz
        } else {
            rates[0]
        }
    }

    /// The highest rate at which this codec has something to say, in Hz: what a conference should mix at for it.
    pub fn widest_hz(self) -> u32 {
        *self.rates_hz().last().unwrap_or(&8_000)
    }

    /// Rate of the RTP timestamps, in Hz.
    ///
    /// G.722 counts 8,000 to the second though it has 16,000 samples: an error of RFC 1890 that was kept (RFC 3551,
    /// section 4.5.2). Opus always counts 48,000 (RFC 7587, section 4.1).
    pub fn clock_rate_hz(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 | Self::L16Narrow => 8_000,
            Self::L16Wide => 16_000,
            Self::Opus => 48_000,
        }
    }

    /// How long a payload sounds, in ticks of the RTP clock; None if it cannot be told or is longer than
    /// [`LONGEST_FRAME_MS`].
    pub fn ticks_in(self, payload: &[u8]) -> Option<u32> {
        let ticks = match self {
            Self::Pcmu | Self::Pcma | Self::G722 => payload.len() as u32,
            Self::L16Narrow | Self::L16Wide if payload.len().is_multiple_of(2) => payload.len() as u32 / 2,
            Self::L16Narrow | Self::L16Wide => return None,
            Self::Opus => opus::ticks_in(payload)?,
        };
        let longest = LONGEST_FRAME_MS * self.clock_rate_hz() / 1_000;
        (1..=longest).contains(&ticks).then_some(ticks)
    }

    /// Whether a payload can be cut and joined at any sample, so that packets of any length are made of frames of any
    /// other. Opus packets are joined by [`opus::join`].
    pub fn joins_anywhere(self) -> bool {
        self != Self::Opus
    }

    /// Bytes that code a millisecond; None where that is not always the same (Opus).
    pub fn bytes_per_ms(self) -> Option<usize> {
        match self {
            Self::Pcmu | Self::Pcma | Self::G722 => Some(8),
            Self::L16Narrow => Some(16),
            Self::L16Wide => Some(32),
            Self::Opus => None,
        }
    }

    /// Whether what a byte means depends on the bytes before it.
    pub fn remembers(self) -> bool {
        matches!(self, Self::G722 | Self::Opus)
    }

    /// Frames of 20 ms that an own encoder hears what all hear before its listener may move to the shared one.
    ///
    /// After five, what a move adds to Opus is below what Opus itself adds, and no longer wait makes it less (measured:
    /// `tests/moves.rs`). G.722 may need longer: see [`Encoder::agrees_with`](crate::Encoder::agrees_with).
    pub fn settling_frames(self) -> u32 {
        match self {
            Self::Pcmu | Self::Pcma | Self::L16Narrow | Self::L16Wide => 0,
            Self::G722 | Self::Opus => 5,
        }
    }
}

/// All that two streams must have alike to share an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coding {
    /// The codec.
    pub codec: Codec,
    /// Rate of the sound handed to the encoder, in Hz: one of [`Codec::rates_hz`].
    pub rate_hz: u32,
    /// What the peer asked of Opus; of no meaning to the others, and then best left at its default.
    pub opus: OpusTerms,
}

impl Coding {
    /// The coding of a codec without wishes.
    pub fn plain(codec: Codec, rate_hz: u32) -> Self {
        Self {
            codec,
            rate_hz,
            opus: OpusTerms::default(),
        }
    }

    /// Whether there is such a coding.
    pub fn is_fit(&self) -> bool {
        self.codec.rates_hz().contains(&self.rate_hz)
    }
}
