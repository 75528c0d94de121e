//! The way of sound out of a real-time thread: a bounded ring of samples, each frame behind a head that says what it is.
//!
//! What does not fit is dropped; a head without a frame says so, for which some room is kept.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use mixer::frame::{samples_at, LONGEST_FRAME};
use mixer::{Ear, Heard, Moment};
use rtrb::{Consumer, Producer, RingBuffer};

/// Room of one ring in samples, 8 MiB: 600 tracks of telephone sound for 0.8 s. Memory that is never used is never taken.
const SAMPLES: usize = 4 << 20;

/// Of that, kept for heads alone.
const RESERVE: usize = SAMPLES / 16;

/// The words of a head: the moment in µs, the mark, the ear, and the rate in units of 100 Hz.
const HEAD: usize = 8;

/// Where a real-time thread puts what is listened to.
pub(crate) struct Mouth {
    ring: Producer<i16>,
    words: [i16; HEAD + LONGEST_FRAME],
    /// Frames that were lost without a head to say so.
    unsaid: Arc<AtomicU64>,
}

/// Where it is taken out again.
pub(crate) struct Drain {
    ring: Consumer<i16>,
    words: [i16; HEAD + LONGEST_FRAME],
}

/// A frame out of the ring.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Caught<'a> {
    pub at: Moment,
    pub mark: u32,
    pub ear: Ear,
    pub rate_hz: u32,
    /// None: there was no room for it.
    pub frame: Option<&'a [i16]>,
}

/// A ring.
pub(crate) fn ring(unsaid: Arc<AtomicU64>) -> (Mouth, Drain) {
    let (producer, consumer) = RingBuffer::new(SAMPLES);
    let words = [0; HEAD + LONGEST_FRAME];
    let mouth = Mouth {
        ring: producer,
        words,
        unsaid,
    };
    (
        mouth,
        Drain {
            ring: consumer,
            words,
        },
    )
}

impl Mouth {
    /// Put a frame in.
    pub fn say(&mut self, heard: &Heard<'_>) {
        let length = heard.frame.len().min(LONGEST_FRAME);
        let fits = self.ring.slots() >= RESERVE + HEAD + length;
        self.words[..HEAD].copy_from_slice(&head(heard, fits));
        let words = if fits {
            self.words[HEAD..HEAD + length].copy_from_slice(&heard.frame[..length]);
            HEAD + length
        } else {
            HEAD
        };
        // RT: copied whole or not at all.
        if self.ring.push_entire_slice(&self.words[..words]).is_err() {
            self.unsaid.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drain {
    /// Take the next frame out.
    pub fn take(&mut self) -> Option<Caught<'_>> {
        let (head, rest) = self.words.split_at_mut(HEAD);
        self.ring.pop_entire_slice(head).ok()?;
        let word = |at: usize| u64::from(head[at] as u16);
        let us = word(0) | word(1) << 16 | word(2) << 32 | word(3) << 48;
        let mark = (word(4) | word(5) << 16) as u32;
        let ear = Ear::from_bit(head[6] as u8)?;
        let rate_hz = u32::from(head[7].unsigned_abs()) * 100;
        let frame = if head[7] > 0 {
            let frame = &mut rest[..samples_at(rate_hz)];
            // Head and frame were put in at once.
            self.ring.pop_entire_slice(frame).ok()?;
            Some(&*frame)
        } else {
            None
        };
        Some(Caught {
            at: Moment::from_us(us),
            mark,
            ear,
            rate_hz,
            frame,
        })
    }
}

/// A negative rate: no frame follows.
fn head(heard: &Heard<'_>, fits: bool) -> [i16; HEAD] {
    let (us, mark) = (heard.at.us(), heard.mark);
    let word = |value: u64| value as u16 as i16;
    let rate = (heard.rate_hz / 100) as i16;
    [
        word(us),
        word(us >> 16),
        word(us >> 32),
        word(us >> 48),
        word(u64::from(mark)),
        word(u64::from(mark >> 16)),
        i16::from(heard.ear as u8),
        if fits { rate } else { -rate },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(frame: &[i16], us: u64) -> Heard<'_> {
        Heard {
            at: Moment::from_us(us),
            mark: 0xFFFF_0001,
            ear: Ear::Out,
            rate_hz: frame.len() as u32 * 50,
            frame,
        }
    }

    #[test]
    fn frames_of_any_rate_come_out_as_they_went_in() {
        let (mut mouth, mut drain) = ring(Arc::default());
        for (samples, us) in [(160, 5_000), (960, u64::MAX - 7), (320, 1 << 40)] {
            let frame: Vec<i16> = (0..samples).map(|at| at - 500).collect();
            mouth.say(&heard(&frame, us));
            let caught = drain.take().unwrap();
            assert_eq!(
                (caught.at.us(), caught.mark, caught.ear),
                (us, 0xFFFF_0001, Ear::Out)
            );
            assert_eq!(
                (caught.rate_hz, caught.frame),
                (samples as u32 * 50, Some(&frame[..]))
            );
        }
        assert!(drain.take().is_none());
    }

    #[test]
    fn what_does_not_fit_is_told_one_by_one_and_then_counted() {
        let unsaid = Arc::new(AtomicU64::new(0));
        let (mut mouth, mut drain) = ring(unsaid.clone());
        let frame = [1; 160];
        let fitting = (SAMPLES - RESERVE) / (HEAD + 160);
        for at in 0..fitting + SAMPLES / HEAD {
            mouth.say(&heard(&frame, at as u64));
        }
        let mut caught = (0, 0);
        while let Some(it) = drain.take() {
            assert_eq!(it.at.us(), caught.0 + caught.1);
            match it.frame {
                Some(_) => caught.0 += 1,
                None => caught.1 += 1,
            }
        }
        assert_eq!(caught.0, fitting as u64);
        assert_eq!(
            caught.0 + caught.1 + unsaid.load(Ordering::Relaxed),
            (fitting + SAMPLES / HEAD) as u64
        );
        assert!(caught.1 > 1_000 && unsaid.load(Ordering::Relaxed) > 0);
    }
}
