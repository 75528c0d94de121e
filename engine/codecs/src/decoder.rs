//! A decoder of any codec, for a stream to hold.

use crate::codec::{Codec, Coding};
use crate::g722::Skimmed;
use crate::{g711, g722, l16, opus, Unfit};

/// The bytes are no payload of this codec, or longer than what they are to be decoded into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Turns payloads into sound. All its memory is taken when it is made.
#[derive(Debug)]
pub struct Decoder {
    codec: Codec,
    rate_hz: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    None,
    G722(g722::Decoder),
    Opus(opus::Decoder),
}

impl Decoder {
    /// Make a decoder that gives sound at `rate_hz`. Allocates, so not for the real-time thread.
    pub fn new(codec: Codec, rate_hz: u32) -> Result<Self, Unfit> {
        if !Coding::plain(codec, rate_hz).is_fit() {
            return Err(Unfit);
        }
        let state = match codec {
            Codec::Pcmu | Codec::Pcma | Codec::L16Narrow | Codec::L16Wide => State::None,
            Codec::G722 => State::G722(g722::Decoder::default()),
            Codec::Opus => State::Opus(opus::Decoder::new(rate_hz)?),
        };
        Ok(Self {
            codec,
            rate_hz,
            state,
        })
    }

    /// The codec.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Rate of the sound it gives, in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Decode a payload, and say how many samples it gave. `samples` should hold 60 ms.
    ///
    /// What is longer than `samples` is refused with the decoder unharmed; what is broken inside gives some sound, for
    /// no codec here can tell.
    pub fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, Unreadable> {
        let ticks = self.codec.ticks_in(payload).ok_or(Unreadable)?;
        let count = u64::from(ticks) * u64::from(self.rate_hz) / u64::from(self.codec.clock_rate_hz());
        if count > samples.len() as u64 {
            return Err(Unreadable);
        }
        match (&mut self.state, self.codec) {
            (State::G722(decoder), _) => Ok(decoder.decode(payload, samples)),
            (State::Opus(decoder), _) => decoder.decode(payload, samples),
            (State::None, Codec::Pcmu) => Ok(each(payload, samples, g711::decode_pcmu)),
            (State::None, Codec::Pcma) => Ok(each(payload, samples, g711::decode_pcma)),
            (State::None, _) => Ok(l16::decode(payload, samples)),
        }
    }

    /// See how loud a payload is without decoding it; None where that costs as much as decoding does.
    pub fn skim(&self, payload: &[u8]) -> Option<Skimmed> {
        match &self.state {
            State::G722(decoder) => Some(decoder.skim(payload)),
            _ => None,
        }
    }

    /// Leave out what was skimmed. What comes next is decoded as behind a short loss, at the right loudness.
    pub fn skip(&mut self, skimmed: Skimmed) {
        if let State::G722(decoder) = &mut self.state {
            decoder.skip(skimmed);
        }
    }

    /// Make up the sound of a lost packet out of the decoder's own knowledge, if the codec has a way; a whole number of
    /// 10 ms. False when it has none and the mixer must make it up from the samples (all but Opus).
    pub fn conceal(&mut self, samples: &mut [i16]) -> bool {
        match &mut self.state {
            State::Opus(decoder) => decoder.conceal(samples),
            _ => false,
        }
    }

    /// Take the sound of a lost packet from the one after it, which may carry a coarse copy (Opus in-band FEC), and then
    /// still has to be decoded itself. Fills `samples`, a whole number of 10 ms: the copy stands at the end, what it does
    /// not reach is made up. False, with nothing changed, when there is no copy: then [`Decoder::conceal`].
    pub fn recover(&mut self, next: &[u8], samples: &mut [i16]) -> bool {
        match &mut self.state {
            State::Opus(decoder) => decoder.recover(next, samples),
            _ => false,
        }
    }

    /// Forget the past, as after a pause in which packets were not decoded because nobody heard them. Nothing is
    /// allocated.
    pub fn forget(&mut self) {
        match &mut self.state {
            State::None => {}
            State::G722(decoder) => *decoder = g722::Decoder::default(),
            State::Opus(decoder) => decoder.forget(),
        }
    }

    /// Give sound at another rate from now on, if the codec can; the past is forgotten. Nothing is allocated.
    pub fn change_rate(&mut self, rate_hz: u32) -> Result<(), Unfit> {
        if !Coding::plain(self.codec, rate_hz).is_fit() {
            return Err(Unfit);
        }
        if let (State::Opus(decoder), true) = (&mut self.state, rate_hz != self.rate_hz) {
            decoder.restart(rate_hz)?;
        }
        self.rate_hz = rate_hz;
        Ok(())
    }
}

fn each(payload: &[u8], samples: &mut [i16], one: impl Fn(u8) -> i16) -> usize {
    let pairs = samples.iter_mut().zip(payload);
    pairs.map(|(sample, byte)| *sample = one(*byte)).count()
}
