//! What one endpoint has heard: counted packet by packet, told act by act.
//!
//! Missing is held against the wall clock, so that a server that falls behind and sends fewer packets with unbroken
//! sequence numbers is found out. Late is held against the packet's own timestamp: a listener's buffer waits for no more.

use crate::histogram::Histogram;

/// Length of every packet's sound.
pub const PACKET_NS: i64 = 20_000_000;

/// So long after its turn a packet is of no use to the listener any more.
const LATE_NS: i64 = 40_000_000;

/// A silence up to here may yet be a packet on its way; a longer one is missing packets.
const PATIENCE_NS: i64 = 3 * PACKET_NS;

/// A timestamp that jumps so far, in packets, begins a new count.
const JUMP: i64 = 500;

/// The parts of a packet that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// When the kernel took it, in ns of Unix time.
    pub arrived_ns: i64,
    /// Its source.
    pub ssrc: u32,
    /// Its sequence number.
    pub seq: u16,
    /// Its timestamp, in the clock of its codec.
    pub timestamp: u32,
}

/// What all endpoints together heard in one act.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Packets that should have come.
    pub expected: u64,
    /// Packets that came, duplicates apart.
    pub received: u64,
    /// Of those expected, the ones that did not come.
    pub missing: u64,
    /// Came more than 40 ms after their turn.
    pub late: u64,
    /// Came twice in a row.
    pub duplicate: u64,
    /// Between one packet and the next.
    pub gaps: Histogram,
}

/// One endpoint's.
#[derive(Debug, Clone)]
pub struct Ear {
    /// Up to here, in ns of Unix time, all packets are accounted for.
    mark_ns: i64,
    received: u64,
    last: Option<Heard>,
    /// Arrival less sound since the first packet, least in the act before and in this one.
    least_before_ns: i64,
    least_ns: i64,
    /// Sound since the first packet.
    sound_ns: i64,
}

impl Ear {
    /// Nothing heard yet; listening begins now.
    pub fn new(now_ns: i64) -> Self {
        Self {
            mark_ns: now_ns,
            received: 0,
            last: None,
            least_before_ns: i64::MAX,
            least_ns: i64::MAX,
            sound_ns: 0,
        }
    }

    /// Hear a packet of a codec whose timestamps rise by `step` each.
    pub fn hear(&mut self, packet: Heard, step: u32, account: &mut Account) {
        match self.last {
            Some(last) if last.ssrc == packet.ssrc && last.seq == packet.seq => {
                account.duplicate += 1;
                return;
            }
            Some(last) => {
                account.gaps.add(packet.arrived_ns - last.arrived_ns);
                self.follow(last, packet, step);
            }
            None => {}
        }
        let transit_ns = packet.arrived_ns - self.sound_ns;
        self.least_ns = self.least_ns.min(transit_ns);
        if transit_ns - self.least_ns.min(self.least_before_ns) > LATE_NS {
            account.late += 1;
        }
        self.received += 1;
        self.last = Some(packet);
    }

    fn follow(&mut self, last: Heard, packet: Heard, step: u32) {
        let advanced = i64::from(packet.timestamp.wrapping_sub(last.timestamp) as i32);
        let step = i64::from(step.max(1));
        if packet.ssrc != last.ssrc || advanced.abs() > JUMP * step {
            (self.least_ns, self.least_before_ns) = (i64::MAX, i64::MAX);
        } else {
            self.sound_ns += advanced * PACKET_NS / step;
        }
    }

    /// End an act: add what was heard in it, and begin the next.
    pub fn close(&mut self, now_ns: i64, account: &mut Account) {
        let last_ns = self
            .last
            .map_or(self.mark_ns, |last| last.arrived_ns.max(self.mark_ns));
        let until_ns = if now_ns - last_ns > PATIENCE_NS {
            now_ns
        } else {
            last_ns
        };
        let expected = ((until_ns - self.mark_ns + PACKET_NS / 2) / PACKET_NS).max(0) as u64;
        account.received += self.received;
        account.missing += expected.saturating_sub(self.received);
        account.expected += expected;
        self.received = 0;
        self.mark_ns = until_ns;
        self.least_before_ns = self.least_ns;
        self.least_ns = i64::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(n: i64, delay_ms: i64) -> Heard {
        Heard {
            arrived_ns: n * PACKET_NS + delay_ms * 1_000_000,
            ssrc: 1,
            seq: n as u16,
            timestamp: n as u32 * 160,
        }
    }

    /// Hear packets 1.. with these delays in ms; None is a packet that never came.
    fn account_of(delays_ms: impl IntoIterator<Item = Option<i64>>) -> Account {
        let (mut ear, mut account, mut n) = (Ear::new(0), Account::default(), 0);
        for delay_ms in delays_ms {
            n += 1;
            if let Some(delay_ms) = delay_ms {
                ear.hear(packet(n, delay_ms), 160, &mut account);
            }
        }
        ear.close((n + 1) * PACKET_NS, &mut account);
        account
    }

    #[test]
    fn a_clean_stream_misses_nothing() {
        let account = account_of((0..500).map(|_| Some(3)));
        assert_eq!((account.expected, account.received), (500, 500));
        assert_eq!((account.missing, account.late), (0, 0));
        assert!((account.gaps.quantile_ms(0.99) - 20.0).abs() < 0.11);
    }

    #[test]
    fn what_did_not_come_is_missing_even_when_the_numbers_do_not_show_it() {
        let account = account_of((0..500).map(|n| (n % 10 != 5).then_some(0)));
        assert_eq!(account.missing, 50);
        let (mut ear, mut account) = (Ear::new(0), Account::default());
        for n in 1..=50 {
            // Unbroken numbers, but a packet each 40 ms.
            let slow = Heard {
                arrived_ns: n * 2 * PACKET_NS,
                ..packet(n, 0)
            };
            ear.hear(slow, 160, &mut account);
        }
        ear.close(101 * PACKET_NS, &mut account);
        assert_eq!((account.expected, account.missing), (100, 50));
        assert!(account.late > 40, "each comes 20 ms later than the one before");
    }

    #[test]
    fn only_what_comes_more_than_40_ms_after_its_turn_is_late() {
        let account = account_of((0..100).map(|n| Some(if n == 50 { 45 } else { 2 })));
        assert_eq!(account.late, 1);
        assert_eq!(account_of((0..100).map(|n| Some(n % 30))).late, 0);
    }

    #[test]
    fn silence_is_missing_packets_and_is_not_counted_again_in_the_next_act() {
        let (mut ear, mut account) = (Ear::new(0), Account::default());
        ear.close(100 * PACKET_NS, &mut account);
        assert_eq!((account.expected, account.missing), (100, 100));
        let mut next = Account::default();
        for n in 101..=200 {
            ear.hear(packet(n, 0), 160, &mut next);
        }
        ear.close(200 * PACKET_NS + 1, &mut next);
        assert_eq!((next.expected, next.missing), (100, 0));
    }

    #[test]
    fn acts_do_not_lose_the_packet_between_them() {
        let (mut ear, mut total) = (Ear::new(0), Account::default());
        for n in 1..=1_000 {
            ear.hear(packet(n, n % 7), 160, &mut total);
            if n % 100 == 0 {
                ear.close(n * PACKET_NS + 10_000_000, &mut total);
            }
        }
        assert_eq!((total.expected, total.received, total.missing), (1_000, 1_000, 0));
    }

    #[test]
    fn a_duplicate_is_counted_apart_and_a_new_source_begins_anew() {
        let (mut ear, mut account) = (Ear::new(0), Account::default());
        ear.hear(packet(1, 0), 160, &mut account);
        ear.hear(packet(1, 1), 160, &mut account);
        let other = Heard {
            ssrc: 2,
            timestamp: 77_000_000,
            ..packet(2, 0)
        };
        ear.hear(other, 160, &mut account);
        ear.close(2 * PACKET_NS + 1, &mut account);
        assert_eq!((account.received, account.duplicate, account.late), (2, 1, 0));
    }
}
