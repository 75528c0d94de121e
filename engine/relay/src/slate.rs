//! Spells what is heard as frames: one every 20 ms for each track, silence where nothing was heard.

use crate::coding::Coding;
use crate::words::Frame;
use crate::Round;

/// Length of a frame, in ms.
const FRAME_MS: u64 = 20;

/// How many missing rounds are made up for with silence: 2 s. More is left out, and shows in the numbers.
const MOST_MISSING: u64 = 100;

/// The tracks of a relay along the time.
#[derive(Debug)]
pub(crate) struct Slate {
    coding: Coding,
    tracks: usize,
    began: Option<u64>,
    /// Frames of each track so far, written or left out.
    written: u64,
    silence: Vec<u8>,
}

impl Slate {
    pub fn new(coding: Coding, tracks: usize) -> Self {
        Self {
            coding,
            tracks,
            began: None,
            written: 0,
            silence: coding.encode(&vec![0; coding.frame()]),
        }
    }

    /// Write a round, and silence for those that are missing before it; gives how many frames were left out.
    pub fn write(&mut self, round: &Round, mut out: impl FnMut(Frame)) -> u64 {
        let place = round
            .number
            .saturating_sub(*self.began.get_or_insert(round.number));
        if place < self.written {
            return 0;
        }
        let left_out = (place - self.written).saturating_sub(MOST_MISSING);
        self.written += left_out;
        while self.written < place {
            self.frames(&[], &mut out);
        }
        self.frames(&round.tracks, &mut out);
        left_out * self.tracks as u64
    }

    fn frames(&mut self, heard: &[Option<Vec<i16>>], out: &mut impl FnMut(Frame)) {
        let at_ms = self.written * FRAME_MS;
        self.written += 1;
        for track in 0..self.tracks {
            let sound = heard.get(track).and_then(Option::as_deref);
            out(Frame {
                track,
                chunk: self.written,
                at_ms,
                payload: sound.map_or_else(|| self.silence.clone(), |sound| self.coding.encode(sound)),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::RelayCodec;

    fn written(slate: &mut Slate, number: u64, values: &[Option<i16>]) -> (u64, Vec<(usize, u64, u64, i16)>) {
        let sound = |value: &Option<i16>| value.map(|value| vec![value; 160]);
        let round = Round {
            number,
            tracks: values.iter().map(sound).collect(),
        };
        let mut frames = Vec::new();
        let left_out = slate.write(&round, |frame| {
            assert_eq!(frame.payload.len(), 320);
            let first = i16::from_le_bytes([frame.payload[0], frame.payload[1]]);
            frames.push((frame.track, frame.chunk, frame.at_ms, first));
        });
        (left_out, frames)
    }

    fn slate(tracks: usize) -> Slate {
        Slate::new(Coding::new(RelayCodec::L16, 8_000), tracks)
    }

    #[test]
    fn silence_is_written_too_and_missing_rounds_are() {
        let mut slate = slate(2);
        assert_eq!(
            written(&mut slate, 70, &[Some(100), None]),
            (0, vec![(0, 1, 0, 100), (1, 1, 0, 0)])
        );
        let (left_out, frames) = written(&mut slate, 72, &[None, Some(7)]);
        assert_eq!(left_out, 0);
        assert_eq!(
            frames,
            [(0, 2, 20, 0), (1, 2, 20, 0), (0, 3, 40, 0), (1, 3, 40, 7)]
        );
        assert_eq!(
            written(&mut slate, 71, &[Some(1), Some(1)]),
            (0, vec![]),
            "the past is over"
        );
    }

    #[test]
    fn after_a_long_gap_the_past_is_left_out_and_the_count_is_kept() {
        let mut slate = slate(1);
        written(&mut slate, 0, &[None]);
        let (left_out, frames) = written(&mut slate, 3_000, &[Some(5)]);
        assert_eq!(left_out, 2_899);
        assert_eq!((frames.len(), frames[0].1), (101, 2_901));
        assert_eq!(frames[100], (0, 3_001, 60_000, 5));
    }
}
