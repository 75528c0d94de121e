//! Plays many RTP endpoints at once and measures what a conference server makes of them.
//!
//! It knows packets, not sound: a [`score::Score`] brings every payload ready coded and says who plays what when; what
//! was captured goes into the [`report::Report`] as it came. Making sound and judging it is the driver's (`bench/media/`), which
//! does both with codecs that are not Roomtone's own. So a codec more is no code more here.
//!
//! What it deliberately does not do: leave the loopback, run for longer than [`score::LONGEST_S`], speak SIP.
//!
//! Map: [`layout`] gives endpoints their sockets and phases; [`join`] plays the brain of an engine; [`play`] is the loop
//! of a millisecond a turn over [`network`]; [`ear`] and [`histogram`] count; [`meter`] asks the operating system; [`echo`]
//! is the floor to compare with. [`visit`] is apart from all that: browsers at their doors.

pub mod ear;
pub mod echo;
pub mod histogram;
pub mod join;
pub mod layout;
pub mod meter;
pub mod network;
pub mod play;
pub mod report;
pub mod score;
pub mod visit;
