//! Sound that comes while it plays: a bounded ring between whoever brings it and the mix.
//!
//! One writer, on any thread that is not a real-time one; readers on real-time threads, of which one at a time hears
//! it. Where the ring is empty there is silence; where it is full the writer is told. Time that nobody listens passes
//! all the same: what would have been heard then is gone.

use std::sync::atomic::{AtomicI16, AtomicU64, Ordering};
use std::sync::Arc;

use codecs::Resampler;

use crate::frame::{samples_at, Frame, LONGEST_FRAME};
use crate::moment::Moment;

/// Rate of live sound, in Hz: as wide as most conferences are mixed.
pub const RATE_HZ: u32 = 16_000;

/// Samples that fit: about a second.
const ROOM: usize = 16_384;

/// A frame of 20 ms.
const FRAME: usize = samples_at(RATE_HZ);

/// After so long without a listener, in microseconds, sound passes unheard.
const UNHEARD_US: i64 = 100_000;

/// The ring. Counts of samples never wrap: 64 bits last for ever.
#[derive(Debug)]
pub struct Live {
    samples: Box<[AtomicI16]>,
    written: AtomicU64,
    played: AtomicU64,
    /// When it was played last, in microseconds; 0 = never.
    asked_us: AtomicU64,
}

impl Live {
    /// An empty one.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            samples: (0..ROOM).map(|_| AtomicI16::new(0)).collect(),
            written: AtomicU64::new(0),
            played: AtomicU64::new(0),
            asked_us: AtomicU64::new(0),
        })
    }

    /// Put samples in, as many as fit; gives how many. Only one thread may write.
    pub fn write(&self, samples: &[i16]) -> usize {
        let written = self.written.load(Ordering::Relaxed);
        let count = samples.len().min(ROOM - self.waiting());
        for (i, sample) in samples[..count].iter().enumerate() {
            self.samples[(written as usize + i) % ROOM].store(*sample, Ordering::Relaxed);
        }
        self.written.store(written + count as u64, Ordering::Release);
        count
    }

    /// Samples put in since the beginning.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Samples that have been played, or have passed unheard, or were cleared.
    pub fn played(&self) -> u64 {
        self.played.load(Ordering::Acquire)
    }

    /// Samples that wait to be played.
    pub fn waiting(&self) -> usize {
        let played = self.played();
        self.written().saturating_sub(played) as usize
    }

    /// Forget all that waits. For the writer.
    pub fn clear(&self) {
        self.played.fetch_max(self.written(), Ordering::AcqRel);
    }

    /// Let samples pass unheard, as many as there are.
    pub fn skip(&self, count: u64) {
        let played = self.played();
        let to = self.written().min(played + count);
        self.move_on(played, to);
    }

    /// Take what plays next; silence where nothing waits. Who reads at the same time as somebody else hears nothing.
    // RT: loads and stores of atomics, no lock.
    fn read(&self, now: Moment, out: &mut [i16; FRAME]) {
        self.asked_us.store(now.us().max(1), Ordering::Relaxed);
        let played = self.played();
        let count = (self.written().saturating_sub(played) as usize).min(FRAME);
        for (i, sample) in out[..count].iter_mut().enumerate() {
            *sample = self.samples[(played as usize + i) % ROOM].load(Ordering::Relaxed);
        }
        out[count..].fill(0);
        if !self.move_on(played, played + count as u64) {
            out.fill(0);
        }
    }

    /// Let time pass without a listener.
    fn pass(&self, now: Moment) {
        let asked_us = self.asked_us.load(Ordering::Relaxed);
        let unheard_us = now.us() as i64 - asked_us as i64;
        if asked_us != 0 && unheard_us < UNHEARD_US {
            return;
        }
        let claimed =
            self.asked_us
                .compare_exchange(asked_us, now.us().max(1), Ordering::Relaxed, Ordering::Relaxed);
        if claimed.is_ok() && asked_us != 0 {
            self.skip(unheard_us as u64 * u64::from(RATE_HZ) / 1_000_000);
        }
    }

    fn move_on(&self, from: u64, to: u64) -> bool {
        self.played
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }
}

/// One player's end of a ring: all who listen at one moment hear the same.
#[derive(Debug)]
pub struct Tap {
    live: Arc<Live>,
    resampler: Resampler,
    mix_hz: u32,
    at: Option<Moment>,
    frame: Frame,
}

impl Tap {
    /// Allocates; nothing else here does.
    pub fn new(live: Arc<Live>) -> Self {
        Self {
            live,
            resampler: Resampler::new(RATE_HZ, RATE_HZ).expect("a rate of the mix"),
            mix_hz: RATE_HZ,
            at: None,
            frame: [0; LONGEST_FRAME],
        }
    }

    /// Write the frame of this moment.
    pub fn write(&mut self, now: Moment, mix_hz: u32, frame: &mut [i16]) {
        if self.mix_hz != mix_hz {
            let known = self.resampler.retune(RATE_HZ, mix_hz);
            debug_assert!(known.is_ok());
            (self.mix_hz, self.at) = (mix_hz, None);
        }
        if self.at != Some(now) {
            let mut sound = [0; FRAME];
            self.live.read(now, &mut sound);
            self.resampler.resample(&sound, &mut self.frame);
            self.at = Some(now);
        }
        let count = frame.len().min(samples_at(mix_hz));
        frame[..count].copy_from_slice(&self.frame[..count]);
        frame[count..].fill(0);
    }

    /// Whether somebody hears it at this moment.
    pub fn is_heard_at(&self, now: Moment) -> bool {
        self.at == Some(now)
    }

    /// Let time pass, heard or not.
    pub fn pass(&mut self, now: Moment) {
        self.live.pass(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame_at(tap: &mut Tap, ms: u64) -> Vec<i16> {
        let mut frame = vec![1; samples_at(RATE_HZ)];
        tap.write(Moment::from_ms(ms), RATE_HZ, &mut frame);
        frame
    }

    #[test]
    fn all_who_listen_at_one_moment_hear_the_same_and_then_it_goes_on() {
        let live = Live::new();
        let mut tap = Tap::new(Arc::clone(&live));
        live.write(&(1..=400).collect::<Vec<i16>>());
        assert_eq!(frame_at(&mut tap, 20), (1..=320).collect::<Vec<i16>>());
        assert_eq!(frame_at(&mut tap, 20)[..3], [1, 2, 3]);
        let next = frame_at(&mut tap, 40);
        assert_eq!(
            (&next[..80], &next[80..83]),
            (&(321..=400).collect::<Vec<i16>>()[..], &[0, 0, 0][..])
        );
        assert_eq!(live.played(), 400);
    }

    #[test]
    fn a_full_ring_takes_no_more_and_goes_round() {
        let live = Live::new();
        let mut tap = Tap::new(Arc::clone(&live));
        assert_eq!(live.write(&vec![5; ROOM + 10]), ROOM);
        assert_eq!(live.write(&[6]), 0);
        frame_at(&mut tap, 20);
        assert_eq!(live.write(&[6; 400]), FRAME);
        live.skip(ROOM as u64 - FRAME as u64);
        assert_eq!(frame_at(&mut tap, 40), [6; FRAME]);
    }

    #[test]
    fn what_nobody_hears_passes_and_a_listener_stops_that() {
        let live = Live::new();
        let mut tap = Tap::new(Arc::clone(&live));
        live.write(&[1; 3_200]);
        for ms in (20..=120).step_by(20) {
            tap.pass(Moment::from_ms(ms));
        }
        assert_eq!(live.waiting(), 1_600, "100 ms passed");
        frame_at(&mut tap, 140);
        tap.pass(Moment::from_ms(140));
        assert_eq!(live.waiting(), 1_280);
        live.clear();
        assert_eq!(live.waiting(), 0);
    }

    #[test]
    fn a_tone_keeps_its_pitch_at_every_rate_of_the_mix() {
        for mix_hz in [8_000, 16_000, 48_000] {
            let live = Live::new();
            let mut tap = Tap::new(Arc::clone(&live));
            let wave =
                |i: usize| (9_000.0 * (std::f64::consts::TAU * 500.0 * i as f64 / 16_000.0).sin()) as i16;
            live.write(&(0..16_000).map(wave).collect::<Vec<i16>>());
            let mut heard = Vec::new();
            for round in 0..50 {
                let mut frame = vec![0; samples_at(mix_hz)];
                tap.write(Moment::from_ms(20 * round), mix_hz, &mut frame);
                heard.extend(frame);
            }
            let later = &heard[heard.len() / 10..];
            let crossings = later
                .windows(2)
                .filter(|pair| pair[0] < 0 && pair[1] >= 0)
                .count();
            assert!((448..=451).contains(&crossings), "{mix_hz}: {crossings}");
        }
    }
}
