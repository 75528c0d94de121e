//! Jitter buffers, codecs, the mix and its packets: everything that happens to sound between two sockets.
//!
//! Pure and ticked: whoever owns the sockets and the clock feeds datagrams with [`Mixer::receive`], asks for the next 5
//! ms with [`Mixer::tick`], and is given packets and facts through an [`Outlet`]. Time is an argument, randomness too; so
//! a test plays an hour in a second, and twice with the same result. Nothing is decided here: who hears whom is a
//! [`plan::Plan`] that the brain made and that is swapped in whole between two ticks.
//!
//! How it sums: 32-bit accumulation, each listener the whole room less themselves, and a peak limiter per output
//! ([`limiter`] says why a limiter and not saturation alone). What several hear alike is mixed and coded once.
//!
//! What it deliberately does not do: open sockets, read clocks, allocate after warm-up, know names. Ids are places in
//! tables; whoever calls keeps the names.
//!
//! Map: [`rtp`], [`rtcp`], [`digits`], [`keying`], [`g711`] read and write bytes; [`reception`], [`latch`], [`jitter`],
//! `shelf`, `rebuild`, [`concealment`], [`depth`] bring a peer's sound in order; [`stream`] ties them together; [`plan`],
//! [`stage`], `rate`, `mixing`, `conference` mix; [`converter`], `lane` and [`sender`] bring the mix to the listeners; [`source`] plays,
//! and [`live`] what comes meanwhile; [`ears`] hands out what is recorded;
//! [`gate`], [`gain`], [`limiter`], [`speech`] look at the result; [`noise`] is for silence.

pub mod bounds;
pub mod codec;
pub mod concealment;
mod conference;
pub mod converter;
pub mod depth;
pub mod digits;
mod doze;
pub mod ears;
pub mod frame;
pub mod gain;
pub mod gate;
pub mod history;
pub mod jitter;
pub mod keying;
mod lane;
pub mod latch;
pub mod limiter;
pub mod live;
pub mod mixer;
mod mixing;
pub mod moment;
pub mod noise;
pub mod outlet;
pub mod plan;
mod rate;
mod rebuild;
pub mod reception;
pub mod reports;
pub mod rtcp;
pub mod rtp;
pub mod sender;
mod shelf;
pub mod source;
pub mod speech;
pub mod stage;
pub mod stream;
pub mod stretch;
pub mod terms;
pub mod tones;

pub use codecs::g711;
pub use ears::{Ear, Heard, RoomTap, Tap};
pub use mixer::{Change, ConferenceId, Limits, Mixer, SourceId, StreamId, SPENT_BY_ONE_CHANGE};
pub use moment::{Moment, WallClock};
pub use outlet::{Fact, Figures, Outlet, Spent};
