//! Recordings: carries out `Record` and `EndRecording`, and writes what is heard to files.
//!
//! A recording listens to its tracks like anybody else who listens ([`media::Media::listen`]) and has a thread of its own,
//! which writes more often than once a second. What waits for a disk is bounded; what does not fit is lost, silent in the file, and
//! counted. Nothing here is ever waited for by a real-time thread, nor by the one that serves all who listen: a disk that
//! hangs costs the recordings on it their sound. Who orders a recording is answered once its files are there, or after 2 s;
//! other orders do not wait for that.
//!
//! Every file is a WAV file at each moment: sound is written in its place first, then the header that counts it in. What
//! was never written is a hole, which reads as silence.
//!
//! Map: [`timeline`] says which round of the mix lies where; [`wave`] writes a file; [`disk`] is what can fail; `running`
//! is a recording between listener and writer; `writer` is its thread; [`ears`] is where sound comes from.

pub mod disk;
pub mod ears;
mod running;
mod table;
pub mod timeline;
pub mod wave;
mod writer;

pub use table::{Recorder, FILES, RECORDINGS};
