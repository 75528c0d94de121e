//! What is listened to: from the rings of the real-time threads to recordings and to servers that listen.
//!
//! Whoever listens names tracks and a rate, and gets a [`Round`] every 20 ms: all tracks at once, summed, at that rate and
//! on one clock. It may be asked for what does not exist yet, and is silent until it does.

mod bring;
pub(crate) mod desk;
mod listener;
mod names;
pub(crate) mod ring;

use std::sync::Arc;

pub(crate) use listener::{Clock, Listener};
pub(crate) use names::read_tracks;

/// 20 ms of all that one listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The count of rounds since the media began: they follow one another without a gap.
    pub number: u64,
    /// The names of the tracks, in the order they were asked for.
    pub names: Arc<[String]>,
    /// For each of them 20 ms at the rate that was asked for; None: silence.
    pub tracks: Vec<Option<Vec<i16>>>,
    /// Frames of sound that were lost on the way since the last round, of all tracks: the machine did not keep up.
    pub lost: u64,
}

/// Takes rounds. Called on the thread that serves all who listen, which holds a lock meanwhile: it must return at once,
/// and must not ask the media anything.
pub type Sink = Box<dyn FnMut(Round) + Send>;

/// Somebody who listens. Goes on until [`Media::stop_listening`](crate::Media::stop_listening).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hearing(pub u64);

/// Rates at which one can listen, in Hz.
pub const RATES_HZ: [u32; 4] = [8_000, 16_000, 24_000, 48_000];
