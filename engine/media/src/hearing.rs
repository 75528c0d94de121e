//! Listening to calls and conferences: for recordings, and for servers that are sent their sound.

use std::collections::HashMap;

use crate::ears::desk::{round_of, Desk, Score, ROUND_US};
use crate::ears::{read_tracks, Hearing, Sink, RATES_HZ};
use crate::registry::{Refusal, Registry, Spot};
use crate::{lock, Media};

/// Who listens where.
#[derive(Debug, Default)]
pub(crate) struct Hearings {
    spots: HashMap<u64, Vec<Spot>>,
    next: u64,
}

/// The count of the rounds of the mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounds {
    /// The first round that somebody who begins to listen now hears: none of it is over yet.
    pub next: u64,
    /// When that begins, in ms of Unix time.
    pub next_unix_ms: u64,
}

impl Media {
    /// Let somebody hear these tracks at a rate of [`RATES_HZ`], and say from which round on. `sink` is given every
    /// round from there, 20 ms each and without a gap, some 30 ms after it was heard.
    ///
    /// What a track names may not exist yet, or no longer; it is silent then. Refused: bad-track, bad-rate,
    /// too-many-sources.
    pub fn listen(
        &self,
        tracks: &[wire::Track],
        rate_hz: u32,
        sink: Sink,
    ) -> Result<(Hearing, Rounds), Refusal> {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(Refusal::new(
                "bad-rate",
                format!("{rate_hz} Hz is no rate of sound here"),
            ));
        }
        let mut way_in = lock(&self.way_in);
        let mut hearings = lock(&self.hearings);
        let (spots, score, posts) = wish(&mut lock(&self.registry), tracks)?;
        hearings.next += 1;
        let id = hearings.next;
        hearings.spots.insert(id, spots);
        let rounds = self.rounds_in(&way_in);
        lock(&way_in.crew.desk).add(id, (rate_hz, rounds.next), score, sink);
        way_in.crew.push(posts);
        way_in.crew.wake_listener();
        Ok((Hearing(id), rounds))
    }

    /// Let them hear other tracks from now on. What is in both is heard without a gap.
    pub fn listen_to(&self, hearing: Hearing, tracks: &[wire::Track]) -> Result<(), Refusal> {
        let mut way_in = lock(&self.way_in);
        let mut hearings = lock(&self.hearings);
        if !hearings.spots.contains_key(&hearing.0) {
            return Ok(());
        }
        let (spots, score, mut posts) = wish(&mut lock(&self.registry), tracks)?;
        let before = hearings.spots.insert(hearing.0, spots).unwrap_or_default();
        lock(&way_in.crew.desk).change(hearing.0, score);
        posts.extend(lock(&self.registry).unwish(&before));
        way_in.crew.push(posts);
        Ok(())
    }

    /// Let them hear no more: the sink is dropped. Idempotent.
    pub fn stop_listening(&self, hearing: Hearing) {
        let mut way_in = lock(&self.way_in);
        let mut hearings = lock(&self.hearings);
        lock::<Desk>(&way_in.crew.desk).remove(hearing.0);
        if let Some(spots) = hearings.spots.remove(&hearing.0) {
            let posts = lock(&self.registry).unwish(&spots);
            way_in.crew.push(posts);
        }
    }

    /// Which round of the mix comes next.
    pub fn rounds(&self) -> Rounds {
        self.rounds_in(&lock(&self.way_in))
    }

    #[expect(clippy::unused_self, reason = "a part of it is locked already")]
    fn rounds_in(&self, way_in: &crate::WayIn) -> Rounds {
        let (now, unix_us_at_zero) = way_in.crew.clock.read();
        let next = round_of(now) + 1;
        Rounds {
            next,
            next_unix_ms: (unix_us_at_zero + next * ROUND_US) / 1_000,
        }
    }
}

fn wish(
    registry: &mut Registry,
    tracks: &[wire::Track],
) -> Result<(Vec<Spot>, Score, Vec<crate::registry::Post>), Refusal> {
    let places = read_tracks(tracks)?;
    let spots: Vec<Spot> = places.iter().flatten().cloned().collect();
    let (marks, posts) = registry.wish(&spots)?;
    let mut marks = marks.into_iter();
    let score = Score {
        names: tracks.iter().map(|track| track.name.clone()).collect(),
        marks: places
            .iter()
            .map(|spots| marks.by_ref().take(spots.len()).collect())
            .collect(),
    };
    Ok((spots, score, posts))
}
