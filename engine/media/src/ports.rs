//! UDP ports: a pair for each stream, out of the range the settings give; and one pair that many may share.
//!
//! RTP takes an even port and RTCP the odd one above it (RFC 3550, section 11). The range is gone through in turn, so
//! that what still comes for a call that is over does not fall into the next one.
//!
//! At the shared pair each stream has sockets of its own, connected to its peer, and the kernel tells whose a packet is.
//! What comes from anybody else falls into a pair of sockets that nobody reads.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{RcvBuf, ReceiveTimestampns, ReusePort};
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
    /// The peer that both are connected to for good, at the port that many share.
    pub peer: Option<SocketAddr>,
    /// Whether a browser comes here: reports come with the sound, and so do those who want to agree on keys.
    pub door: bool,
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

    /// Open the pair that is wished for, if it is ours and free; else the next that is.
    pub fn open_wished(&mut self, wished: Option<u16>) -> Option<PortPair> {
        let last = u32::from(self.first) + 2 * u32::from(self.pairs);
        let ours = |port: &u16| *port >= self.first && u32::from(*port) < last && port.is_multiple_of(2);
        let wished = wished
            .filter(ours)
            .and_then(|port| open_pair(self.host, port).ok());
        wished.or_else(|| self.open())
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

/// A pair of ports that many streams share.
#[derive(Debug)]
pub(crate) struct SharedPorts {
    host: IpAddr,
    port: u16,
    /// Keep the ports ours while no stream has them. Nobody reads them: they fill up, and stay full.
    #[expect(dead_code, reason = "they are there to be open")]
    kept: (UdpSocket, UdpSocket),
}

impl SharedPorts {
    /// Take the pair that begins at this even port.
    pub fn open(host: IpAddr, port: u16) -> io::Result<Self> {
        let kept = (open_one(host, port, true)?, open_one(host, port + 1, true)?);
        for socket in [&kept.0, &kept.1] {
            // As little as the kernel allows.
            setsockopt(socket, RcvBuf, &0)?;
        }
        Ok(Self { host, port, kept })
    }

    /// Sockets there for one peer; None when the kernel gives none, or the peer's address is none to be known by.
    pub fn connect(&self, peer: SocketAddr) -> Option<PortPair> {
        let reports_peer = SocketAddr::new(peer.ip(), peer.port().checked_add(1)?);
        Some(PortPair {
            sound: open_connected(self.host, self.port, peer).ok()?,
            reports: open_connected(self.host, self.port + 1, reports_peer).ok()?,
            port: self.port,
            peer: Some(peer),
            door: false,
        })
    }
}

fn open_connected(host: IpAddr, port: u16, peer: SocketAddr) -> io::Result<UdpSocket> {
    let socket = open_one(host, port, true)?;
    socket.connect(peer)?;
    // Between the two anybody's packets may have come in.
    let mut stray = [0];
    while socket.recv(&mut stray).is_ok() {}
    Ok(socket)
}

fn open_pair(host: IpAddr, port: u16) -> io::Result<PortPair> {
    Ok(PortPair {
        sound: open_one(host, port, false)?,
        reports: open_one(host, port + 1, false)?,
        port,
        peer: None,
        door: false,
    })
}

fn open_one(host: IpAddr, port: u16, shared: bool) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(host, port);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if shared {
        setsockopt(&socket, ReusePort, &true)?;
    }
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
    fn a_port_that_is_wished_for_is_given_while_it_is_free() {
        let mut range = PortRange::new(Ipv4Addr::LOCALHOST.into(), 38_050, 38_057);
        let held = range.open_wished(Some(38_054)).unwrap();
        assert_eq!(held.port, 38_054);
        for other in [38_054, 38_055, 38_058, 38_040] {
            assert_ne!(range.open_wished(Some(other)).unwrap().port, other);
        }
    }

    fn at(socket: &UdpSocket) -> SocketAddr {
        socket.local_addr().unwrap()
    }

    #[test]
    fn at_the_shared_port_each_peer_has_sockets_of_its_own_and_strangers_reach_none() {
        let host = Ipv4Addr::LOCALHOST.into();
        let shared = SharedPorts::open(host, 38_030).unwrap();
        let peers: Vec<_> = (0..4).map(|_| UdpSocket::bind((host, 0)).unwrap()).collect();
        let (stranger, known) = peers.split_last().unwrap();
        let pairs: Vec<_> = known
            .iter()
            .map(|peer| shared.connect(at(peer)).unwrap())
            .collect();
        for (number, peer) in peers.iter().enumerate() {
            peer.send_to(&[number as u8], (host, 38_030)).unwrap();
        }
        stranger.send_to(&[9], (host, 38_031)).unwrap();
        for (number, pair) in pairs.iter().enumerate() {
            let mut bytes = [0; 4];
            assert_eq!((pair.port, at(&pair.sound).port()), (38_030, 38_030));
            assert_eq!(pair.sound.recv_from(&mut bytes).unwrap(), (1, at(&known[number])));
            assert_eq!(bytes[0], number as u8);
            assert!(pair.sound.recv(&mut bytes).is_err() && pair.reports.recv(&mut bytes).is_err());
        }
        assert!(
            PortRange::new(host, 38_030, 38_031).open().is_none(),
            "it is ours"
        );
    }

    #[test]
    fn when_all_ports_are_taken_there_is_none() {
        let mut range = PortRange::new(Ipv4Addr::LOCALHOST.into(), 38_010, 38_013);
        let held: Vec<_> = std::iter::from_fn(|| range.open()).collect();
        assert!(held.len() <= 2);
        assert!(range.open().is_none());
    }
}
