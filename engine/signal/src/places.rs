//! Who holds how many of the connections: there are so many in all, and one address may not have them all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// Of all connections, the share that one address may have where nothing else is said.
const SHARE: usize = 4;

/// Counts connections by where they come from.
pub(crate) struct Places {
    limit: usize,
    each: Option<usize>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// A place among the connections, given back when it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    whose: Option<IpAddr>,
}

impl Places {
    /// Have so many in all, and for each address so many; None: a quarter of them, and this machine's own programs (a
    /// proxy that browsers come through) as many as there are.
    pub fn new(limit: usize, each: Option<usize>) -> Self {
        Self {
            limit,
            each,
            taken: Mutex::default(),
        }
    }

    /// Take a place for a connection that comes from this address; None if it has too many, or all are taken.
    pub fn take_for(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let whose = network(from);
        let each = match self.each {
            Some(each) => each,
            None if whose.is_loopback() => self.limit,
            None => (self.limit / SHARE).max(1),
        };
        let mut taken = self.taken.lock();
        if taken.all >= self.limit || taken.by.get(&whose).is_some_and(|held| *held >= each) {
            return None;
        }
        taken.all += 1;
        *taken.by.entry(whose).or_default() += 1;
        Some(self.place(Some(whose)))
    }

    /// Take a place for a connection of our own making; None if all are taken.
    pub fn take(self: &Arc<Self>) -> Option<Place> {
        let mut taken = self.taken.lock();
        if taken.all >= self.limit {
            return None;
        }
        taken.all += 1;
        Some(self.place(None))
    }

    fn place(self: &Arc<Self>, whose: Option<IpAddr>) -> Place {
        let places = Arc::clone(self);
        Place { places, whose }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        taken.all -= 1;
        let Some(whose) = self.whose else { return };
        if let Some(held) = taken.by.get_mut(&whose) {
            *held -= 1;
            if *held == 0 {
                taken.by.remove(&whose);
            }
        }
    }
}

/// Whose an address is: of IPv6, all of a /64 are one customer's (RFC 6177 gives nobody less).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_has_a_share_and_leaves_the_others_theirs() {
        let places = Arc::new(Places::new(8, None));
        let greedy: Vec<_> = (0..5).map(|_| places.take_for(at("192.0.2.1"))).collect();
        assert_eq!(greedy.iter().flatten().count(), 2);
        assert!(places.take_for(at("::ffff:192.0.2.1")).is_none());
        assert!(places.take_for(at("192.0.2.2")).is_some());
        drop(greedy);
        assert!(places.take_for(at("192.0.2.1")).is_some());
        assert!(places.taken.lock().by.is_empty() && places.taken.lock().all == 0);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let places = Arc::new(Places::new(4, Some(1)));
        let held = places.take_for(at("2001:db8::1"));
        assert!(held.is_some() && places.take_for(at("2001:db8::ffff:2")).is_none());
        assert!(places.take_for(at("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn programs_of_this_machine_have_all_there_are_unless_it_is_said() {
        let places = Arc::new(Places::new(8, None));
        let held: Vec<_> = (0..9).map(|_| places.take_for(at("127.0.0.1"))).collect();
        assert_eq!(held.iter().flatten().count(), 8);
        assert!(places.take().is_none() && places.take_for(at("192.0.2.1")).is_none());
        drop(held);
        let places = Arc::new(Places::new(8, Some(3)));
        let held: Vec<_> = (0..9).map(|_| places.take_for(at("127.0.0.1"))).collect();
        assert_eq!(held.iter().flatten().count(), 3);
        assert!(places.take().is_some());
    }
}
