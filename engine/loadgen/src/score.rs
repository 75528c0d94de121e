//! What is to be played: read from one `MessagePack` file, and checked before a socket is opened.
//!
//! Time goes by frames of 20 ms. A take is a run of ready payloads that goes round; an act casts each endpoint with a
//! take and lasts some frames. Every act is accounted for by itself.

use std::path::Path;

use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Longest score, in seconds.
pub const LONGEST_S: u32 = 900;

/// Most endpoints.
pub const MOST_ENDPOINTS: usize = 20_000;

/// Largest payload in bytes: what fits in an Ethernet frame beside the headers.
pub const PAYLOAD_LIMIT_BYTES: usize = 1_400;

/// Frames in a second.
pub const FRAMES_PER_S: u32 = 50;

/// The whole of what is played.
#[derive(Debug, Clone, Deserialize)]
pub struct Score {
    /// The codec's name in the engine protocol.
    pub codec: String,
    /// RTP payload type.
    pub payload_type: u8,
    /// How much each packet's timestamp is above the one before.
    pub timestamp_step: u32,
    /// Consecutive endpoints of this number make a conference.
    pub conference_size: usize,
    /// Payloads that go round, each 20 ms of sound.
    pub takes: Vec<Vec<ByteBuf>>,
    /// In order, without a pause between.
    pub acts: Vec<Act>,
}

/// A part that is accounted for by itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Act {
    /// Comes back in the report.
    pub name: String,
    /// How long it lasts.
    pub frames: u32,
    /// Which take each endpoint plays.
    pub cast: Vec<u16>,
    /// At which payload of it each endpoint is in the first frame of the score.
    pub offsets: Vec<u32>,
    /// Endpoints whose incoming packets are kept whole.
    pub listeners: Vec<u32>,
    /// Endpoints whose sending is kept: when they sent which payload of their take.
    pub callers: Vec<u32>,
}

impl Score {
    /// Read a score.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let bytes = std::fs::read(path).map_err(|why| format!("{shown}: {why}"))?;
        let score: Self =
            rmp_serde::from_slice(&bytes).map_err(|why| format!("{shown} is no score: {why}"))?;
        score
            .check()
            .map_err(|why| format!("{shown} cannot be played: {why}"))?;
        Ok(score)
    }

    /// How many endpoints there are.
    pub fn endpoints(&self) -> usize {
        self.acts.first().map_or(0, |act| act.cast.len())
    }

    /// How long it is.
    pub fn frames(&self) -> u32 {
        self.acts.iter().map(|act| act.frames).sum()
    }

    fn check(&self) -> Result<(), String> {
        let endpoints = self.endpoints();
        if !(1..=MOST_ENDPOINTS).contains(&endpoints) {
            return Err(format!("1 to {MOST_ENDPOINTS} endpoints, not {endpoints}"));
        }
        if self.acts.iter().any(|act| act.frames > LONGEST_S * FRAMES_PER_S)
            || self.frames() > LONGEST_S * FRAMES_PER_S
        {
            return Err(format!("longer than {LONGEST_S} s"));
        }
        if self.conference_size == 0 || self.payload_type > 127 {
            return Err("a conference has members, and a payload type is below 128".into());
        }
        let sound = |take: &Vec<ByteBuf>| {
            !take.is_empty() && take.iter().all(|payload| payload.len() <= PAYLOAD_LIMIT_BYTES)
        };
        if !self.takes.iter().all(sound) {
            return Err(format!(
                "a take has payloads, of {PAYLOAD_LIMIT_BYTES} bytes at most"
            ));
        }
        self.acts
            .iter()
            .try_for_each(|act| act.check(endpoints, self.takes.len()))
    }
}

impl Act {
    fn check(&self, endpoints: usize, takes: usize) -> Result<(), String> {
        let name = &self.name;
        if self.cast.len() != endpoints || self.offsets.len() != endpoints {
            return Err(format!("act {name} does not cast each of {endpoints} endpoints"));
        }
        if self.cast.iter().any(|take| usize::from(*take) >= takes) {
            return Err(format!("act {name} casts a take that is not there"));
        }
        let stranger = |endpoint: &u32| *endpoint as usize >= endpoints;
        if self.listeners.iter().any(stranger) || self.callers.iter().any(stranger) {
            return Err(format!("act {name} listens to an endpoint that is not there"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Breaks = fn(&mut Score);

    fn score() -> Score {
        let act = Act {
            name: "only".into(),
            frames: 50,
            cast: vec![0, 0],
            offsets: vec![0, 7],
            listeners: vec![1],
            callers: vec![0],
        };
        Score {
            codec: "PCMU".into(),
            payload_type: 0,
            timestamp_step: 160,
            conference_size: 2,
            takes: vec![vec![ByteBuf::from(vec![255; 160])]],
            acts: vec![act],
        }
    }

    #[test]
    fn what_cannot_be_played_is_refused_with_a_reason() {
        assert_eq!(score().check(), Ok(()));
        let broken: [(Breaks, &str); 6] = [
            (|it| it.acts.clear(), "endpoints"),
            (|it| it.acts[0].frames = u32::MAX, "longer"),
            (|it| it.acts[0].cast[1] = 1, "take"),
            (|it| it.acts[0].offsets.truncate(1), "each"),
            (|it| it.acts[0].listeners = vec![2], "endpoint"),
            (
                |it| it.takes[0].push(ByteBuf::from(vec![0; 1_401])),
                "bytes at most",
            ),
        ];
        for (breaks, reason) in broken {
            let mut score = score();
            breaks(&mut score);
            let why = score.check().unwrap_err();
            assert!(why.contains(reason), "{why:?} does not say {reason:?}");
        }
    }
}
