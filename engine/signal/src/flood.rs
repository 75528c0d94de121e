//! How many requests one address may send: a token bucket each, and never more than a few thousand buckets.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

const BUCKETS: usize = 8_192;

/// Counts requests by source address.
pub(crate) struct Flood {
    per_s: u32,
    buckets: HashMap<IpAddr, Bucket>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Flood {
    /// Allow this many requests a second from each address, twice that in a burst. 0 = no limit.
    pub fn new(per_s: u32) -> Self {
        Self {
            per_s,
            buckets: HashMap::new(),
        }
    }

    /// Take one request from this address, or say that it has sent too many.
    pub fn admits(&mut self, source: IpAddr, now: Instant) -> bool {
        if self.per_s == 0 {
            return true;
        }
        let burst = f64::from(self.per_s) * 2.0;
        if self.buckets.len() >= BUCKETS && !self.buckets.contains_key(&source) {
            self.forget_the_full(burst, now);
        }
        let bucket = self.buckets.entry(source).or_insert(Bucket {
            tokens: burst,
            filled: now,
        });
        bucket.fill(f64::from(self.per_s), burst, now);
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }

    fn forget_the_full(&mut self, burst: f64, now: Instant) {
        let per_s = f64::from(self.per_s);
        self.buckets.retain(|_, bucket| {
            bucket.fill(per_s, burst, now);
            bucket.tokens < burst
        });
        if self.buckets.len() >= BUCKETS {
            // A flood from thousands of addresses at once: starting over is kinder than growing without end.
            self.buckets.clear();
        }
    }
}

impl Bucket {
    fn fill(&mut self, per_s: f64, burst: f64, now: Instant) {
        let waited_s = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + waited_s * per_s).min(burst);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn one_address_is_held_to_its_rate_and_another_is_not() {
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let start = Instant::now();
        let mut flood = Flood::new(10);
        assert_eq!((0..50).filter(|_| flood.admits(one, start)).count(), 20);
        assert!(flood.admits(other, start));
        let later = start + Duration::from_secs(1);
        assert_eq!((0..50).filter(|_| flood.admits(one, later)).count(), 10);
    }

    #[test]
    fn memory_stays_bounded_and_zero_means_no_limit() {
        let now = Instant::now();
        let mut flood = Flood::new(1);
        for n in 0..20_000_u32 {
            flood.admits(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(flood.buckets.len() <= BUCKETS);
        let mut open = Flood::new(0);
        assert!((0..10_000).all(|_| open.admits("192.0.2.1".parse().unwrap(), now)));
    }
}
