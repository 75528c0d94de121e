//! Where sound comes from: the media, or a test.

use media::{Hearing, Media, Refusal, Rounds, Sink};

/// What a recorder asks of the media.
pub trait Ears: Send + Sync {
    /// Let a sink hear these tracks.
    fn listen(&self, tracks: &[wire::Track], rate_hz: u32, sink: Sink) -> Result<(Hearing, Rounds), Refusal>;

    /// Let it hear other tracks.
    fn listen_to(&self, hearing: Hearing, tracks: &[wire::Track]) -> Result<(), Refusal>;

    /// Let it hear no more.
    fn stop_listening(&self, hearing: Hearing);

    /// Which round comes next.
    fn rounds(&self) -> Rounds;
}

impl Ears for Media {
    fn listen(&self, tracks: &[wire::Track], rate_hz: u32, sink: Sink) -> Result<(Hearing, Rounds), Refusal> {
        self.listen(tracks, rate_hz, sink)
    }

    fn listen_to(&self, hearing: Hearing, tracks: &[wire::Track]) -> Result<(), Refusal> {
        self.listen_to(hearing, tracks)
    }

    fn stop_listening(&self, hearing: Hearing) {
        self.stop_listening(hearing);
    }

    fn rounds(&self) -> Rounds {
        self.rounds()
    }
}
