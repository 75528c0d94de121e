//! How often a peer's packets come: so that its socket is read once for each that is to be expected.
//!
//! Reading until nothing is left costs one call too many for every packet. Here the arrival of the packet just read
//! tells whether the next one should be there already. What comes early waits in the kernel for the next serving, when
//! it is old enough to ask for two; so nothing stays behind for longer than a frame.

use mixer::Moment;

/// Packets further apart than this are expected at this distance all the same: a frame is read for at each serving.
const WIDEST_US: i64 = 20_000;

/// After a longer pause those that did not come may all be here, one behind the other.
const PAUSE_US: i64 = 30_000;

/// One new distance counts for this part of the expected one.
const SHARE: i64 = 8;

/// The pace of one stream's packets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    latest: Moment,
    distance_us: i64,
}

impl Default for Pace {
    /// Until it is known, as close as packets can be: everything that is there is read.
    fn default() -> Self {
        Self {
            latest: Moment::default(),
            distance_us: 0,
        }
    }
}

impl Pace {
    /// Note when a packet arrived.
    pub fn note(&mut self, arrived: Moment) {
        let distance_us = arrived.since_us(self.latest).max(0);
        self.latest = arrived;
        if distance_us > PAUSE_US {
            self.distance_us = 0;
        } else {
            self.distance_us += (distance_us.min(WIDEST_US) - self.distance_us) / SHARE;
        }
    }

    /// Whether the packet after the one noted last should be there by now.
    pub fn expects_another(&self, now: Moment) -> bool {
        now.since_us(self.latest) >= self.distance_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serve every 20 ms what comes every `apart_us`, `late_us(i)` after its time; give reads and what is left behind.
    fn serve(apart_us: u64, late_us: impl Fn(u64) -> u64) -> (usize, Vec<usize>) {
        let arrivals: Vec<u64> = (0..20_000_000 / apart_us)
            .map(|i| i * apart_us + late_us(i))
            .collect();
        let (mut pace, mut taken, mut reads, mut behind) = (Pace::default(), 0, 0, Vec::new());
        for now in (1..950).map(|serving| serving * 20_000 + 7_000) {
            loop {
                reads += 1;
                let Some(&arrived) = arrivals.get(taken).filter(|at| **at <= now) else {
                    break;
                };
                taken += 1;
                pace.note(Moment::from_us(arrived));
                if !pace.expects_another(Moment::from_us(now)) {
                    break;
                }
            }
            behind.push(arrivals[taken..].iter().take_while(|at| **at <= now).count());
        }
        (reads, behind)
    }

    #[test]
    fn an_even_peer_is_read_once_for_each_packet() {
        let (reads, behind) = serve(20_000, |_| 0);
        assert!((949..1_000).contains(&reads), "{reads}");
        assert!(behind.iter().all(|count| *count == 0));
    }

    #[test]
    fn short_packets_are_all_read() {
        let (reads, behind) = serve(10_000, |_| 0);
        assert!((1_898..2_050).contains(&reads), "{reads}");
        assert!(behind.iter().all(|count| *count == 0));
    }

    #[test]
    fn uneven_arrivals_leave_one_behind_at_most_and_never_for_long() {
        let (reads, behind) = serve(20_000, |i| (i * 7_919) % 13_000);
        assert!(reads < 1_500, "{reads}");
        assert!(behind.windows(3).all(|spell| spell.contains(&0)), "{behind:?}");
        assert!(behind.iter().all(|count| *count <= 1));
    }

    #[test]
    fn what_a_stall_has_piled_up_is_read_at_once() {
        let (_, behind) = serve(20_000, |i| {
            if (100..110).contains(&i) {
                (110 - i) * 20_000
            } else {
                0
            }
        });
        assert!(behind.iter().all(|count| *count <= 1), "{behind:?}");
    }
}
