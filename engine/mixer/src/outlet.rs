//! Where everything goes that the mixer gives: packets, facts, and things that are no longer needed.
//!
//! The mixer owns no socket and frees no memory. Whoever ticks it passes an [`Outlet`]; its methods are called on the
//! real-time thread and must neither allocate, lock nor wait.

use std::net::SocketAddr;

use crate::ears::Heard;
use crate::history::Recent;
use crate::mixer::{ConferenceId, SourceId, StreamId};
use crate::plan::Plan;
use crate::source::{Once, Player};
use crate::stage::Stage;
use crate::stream::{Kit, Stream};

/// Something that happened, of which the brain should hear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact {
    /// A key was pressed.
    Digit {
        /// By whom.
        stream: StreamId,
        /// One of `0`-`9`, `*`, `#`, `A`-`D`.
        key: char,
        /// How long it had lasted when it was told.
        duration_ms: u32,
        /// Whether it came as a tone in the sound, rather than as an event.
        by_tone: bool,
    },
    /// Somebody began to speak.
    SpeechStarted(StreamId),
    /// Somebody stopped speaking.
    SpeechStopped(StreamId),
    /// A source has played to its end.
    SourceEnded {
        /// Which.
        source: SourceId,
        /// The turn it was started with.
        turn: u64,
    },
    /// No RTP has come for a while.
    StreamSilent {
        /// From whom.
        stream: StreamId,
        /// For how long.
        silent_ms: u32,
    },
    /// RTP comes, for the first time or again.
    StreamHeard {
        /// From whom.
        stream: StreamId,
        /// And from where.
        remote: SocketAddr,
    },
    /// The counters of a stream.
    Statistics {
        /// Whose.
        stream: StreamId,
        /// Whether the stream is closed with this.
        last: bool,
        /// The counters.
        figures: Figures,
    },
}

/// Counters of a stream since it opened.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// RTP packets from the peer.
    pub packets_received: u64,
    /// RTP packets that the network took.
    pub packets_sent: u64,
    /// Never came, by their sequence numbers.
    pub packets_lost: u64,
    /// Came after their turn.
    pub packets_late: u64,
    /// Came twice.
    pub packets_duplicate: u64,
    /// Not RTP, of an unknown payload type, too long, or from a stranger's address.
    pub packets_refused: u64,
    /// Interarrival jitter (RFC 3550, A.8).
    pub jitter_ms: f32,
    /// Sound that waits in the jitter buffer.
    pub depth_ms: f32,
    /// To the peer and back, once its reports have told.
    pub round_trip_ms: Option<f32>,
    /// How the last seconds were.
    pub recent: Recent,
}

/// Something the mixer no longer needs: to be dropped where dropping is allowed.
#[derive(Debug)]
pub enum Spent {
    /// A closed stream. Its id may be used again.
    Stream(StreamId, Option<Box<Stream>>),
    /// A conference's last plan. Its id may be used again.
    Conference(ConferenceId, Option<Box<Plan>>),
    /// A plan that another took the place of.
    Plan(Box<Plan>),
    /// A stopped source. Its id may be used again.
    Source(SourceId, Option<Box<Player>>),
    /// What a source played before.
    Player(Box<Player>),
    /// A beep that is over.
    Once(Box<Once>),
    /// What a stream had for a codec it no longer speaks.
    Kit(Box<Kit>),
    /// A stage that became too small.
    Stage(Box<Stage>),
}

/// Takes what the mixer gives.
pub trait Outlet {
    /// Send an RTP packet; says whether the network took it.
    fn sound(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]) -> bool;

    /// Send an RTCP packet.
    fn report(&mut self, stream: StreamId, to: SocketAddr, packet: &[u8]);

    /// Pass a fact on. May drop it; statistics first.
    fn fact(&mut self, fact: Fact);

    /// Take a frame that somebody listens to. May drop it.
    fn heard(&mut self, heard: Heard<'_>) {
        let _ = heard;
    }

    /// Take something for dropping, or give it back when there is no room just now.
    fn spent(&mut self, spent: Spent) -> Result<(), Spent>;
}
