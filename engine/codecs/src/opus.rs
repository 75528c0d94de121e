//! Opus, mono, by libopus.
//!
//! An encoder or decoder is one piece of memory that holds no pointer into itself, so its whole past can be copied
//! (libopus promises that) and it can be begun anew in place: this is why libopus is bound here and not through a crate
//! that hides the piece. All of `unsafe` is in `raw`.
//!
//! What it does not do: stereo (what comes in stereo is decoded as mono by libopus itself), frames above 60 ms, DRED.
//!
//! Sources: RFC 6716 (the codec; section 3 the packets), RFC 7587 (its RTP payload and parameters).

mod joiner;
mod raw;

pub use joiner::Joiner;

use crate::Unfit;
use raw::{RawDecoder, RawEncoder, Setting};

/// Rate of the RTP clock, in Hz.
const CLOCK_RATE_HZ: u32 = 48_000;

/// The most bytes that one frame may take (RFC 6716, section 3.4, R2).
const LONGEST_FRAME: usize = 1_275;

/// How hard the encoder tries, 0 to 10, at a rate in Hz: chosen on measured cost (docs/decisions/0013-codecs.md).
pub const fn usual_complexity(rate_hz: u32) -> u8 {
    match rate_hz {
        ..=8_000 => 2,
        _ => 1,
    }
}

/// What a peer asked of our encoder, by the parameters of RFC 7587, section 6.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OpusTerms {
    /// Bits per second on average, 6,000 to 510,000; 0 for what suits the rate. The peer's `maxaveragebitrate` at most.
    pub bitrate_bps: u32,
    /// Whether packets carry a coarse copy of the one before (`useinbandfec`). Bits are spent on it only as far as loss
    /// is expected: [`Encoder::expect_loss`].
    pub fec: bool,
    /// Whether silence is left out (`usedtx`).
    pub dtx: bool,
    /// The highest rate the peer plays, in Hz (`maxplaybackrate`): nothing above half of it is coded.
    pub max_playback_hz: u32,
    /// How hard to try, 0 to 10; None for what suits the rate.
    pub complexity: Option<u8>,
}

impl Default for OpusTerms {
    /// What RFC 7587 says of a peer that asks for nothing.
    fn default() -> Self {
        Self {
            bitrate_bps: 0,
            fec: false,
            dtx: false,
            max_playback_hz: 48_000,
            complexity: None,
        }
    }
}

impl OpusTerms {
    /// The peer's wish within what suits speech at that rate (RFC 7587, section 3.1.1), in bits per second.
    fn bitrate_at(&self, rate_hz: u32) -> u32 {
        let suits = match rate_hz.min(self.max_playback_hz) {
            ..=8_000 => 14_000,
            8_001..=16_000 => 24_000,
            _ => 32_000,
        };
        match self.bitrate_bps {
            0 => suits,
            wished => wished.clamp(6_000, 510_000),
        }
    }
}

/// How long a packet sounds, in ticks of 48 kHz; None when its first bytes say nothing. The rest is not looked at.
pub fn ticks_in(payload: &[u8]) -> Option<u32> {
    let frames = match payload.first()? & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(payload.get(1)? & 0x3F),
    };
    Some(frames * ticks_of_frame(payload[0]))
}

/// How long each frame of a packet sounds, by its first byte (RFC 6716, table 2).
fn ticks_of_frame(toc: u8) -> u32 {
    let ms = CLOCK_RATE_HZ / 1_000;
    match toc >> 3 {
        silk @ 0..12 => [10, 20, 40, 60][usize::from(silk & 3)] * ms,
        hybrid @ 12..16 => [10, 20][usize::from(hybrid & 1)] * ms,
        celt => 120 << (celt & 3),
    }
}

/// Whether a packet says by itself that nobody speaks in it: its sender left it out (DTX), or its speech coder took all of it
/// for noise. It costs nothing to ask. False where packets do not tell: music coding, stereo, several frames.
///
/// Source: RFC 6716, sections 3.1 and 4.2.3 (the flags are the first bits after the first byte, one for each 20 ms).
pub fn says_nothing(payload: &[u8]) -> bool {
    const STEREO: u8 = 1 << 2;
    let [toc, rest @ ..] = payload else {
        return false;
    };
    if payload.len() <= 2 {
        return true;
    }
    let frames = match toc >> 3 {
        silk @ 0..12 => [1, 1, 2, 3][usize::from(silk & 3)],
        12..16 => 1,
        _ => return false,
    };
    toc & (STEREO | 3) == 0 && rest[0] >> (8 - frames) == 0
}

/// Turns sound into packets.
#[derive(Debug)]
pub struct Encoder {
    raw: RawEncoder,
    rate_hz: u32,
    dtx: bool,
}

impl Encoder {
    /// Make an encoder for sound at 8, 16 or 48 kHz.
    pub fn new(rate_hz: u32, terms: &OpusTerms) -> Result<Self, Unfit> {
        let mut made = Self {
            raw: RawEncoder::new(rate_hz)?,
            rate_hz,
            dtx: false,
        };
        made.set(terms);
        Ok(made)
    }

    /// Encode 10, 20, 40 or 60 ms; 0 when that is not what they are, or when DTX leaves them out.
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let room = payload.len().min(LONGEST_FRAME);
        let bytes = self.raw.encode(samples, &mut payload[..room]);
        // A packet of one or two bytes only says that nothing is said.
        if bytes <= 2 && self.dtx {
            return 0;
        }
        bytes
    }

    /// Go on where another one is.
    pub fn follow(&mut self, other: &Self) {
        self.raw.copy(&other.raw);
        self.rate_hz = other.rate_hz;
        self.dtx = other.dtx;
    }

    /// Begin anew in the same memory.
    pub fn restart(&mut self, rate_hz: u32, terms: &OpusTerms) -> Result<(), Unfit> {
        self.raw.restart(rate_hz)?;
        self.rate_hz = rate_hz;
        self.set(terms);
        Ok(())
    }

    /// Tell how many packets of a hundred are lost on the way.
    pub fn expect_loss(&mut self, percent: u8) {
        self.raw.set(Setting::Loss, i32::from(percent.min(100)));
    }

    fn set(&mut self, terms: &OpusTerms) {
        self.dtx = terms.dtx;
        let complexity = terms.complexity.unwrap_or(usual_complexity(self.rate_hz));
        self.raw.set(Setting::Complexity, i32::from(complexity.min(10)));
        self.raw
            .set(Setting::Bitrate, terms.bitrate_at(self.rate_hz) as i32);
        self.raw.set(Setting::Fec, i32::from(terms.fec));
        self.raw.set(Setting::Dtx, i32::from(terms.dtx));
        self.raw.set_highest_rate(terms.max_playback_hz);
    }
}

/// Turns packets into sound.
#[derive(Debug)]
pub struct Decoder {
    raw: RawDecoder,
    rate_hz: u32,
}

impl Decoder {
    /// Make a decoder that gives sound at 8, 16 or 48 kHz.
    pub fn new(rate_hz: u32) -> Result<Self, Unfit> {
        Ok(Self {
            raw: RawDecoder::new(rate_hz)?,
            rate_hz,
        })
    }

    /// Decode a packet, and say how many samples it gave.
    pub fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, crate::Unreadable> {
        if payload.is_empty() {
            return Err(crate::Unreadable);
        }
        self.raw.decode(payload, samples, false)
    }

    /// Make up a whole number of 10 ms from what was heard last; false, and silence, for anything else.
    pub fn conceal(&mut self, samples: &mut [i16]) -> bool {
        self.raw.decode(&[], samples, false) == Ok(samples.len())
    }

    /// Fill the place of a lost packet from the copy in the next one; false when that has none.
    pub fn recover(&mut self, next: &[u8], samples: &mut [i16]) -> bool {
        let Some(toc) = next.first() else {
            return false;
        };
        let frame = ticks_of_frame(*toc) as usize * self.rate_hz as usize / CLOCK_RATE_HZ as usize;
        frame <= samples.len()
            && raw::has_copy(next)
            && self.raw.decode(next, samples, true) == Ok(samples.len())
    }

    /// Forget the past.
    pub fn forget(&mut self) {
        self.raw.reset();
    }

    /// Begin anew at another rate in the same memory.
    pub fn restart(&mut self, rate_hz: u32) -> Result<(), Unfit> {
        self.raw.restart(rate_hz)?;
        self.rate_hz = rate_hz;
        Ok(())
    }
}
