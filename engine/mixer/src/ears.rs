//! Ears: where sound is taken from, for recordings and for servers that listen.
//!
//! A stream or a conference that somebody listens to has a tap. What is heard there is handed to the outlet once for each
//! round, beside the moment of the round, however many listen; silent frames are not. Who listens and what becomes of the
//! sound is not known here. Without a tap it costs a comparison in each round.

use crate::frame::{samples_at, SILENCE};
use crate::mixer::SourceId;
use crate::moment::Moment;
use crate::outlet::Outlet;
use crate::stream::Stream;

/// Sources of one conference that can be listened to at once.
pub const SOURCES_TAPPED: usize = 8;

/// One place to listen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ear {
    /// What comes from a stream's peer, whoever hears it.
    In = 1,
    /// What a stream adds to the sum of its room.
    Said = 2,
    /// What is sent to a stream's peer, before it is coded.
    Out = 4,
    /// The sum of those who talk to the room of a conference.
    Room = 8,
    /// A source as it plays in a conference.
    Source = 16,
}

impl Ear {
    /// Read what was written as a number.
    pub fn from_bit(bit: u8) -> Option<Self> {
        [Self::In, Self::Said, Self::Out, Self::Room, Self::Source]
            .into_iter()
            .find(|ear| *ear as u8 == bit)
    }
}

/// What is listened to of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tap {
    /// Comes back beside each frame: by it the listener knows whose sound it is.
    pub mark: u32,
    ears: u8,
}

impl Tap {
    /// A tap with this mark that hears nothing yet.
    pub fn marked(mark: u32) -> Self {
        Self { mark, ears: 0 }
    }

    /// The same with another ear.
    #[must_use]
    pub fn with(self, ear: Ear) -> Self {
        Self {
            ears: self.ears | ear as u8,
            ..self
        }
    }

    /// Whether somebody listens here.
    pub fn hears(self, ear: Ear) -> bool {
        self.ears & ear as u8 != 0
    }
}

/// What is listened to of a conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoomTap {
    /// The mark of the room, if that is listened to.
    pub room: Option<u32>,
    /// Sources, with the mark of each.
    pub sources: [Option<(SourceId, u32)>; SOURCES_TAPPED],
}

impl RoomTap {
    /// Whether nobody listens.
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }
}

/// A frame that somebody listens to.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The moment of the round: the sound of one round is heard at once by all who take part.
    pub at: Moment,
    /// The mark of the tap.
    pub mark: u32,
    /// Which of its ears.
    pub ear: Ear,
    /// Rate of the frame, in Hz.
    pub rate_hz: u32,
    /// 20 ms of sound.
    pub frame: &'a [i16],
}

/// Hand a frame to those who listen to a stream, unless it is silent.
pub(crate) fn tell<O: Outlet>(
    stream: &Stream,
    ear: Ear,
    (at, rate_hz): (Moment, u32),
    frame: &[i16],
    outlet: &mut O,
) {
    if stream.tap.hears(ear) && frame.iter().any(|sample| *sample != 0) {
        outlet.heard(Heard {
            at,
            mark: stream.tap.mark,
            ear,
            rate_hz,
            frame,
        });
    }
}

/// A frame goes to a peer that is listened to, or the noise that silence is filled with.
pub(crate) fn tell_out<O: Outlet>(
    stream: &Stream,
    at: (Moment, u32),
    (frame, silent): (&[i16], bool),
    outlet: &mut O,
) {
    if !silent {
        tell(stream, Ear::Out, at, frame, outlet);
    }
}

/// A frame came from a peer that is listened to. What nobody else is to hear goes no further.
pub(crate) fn tell_in<O: Outlet>(
    stream: &mut Stream,
    talking: bool,
    at: (Moment, u32),
    frame: &mut [i16],
    outlet: &mut O,
) {
    tell(stream, Ear::In, at, frame, outlet);
    if !talking {
        stream.gate.shut();
        frame.fill(0);
    }
}

/// Hear a stream that is in no conference.
pub(crate) fn tell_in_lobby<O: Outlet>(stream: &mut Stream, now: Moment, outlet: &mut O) {
    let rate_hz = stream.coding().rate_hz;
    let mut frame = SILENCE;
    let frame = &mut frame[..samples_at(rate_hz)];
    stream.listen(true, (now, rate_hz), frame);
    tell_in(stream, false, (now, rate_hz), frame, outlet);
}
