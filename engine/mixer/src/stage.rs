//! The workspace of one round: everybody's frames, and the mixes that several share.
//!
//! One stage serves all conferences of a thread, one after the other, each at its own rate. It is made as large as the
//! largest plan, off the real-time thread, and never grows on it.

use crate::codec::{encode_plain, Coding, CODECS};
use crate::frame::{samples_at, Frame, LONGEST_FRAME, SILENCE};
use crate::mixer::SourceId;

/// Mixes kept at once for those who hear the same.
const SHARED: usize = 4;

/// Beeps a conference can have at once.
pub(crate) const BEEPS: usize = 8;

/// Bytes of a frame of any codec without memory: L16 at 16 kHz takes the most.
const PLAIN_BYTES: usize = 640;

/// How a seat takes part in this round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Not there: closed, moved away, or served at another moment.
    Absent,
    /// There, with nothing to be heard by the room.
    Still,
    /// Part of the room's sum.
    InRoom,
}

/// What several listeners may hear alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Same {
    /// The whole room.
    Room,
    /// One source alone.
    Source(SourceId),
    /// Nothing at all.
    Nothing,
}

#[derive(Debug, Clone)]
struct Shared {
    what: Same,
    /// Whether there is nothing to hear in it.
    silent: bool,
    frame: Frame,
    coded: [Option<usize>; CODECS],
    payloads: [[u8; PLAIN_BYTES]; CODECS],
}

/// The workspace.
#[derive(Debug)]
pub struct Stage {
    /// Everybody's frame, one after the other.
    frames: Vec<i16>,
    pub(crate) voices: Vec<Voice>,
    pub(crate) beeps: [Frame; BEEPS],
    samples: usize,
    shared: Vec<Shared>,
    shared_used: usize,
}

impl Stage {
    /// A stage for plans of so many seats.
    pub fn new(seats: usize) -> Self {
        let empty = Shared {
            what: Same::Nothing,
            silent: true,
            frame: SILENCE,
            coded: [None; CODECS],
            payloads: [[0; PLAIN_BYTES]; CODECS],
        };
        Self {
            frames: vec![0; seats * LONGEST_FRAME],
            voices: vec![Voice::Absent; seats],
            beeps: [SILENCE; BEEPS],
            samples: LONGEST_FRAME,
            shared: vec![empty; SHARED],
            shared_used: 0,
        }
    }

    /// Seats that have room here.
    pub fn seats(&self) -> usize {
        self.voices.len()
    }

    /// Begin a round at this rate: what was shared in the last one is stale.
    pub(crate) fn begin(&mut self, mix_hz: u32) {
        self.samples = samples_at(mix_hz);
        self.shared_used = 0;
    }

    /// Samples in a frame of this round.
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }

    /// The frame of the seat at this place.
    pub(crate) fn frame(&self, place: usize) -> &[i16] {
        &self.frames[place * self.samples..][..self.samples]
    }

    pub(crate) fn frame_mut(&mut self, place: usize) -> &mut [i16] {
        &mut self.frames[place * self.samples..][..self.samples]
    }

    /// Give a shared mix, and whether it is silent, as `make` says that makes it when nobody asked for it in this round. When more different mixes are shared than
    /// there is room for, the last place is used again.
    pub(crate) fn shared(&mut self, what: Same, make: impl FnOnce(&mut [i16]) -> bool) -> (&[i16], bool) {
        let place = self.place_of(what, make);
        let shared = &self.shared[place];
        (&shared.frame[..self.samples], shared.silent)
    }

    /// The same, coded by a codec without memory at the rate of the mix.
    pub(crate) fn shared_coded(
        &mut self,
        what: Same,
        coding: Coding,
        make: impl FnOnce(&mut [i16]) -> bool,
    ) -> (&[u8], bool) {
        let (place, samples) = (self.place_of(what, make), self.samples);
        let shared = &mut self.shared[place];
        let at = coding.codec.index();
        let payload = &mut shared.payloads[at];
        let frame = &shared.frame[..samples];
        let bytes = *shared.coded[at].get_or_insert_with(|| encode_plain(coding, frame, payload));
        (&payload[..bytes], shared.silent)
    }

    fn place_of(&mut self, what: Same, make: impl FnOnce(&mut [i16]) -> bool) -> usize {
        let known = self.shared[..self.shared_used]
            .iter()
            .position(|shared| shared.what == what);
        known.unwrap_or_else(|| {
            let place = self.shared_used.min(SHARED - 1);
            self.shared_used = place + 1;
            let shared = &mut self.shared[place];
            shared.what = what;
            shared.coded = [None; CODECS];
            shared.silent = make(&mut shared.frame[..self.samples]);
            place
        })
    }
}
