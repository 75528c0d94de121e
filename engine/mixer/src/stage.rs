//! The workspace of one round: everybody's frames, and the mixes that several share.
//!
//! One stage serves all conferences of a thread, one after the other. It is made as large as the largest plan, off the
//! real-time thread, and never grows on it.

use crate::codec::{Codec, CODECS};
use crate::frame::{Frame, FRAME_SAMPLES, SILENCE};
use crate::mixer::SourceId;

/// Mixes kept at once for those who hear the same.
const SHARED: usize = 4;

/// Beeps a conference can have at once.
pub(crate) const BEEPS: usize = 8;

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
    frame: Frame,
    coded: [Option<usize>; CODECS],
    payloads: [[u8; FRAME_SAMPLES]; CODECS],
}

/// The workspace.
#[derive(Debug)]
pub struct Stage {
    pub(crate) frames: Vec<Frame>,
    pub(crate) voices: Vec<Voice>,
    pub(crate) beeps: [Frame; BEEPS],
    shared: Vec<Shared>,
    shared_used: usize,
}

impl Stage {
    /// A stage for plans of so many seats.
    pub fn new(seats: usize) -> Self {
        let empty = Shared {
            what: Same::Nothing,
            frame: SILENCE,
            coded: [None; CODECS],
            payloads: [[0; FRAME_SAMPLES]; CODECS],
        };
        Self {
            frames: vec![SILENCE; seats],
            voices: vec![Voice::Absent; seats],
            beeps: [SILENCE; BEEPS],
            shared: vec![empty; SHARED],
            shared_used: 0,
        }
    }

    /// Seats that have room here.
    pub fn seats(&self) -> usize {
        self.frames.len()
    }

    /// Begin a round: what was shared in the last one is stale.
    pub(crate) fn begin(&mut self) {
        self.shared_used = 0;
    }

    /// Give a shared mix, coded; made by `make` when nobody asked for it in this round. When more different mixes are
    /// shared than there is room for, the last place is used again.
    pub(crate) fn shared(&mut self, what: Same, codec: Codec, make: impl FnOnce(&mut Frame)) -> &[u8] {
        let known = self.shared[..self.shared_used]
            .iter()
            .position(|shared| shared.what == what);
        let place = known.unwrap_or_else(|| {
            let place = self.shared_used.min(SHARED - 1);
            self.shared_used = place + 1;
            let shared = &mut self.shared[place];
            shared.what = what;
            shared.coded = [None; CODECS];
            make(&mut shared.frame);
            place
        });
        let shared = &mut self.shared[place];
        let payload = &mut shared.payloads[codec.index()];
        let bytes = *shared.coded[codec.index()].get_or_insert_with(|| codec.encode(&shared.frame, payload));
        &payload[..bytes]
    }
}
