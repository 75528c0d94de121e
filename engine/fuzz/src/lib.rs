//! What the targets share: rubbish is cut into pieces, and decoders are fed with it.

pub mod decoding;
pub mod knocking;
pub mod pieces;
pub mod surviving;
