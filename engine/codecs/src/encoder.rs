//! An encoder of any codec, for a stream or a group of listeners to hold.

use crate::codec::{Codec, Coding};
use crate::{g711, g722, l16, opus, Unfit};

/// Turns sound into payloads. All its memory is taken when it is made.
#[derive(Debug)]
pub struct Encoder {
    coding: Coding,
    state: State,
}

#[derive(Debug)]
enum State {
    None,
    G722(g722::Encoder),
    Opus(opus::Encoder),
}

impl Encoder {
    /// Make an encoder. Allocates, so not for the real-time thread; an encoder made before can be put to another use by
    /// [`Encoder::follow`] and [`Encoder::restart`].
    pub fn new(coding: Coding) -> Result<Self, Unfit> {
        if !coding.is_fit() {
            return Err(Unfit);
        }
        let state = match coding.codec {
            Codec::Pcmu | Codec::Pcma | Codec::L16Narrow | Codec::L16Wide => State::None,
            Codec::G722 => State::G722(g722::Encoder::default()),
            Codec::Opus => State::Opus(opus::Encoder::new(coding.rate_hz, &coding.opus)?),
        };
        Ok(Self { coding, state })
    }

    /// What it makes.
    pub fn coding(&self) -> &Coding {
        &self.coding
    }

    /// Encode sound into a payload, and say how many bytes it took.
    ///
    /// Args: `samples` at the coding's rate, a multiple of 10 ms up to 60 ms (Opus: 10, 20, 40 or 60 ms); `payload` of
    /// [`LONGEST_PAYLOAD`](crate::LONGEST_PAYLOAD) bytes, of which a shorter one takes what fits.
    ///
    /// Returns 0 when nothing need be sent: Opus with DTX in silence, or samples that make no frame. The timestamp goes
    /// on all the same.
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        match (&mut self.state, self.coding.codec) {
            (State::G722(encoder), _) => encoder.encode(samples, payload),
            (State::Opus(encoder), _) => encoder.encode(samples, payload),
            (State::None, Codec::Pcma) => each(samples, payload, g711::encode_pcma),
            (State::None, Codec::Pcmu) => each(samples, payload, g711::encode_pcmu),
            (State::None, _) => l16::encode(samples, payload),
        }
    }

    /// Go on where another encoder of the same codec is: its state and coding are copied, whatever this one had. Nothing
    /// is allocated.
    ///
    /// Refused, with nothing changed, between different codecs.
    pub fn follow(&mut self, other: &Self) -> Result<(), Unfit> {
        match (&mut self.state, &other.state) {
            (State::None, State::None) if self.coding.codec == other.coding.codec => {}
            (State::G722(own), State::G722(theirs)) => own.clone_from(theirs),
            (State::Opus(own), State::Opus(theirs)) => own.follow(theirs),
            _ => return Err(Unfit),
        }
        self.coding = other.coding;
        Ok(())
    }

    /// Whether a listener can move from this encoder to that one now, when both have been fed the same sound for
    /// [`Codec::settling_frames`]. Costs next to nothing.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (&self.state, &other.state) {
            (State::G722(own), State::G722(theirs)) => own.agrees_with(theirs),
            _ => self.coding == other.coding,
        }
    }

    /// Begin afresh with another coding of the same codec: another rate, other terms. Nothing is allocated.
    ///
    /// Refused, with nothing changed, for another codec or a coding there is not.
    pub fn restart(&mut self, coding: Coding) -> Result<(), Unfit> {
        if coding.codec != self.coding.codec || !coding.is_fit() {
            return Err(Unfit);
        }
        match &mut self.state {
            State::None => {}
            State::G722(encoder) => *encoder = g722::Encoder::default(),
            State::Opus(encoder) => encoder.restart(coding.rate_hz, &coding.opus)?,
        }
        self.coding = coding;
        Ok(())
    }

    /// Tell how many packets of a hundred the listeners lose: Opus with FEC spends bits by it. Costs next to nothing.
    pub fn expect_loss(&mut self, percent: u8) {
        if let State::Opus(encoder) = &mut self.state {
            encoder.expect_loss(percent);
        }
    }
}

fn each(samples: &[i16], payload: &mut [u8], one: impl Fn(i16) -> u8) -> usize {
    let pairs = payload.iter_mut().zip(samples);
    pairs.map(|(byte, sample)| *byte = one(*sample)).count()
}
