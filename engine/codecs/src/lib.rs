//! Sound into payloads and back, for every codec a phone may ask for, and from one sampling rate to another.
//!
//! Pure, and fit for the real-time thread: an [`Encoder`], a [`Decoder`] and a [`Resampler`] take all their memory when
//! they are made; after that nothing here allocates, locks, waits or panics, whatever bytes come. Whose sound it is, when
//! it is due, what an RTP header says and how a lost packet is noticed is the mixer's.
//!
//! Map: [`codec`] says what there is and what RTP calls it; [`g711`], [`g722`], [`l16`], [`opus`] are the codecs, one
//! file each; [`encoder`] and [`decoder`] let a stream hold any of them; [`resampler`] changes the rate.
//!
//! # One encoder for many listeners
//!
//! Those who hear the same share an encoder. A codec with memory (G.722, Opus) makes a listener's decoder follow the
//! encoder's past; so whoever moves must not meet an encoder with another past:
//!
//! * **From the shared encoder to an own one** (the listener begins to speak): [`Encoder::follow`] copies the whole state
//!   of the shared encoder into the own one before its first frame. The own encoder goes on exactly where the shared one
//!   was; to the decoder nothing happened. It costs a copy of some kilobytes and no allocation, so own encoders may be
//!   kept in a pool and lent to whoever needs one.
//! * **From an own encoder back to the shared one** (the listener has stopped speaking): the shared encoder belongs to
//!   others and cannot be changed. The listener keeps the own encoder for [`Codec::settling_frames`] more frames while
//!   already hearing what all hear, and then until [`Encoder::agrees_with`] says so, but no longer than
//!   [`PATIENCE_FRAMES`](codec::PATIENCE_FRAMES). Both encoders are fed the same sound, forget what they heard before,
//!   and come to nearly the same state. The step that is left is no click: `tests/moves.rs` measures it.
//!
//! The sequence numbers and timestamps of a listener's packets are the listener's own throughout: a payload has none.

pub mod codec;
pub mod decoder;
pub mod encoder;
pub mod g711;
pub mod g722;
pub mod l16;
pub mod opus;
pub mod resampler;

pub use codec::{Codec, Coding, LONGEST_FRAME_MS, LONGEST_PAYLOAD};
pub use decoder::{Decoder, Unreadable};
pub use encoder::Encoder;
pub use resampler::Resampler;

/// This codec cannot be run at that rate, or with those terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit;
