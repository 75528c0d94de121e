//! What came of a peer's stream: order, loss and jitter, as RTCP reports them.
//!
//! Counts only; the sound goes through the jitter buffer. A new SSRC, or a sequence that jumps and stays there, starts
//! a new count, and what the old one had lost is kept in the sum.
//!
//! Sources: RFC 3550, sections A.1 (sequence numbers), A.3 (loss), A.8 (jitter) and 6.4.1 (report blocks).

use crate::moment::Moment;
use crate::rtcp::Block;

/// A forward step up to this is loss, beyond it a jump (RFC 3550, A.1).
const MAX_DROPOUT: u16 = 3_000;

/// A step back up to this is disorder, beyond it a jump (RFC 3550, A.1).
const MAX_MISORDER: u16 = 100;

/// How a packet stands to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The next one, or one after a loss, or one that comes out of order.
    Within,
    /// Far from all the others: not to be believed unless the next one follows it.
    Suspect,
    /// The first of a new sequence: a new SSRC, or the second in a row after a jump.
    Restart,
}

/// The count of one peer.
#[derive(Debug, Clone)]
pub struct Reception {
    clock_rate_hz: u32,
    current: Option<Count>,
    lost_before: i64,
    jitter_ts: f32,
}

#[derive(Debug, Clone)]
struct Count {
    ssrc: u32,
    base_seq: u32,
    highest_seq: u32,
    received: u32,
    expected_prior: u32,
    received_prior: u32,
    suspect_seq: Option<u16>,
    transit_ts: Option<i64>,
}

impl Count {
    fn new(ssrc: u32, seq: u16) -> Self {
        Self {
            ssrc,
            base_seq: u32::from(seq),
            highest_seq: u32::from(seq),
            received: 0,
            expected_prior: 0,
            received_prior: 0,
            suspect_seq: None,
            transit_ts: None,
        }
    }

    fn expected(&self) -> u32 {
        self.highest_seq.wrapping_sub(self.base_seq).wrapping_add(1)
    }

    fn lost(&self) -> i32 {
        self.expected().wrapping_sub(self.received) as i32
    }
}

impl Default for Reception {
    /// For a clock of telephone sound.
    fn default() -> Self {
        Self {
            clock_rate_hz: 8_000,
            current: None,
            lost_before: 0,
            jitter_ts: 0.0,
        }
    }
}

impl Reception {
    /// Read timestamps by this clock from now on.
    pub fn set_clock(&mut self, clock_rate_hz: u32) {
        if clock_rate_hz != self.clock_rate_hz {
            self.jitter_ts = 0.0;
            self.clock_rate_hz = clock_rate_hz;
            if let Some(count) = self.current.as_mut() {
                count.transit_ts = None;
            }
        }
    }

    /// Count a packet and say how it stands to those before.
    pub fn count(&mut self, ssrc: u32, seq: u16) -> Standing {
        let Some(count) = self.current.as_mut().filter(|count| count.ssrc == ssrc) else {
            self.restart(ssrc, seq);
            return Standing::Restart;
        };
        let step = seq.wrapping_sub(count.highest_seq as u16);
        if step < MAX_DROPOUT {
            count.highest_seq = count.highest_seq.wrapping_add(u32::from(step));
        } else if step <= u16::MAX - MAX_MISORDER {
            if count.suspect_seq != Some(seq) {
                count.suspect_seq = Some(seq.wrapping_add(1));
                return Standing::Suspect;
            }
            self.restart(ssrc, seq);
            return Standing::Restart;
        }
        count.suspect_seq = None;
        count.received += 1;
        Standing::Within
    }

    fn restart(&mut self, ssrc: u32, seq: u16) {
        self.lost_before = self.lost();
        let mut count = Count::new(ssrc, seq);
        count.received = 1;
        self.current = Some(count);
    }

    /// Let a packet of sound tell about jitter. Events do not qualify: their timestamps stand still.
    pub fn time(&mut self, timestamp: u32, arrived: Moment) {
        let Some(count) = self.current.as_mut() else {
            return;
        };
        let arrived_ts = (arrived.us() * u64::from(self.clock_rate_hz) / 1_000_000) as i64;
        // Both wrap: only their low 32 bits can be compared.
        let transit = i64::from((arrived_ts as u32).wrapping_sub(timestamp) as i32);
        if let Some(before) = count.transit_ts.replace(transit) {
            let change = (transit - before).unsigned_abs() as f32;
            // A second or more is a jump of the sender's clock, not jitter.
            if change < self.clock_rate_hz as f32 {
                self.jitter_ts += (change - self.jitter_ts) / 16.0;
            }
        }
    }

    /// Packets expected and not received since the stream opened. Each one that comes twice makes it one less.
    pub fn lost(&self) -> i64 {
        self.lost_before + self.current.as_ref().map_or(0, |count| i64::from(count.lost()))
    }

    /// Interarrival jitter in ms.
    pub fn jitter_ms(&self) -> f32 {
        self.jitter_ts * 1_000.0 / self.clock_rate_hz as f32
    }

    /// Who is counted now.
    pub fn ssrc(&self) -> Option<u32> {
        self.current.as_ref().map(|count| count.ssrc)
    }

    /// Write the report block on this peer and begin the next interval. Times of the last SR are the caller's to add.
    pub fn report(&mut self) -> Option<Block> {
        let count = self.current.as_mut()?;
        let expected = count.expected();
        let expected_interval = expected.wrapping_sub(count.expected_prior);
        let received_interval = count.received.wrapping_sub(count.received_prior);
        let lost_interval = i64::from(expected_interval) - i64::from(received_interval);
        let fraction = if lost_interval <= 0 || expected_interval == 0 {
            0
        } else {
            (lost_interval * 256 / i64::from(expected_interval)).min(255)
        };
        count.expected_prior = expected;
        count.received_prior = count.received;
        Some(Block {
            ssrc: count.ssrc,
            fraction_lost: fraction as u8,
            lost: count.lost(),
            highest_seq: count.highest_seq,
            jitter_ts: self.jitter_ts as u32,
            last_report: 0,
            delay: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_across_the_wrap_of_the_sequence() {
        let mut reception = Reception::default();
        for seq in [65_534_u16, 65_535, 1, 2] {
            reception.count(9, seq);
        }
        assert_eq!(reception.lost(), 1);
        let block = reception.report().unwrap();
        assert_eq!(
            (block.lost, block.highest_seq, block.fraction_lost),
            (1, 0x1_0002, 51)
        );
        assert_eq!(
            reception.report().unwrap().fraction_lost,
            0,
            "the next interval has lost nothing"
        );
    }

    #[test]
    fn one_stray_number_is_suspect_and_two_in_a_row_are_a_new_start() {
        let mut reception = Reception::default();
        reception.count(9, 10);
        assert_eq!(reception.count(9, 30_000), Standing::Suspect);
        assert_eq!(reception.count(9, 11), Standing::Within);
        assert_eq!(reception.count(9, 40_000), Standing::Suspect);
        assert_eq!(reception.count(9, 40_001), Standing::Restart);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn a_new_source_starts_a_new_count_and_keeps_the_old_losses() {
        let mut reception = Reception::default();
        for (ssrc, seq) in [(1, 5), (1, 8), (2, 1_000), (2, 1_001)] {
            reception.count(ssrc, seq);
        }
        assert_eq!((reception.lost(), reception.ssrc()), (2, Some(2)));
    }

    #[test]
    fn an_even_stream_has_no_jitter_and_an_uneven_one_has() {
        let mut even = Reception::default();
        let mut uneven = Reception::default();
        for i in 0..200_u64 {
            for (reception, late_us) in [(&mut even, 0), (&mut uneven, (i % 2) * 10_000)] {
                reception.count(1, i as u16);
                reception.time(i as u32 * 160, Moment::from_us(i * 20_000 + late_us));
            }
        }
        assert!(even.jitter_ms() < 0.01 && (9.0..11.0).contains(&uneven.jitter_ms()));
    }
}
