//! Addresses whose new calls and registrations are dropped for a while, because the brain said so.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

const ADDRESSES: usize = 8_192;

/// Who is shunned, and until when.
#[derive(Default)]
pub(crate) struct Shunned {
    until: Mutex<HashMap<IpAddr, Instant>>,
    dropped: AtomicU64,
}

impl Shunned {
    /// Shun an address for so long from now on; zero: no longer.
    pub fn shun(&self, host: IpAddr, time: Duration, now: Instant) {
        let mut until = self.until.lock();
        until.remove(&host);
        if time.is_zero() {
            return;
        }
        if until.len() >= ADDRESSES {
            until.retain(|_, end| *end > now);
        }
        // From thousands of addresses at once it is no guessing of passwords; the limit of each address remains.
        if until.len() < ADDRESSES {
            until.insert(host, now + time);
        }
    }

    /// Whether what begins something new is to be dropped; counts it if it is.
    pub fn drops(&self, host: IpAddr, now: Instant) -> bool {
        let shunned = self.until.lock().get(&host).is_some_and(|end| *end > now);
        if shunned {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            if dropped.is_power_of_two() {
                tracing::info!(source = %host, dropped, "requests of shunned addresses dropped");
            }
        }
        shunned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shunned_for_its_time_and_no_longer() {
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let (shunned, now) = (Shunned::default(), Instant::now());
        shunned.shun(one, Duration::from_secs(60), now);
        assert!(shunned.drops(one, now) && !shunned.drops(other, now));
        assert!(!shunned.drops(one, now + Duration::from_secs(61)));
        shunned.shun(one, Duration::ZERO, now);
        assert!(!shunned.drops(one, now));
    }

    #[test]
    fn memory_stays_bounded() {
        let (shunned, now) = (Shunned::default(), Instant::now());
        for n in 0..20_000_u32 {
            shunned.shun(IpAddr::from(n.to_be_bytes()), Duration::from_secs(60), now);
        }
        assert!(shunned.until.lock().len() <= ADDRESSES);
    }
}
