//! UDP ports: a pair for each stream, out of the range the settings give.
//!
//! RTP takes an even port and RTCP the odd one above it (RFC 3550, section 11). The range is gone through in turn, so
//! that what still comes for a call that is over does not fall into the next one.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use nix::sys::socket::{setsockopt, sockopt::ReceiveTimestampns};
use rustix::net::sockopt::{set_ip_mtu_discover, set_ipv6_mtu_discover, set_ipv6_tclass};
use rustix::net::sockopt::{Ipv4PathMtuDiscovery, Ipv6PathMtuDiscovery};
use socket2::{Domain, Protocol, Socket, Type};

/// What the kernel keeps for us per socket, in bytes: a flood is dropped there and costs us nothing.
const RECEIVE_BUFFER_BYTES: usize = 64 * 1024;

/// Expedited forwarding (RFC 4594, section 4.1, telephony), as the byte in the IPv4 header.
const EXPEDITED: u32 = 46 << 2;

/// The two sockets of one stream.
#[derive(Debug)]
pub(crate) struct PortPair {
    /// For RTP.
    pub sound: UdpSocket,
    /// For RTCP.
    pub reports: UdpSocket,
    /// Number of the RTP port.
    pub port: u16,
}

/// Gives out pairs of ports.
#[derive(Debug)]
pub(crate) struct PortRange {
    host: IpAddr,
    first: u16,
    pairs: u16,
    next: u16,
}

impl PortRange {
    /// The pairs that lie whole within first..=last.
    pub fn new(host: IpAddr, first: u16, last: u16) -> Self {
        let first = u32::from(first).next_multiple_of(2);
        let pairs = (u32::from(last) + 1).saturating_sub(first) / 2;
        Self {
            host,
            first: first as u16,
            pairs: pairs as u16,
            next: 0,
        }
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> usize {
        usize::from(self.pairs)
    }

    /// Open the next pair that is free; None when all are taken.
    pub fn open(&mut self) -> Option<PortPair> {
        for _ in 0..self.pairs {
            let port = self.first + 2 * self.next;
            self.next = (self.next + 1) % self.pairs;
            if let Ok(pair) = open_pair(self.host, port) {
                return Some(pair);
            }
        }
        None
    }
}

fn open_pair(host: IpAddr, port: u16) -> io::Result<PortPair> {
    Ok(PortPair {
        sound: open_one(host, port)?,
        reports: open_one(host, port + 1)?,
        port,
    })
}

fn open_one(host: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(host, port);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    // Without fragmentation the kernel need not draw an identification for each packet it sends.
    if host.is_ipv4() {
        set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::DO)?;
        // A mark for the network is a wish; where it is not allowed, the call goes on without.
        let _ = socket.set_tos_v4(EXPEDITED);
    } else {
        set_ipv6_mtu_discover(&socket, Ipv6PathMtuDiscovery::DO)?;
        let _ = set_ipv6_tclass(&socket, EXPEDITED);
    }
    setsockopt(&socket, ReceiveTimestampns, &true)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn pairs_begin_at_even_ports_and_lie_within_the_range() {
        let range = |first, last| PortRange::new(Ipv4Addr::LOCALHOST.into(), first, last);
        assert_eq!(
            (range(10_001, 10_005).first, range(10_001, 10_005).pairs),
            (10_002, 2)
        );
        assert_eq!(range(10_001, 10_002).pairs, 0);
        assert_eq!(range(0, u16::MAX).pairs, 32_768);
    }

    #[test]
    fn a_port_that_was_closed_is_not_the_next_one_given() {
        let mut range = PortRange::new(Ipv4Addr::LOCALHOST.into(), 38_000, 38_007);
        let first = range.open().unwrap().port;
        assert_ne!(range.open().unwrap().port, first);
    }

    #[test]
    fn when_all_ports_are_taken_there_is_none() {
        let mut range = PortRange::new(Ipv4Addr::LOCALHOST.into(), 38_010, 38_013);
        let held: Vec<_> = std::iter::from_fn(|| range.open()).collect();
        assert!(held.len() <= 2);
        assert!(range.open().is_none());
    }
}
