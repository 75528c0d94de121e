//! What relays hear and where they play: the media, as the relay crate wants it.

use std::sync::mpsc::{sync_channel, Receiver};
use std::sync::Arc;

use media::live::Live;
use media::Media;

/// Rounds that may wait for one relay: 4 s. More is dropped, and the relay sees that numbers are missing.
const ROUNDS_QUEUE: usize = 200;

/// The media behind all relays.
pub struct Floor(pub Arc<Media>);

impl relay::Floor for Floor {
    fn hear(&self, tracks: &[wire::Track], rate_hz: u32) -> Result<Box<dyn relay::Hearing>, String> {
        let (rounds, waiting) = sync_channel(ROUNDS_QUEUE);
        let sink = move |round: media::Round| {
            let round = relay::Round {
                number: round.number,
                tracks: round.tracks,
            };
            // A full queue: the relay sees that a number is missing, and goes on.
            let _ = rounds.try_send(round);
        };
        let (hearing, _) = self
            .0
            .listen(tracks, rate_hz, Box::new(sink))
            .map_err(|no| no.text)?;
        Ok(Box::new(Heard {
            media: Arc::clone(&self.0),
            hearing,
            waiting,
        }))
    }

    fn play(&self, source: &str) -> Result<Arc<Live>, String> {
        self.0.start_live(source).map_err(|no| no.text)
    }

    fn stop(&self, source: &str) {
        let order = wire::StopSource {
            n: 0,
            source: source.to_owned(),
        };
        self.0.carry_out(order.into());
    }
}

struct Heard {
    media: Arc<Media>,
    hearing: media::Hearing,
    waiting: Receiver<relay::Round>,
}

impl relay::Hearing for Heard {
    fn next(&mut self) -> Option<relay::Round> {
        self.waiting.try_recv().ok()
    }

    fn tuner(&self) -> relay::Tuner {
        let (media, hearing) = (Arc::clone(&self.media), self.hearing);
        Box::new(move |tracks| media.listen_to(hearing, tracks).map_err(|no| no.text))
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.media.stop_listening(self.hearing);
    }
}
