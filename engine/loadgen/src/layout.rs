//! Where endpoints are: their phase within a frame, and the socket they share with some others of that phase.
//!
//! Neighbours, and so the members of a conference, come in different milliseconds. Sharing sockets is what lets one
//! system call send many packets; the server sees as many addresses as there are sockets, and a port of its own for each
//! endpoint.

use std::net::{Ipv4Addr, SocketAddrV4};

/// Phases within a frame, 1 ms apart.
pub const SLOTS: usize = 20;

/// Port of every endpoint's sound; its reports go to the port above.
pub const SOUND_PORT: u16 = 40_000;

/// Sockets that get an address of their own.
const MOST_SOCKETS: usize = 250 * 250;

/// How endpoints are spread over sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    endpoints: usize,
    per_socket: usize,
    network: u8,
}

impl Layout {
    /// Spread so many endpoints, with at most so many to a socket, over addresses 127.`network`.0.0 and above. Two
    /// programs that play at the same time need two networks.
    pub fn new(endpoints: usize, per_socket: usize, network: u8) -> Result<Self, String> {
        let it = Self {
            endpoints,
            per_socket: per_socket.max(1),
            network,
        };
        if it.sockets() > MOST_SOCKETS {
            return Err(format!("{endpoints} endpoints need too many addresses"));
        }
        Ok(it)
    }

    /// How many endpoints there are.
    pub fn endpoints(self) -> usize {
        self.endpoints
    }

    /// The millisecond of a frame in which an endpoint sends.
    pub fn slot_of(self, endpoint: usize) -> usize {
        endpoint % SLOTS
    }

    /// The socket of an endpoint.
    pub fn socket_of(self, endpoint: usize) -> usize {
        self.slot_of(endpoint) + SLOTS * (endpoint / SLOTS / self.per_socket)
    }

    /// How many sockets there are. Where a slot has fewer endpoints, some may stay unused.
    pub fn sockets(self) -> usize {
        SLOTS * self.endpoints.div_ceil(SLOTS).div_ceil(self.per_socket)
    }

    /// Where an endpoint receives.
    pub fn address_of(self, endpoint: usize) -> SocketAddrV4 {
        self.address_of_socket(self.socket_of(endpoint))
    }

    /// The address a socket is bound to: one of the loopback's that nothing else uses.
    pub fn address_of_socket(self, socket: usize) -> SocketAddrV4 {
        let (high, low) = ((socket / 250) as u8, (socket % 250) as u8 + 1);
        SocketAddrV4::new(Ipv4Addr::new(127, self.network, high, low), SOUND_PORT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn those_who_share_a_socket_send_in_the_same_millisecond() {
        let layout = Layout::new(3_210, 32, 10).unwrap();
        let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
        for endpoint in 0..layout.endpoints() {
            members
                .entry(layout.socket_of(endpoint))
                .or_default()
                .push(endpoint);
        }
        assert!(members.keys().all(|socket| *socket < layout.sockets()));
        for sharing in members.values() {
            assert!(sharing.len() <= 32);
            let slots: HashSet<_> = sharing.iter().map(|one| layout.slot_of(*one)).collect();
            assert_eq!(slots.len(), 1);
        }
    }

    #[test]
    fn a_socket_each_means_an_address_each() {
        let layout = Layout::new(5_000, 1, 10).unwrap();
        let addresses: HashSet<_> = (0..5_000).map(|one| layout.address_of(one)).collect();
        assert_eq!(addresses.len(), 5_000);
        assert!(addresses.iter().all(|one| one.ip().is_loopback()));
    }
}
