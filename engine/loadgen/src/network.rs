//! Sockets, many packets to a system call: with each arrival comes the moment at which the kernel took it.
//!
//! So what is measured does not depend on how soon this program came round to reading.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::socket::{
    recvmmsg, sendmmsg, setsockopt, sockopt::ReceiveTimestampns, ControlMessage, ControlMessageOwned,
    MsgFlags, MultiHeaders, SockaddrIn,
};
use rustix::net::sockopt::{set_ip_mtu_discover, Ipv4PathMtuDiscovery};
use socket2::{Domain, Protocol, Socket, Type};

/// Datagrams moved by one system call at most.
pub const BATCH: usize = 64;

/// Longest datagram read whole.
const DATAGRAM_BYTES: usize = 2_048;

/// What the kernel keeps per socket, in bytes.
const RECEIVE_BUFFER_BYTES: usize = 1 << 20;

/// A socket that some endpoints share, and the one their reports come to.
#[derive(Debug)]
pub struct Trunk {
    sound: UdpSocket,
    /// Held open so that the server's reports find a reader; what comes is read and forgotten.
    reports: UdpSocket,
}

impl Trunk {
    /// Bind an address, and the port above it for reports.
    pub fn open(address: SocketAddrV4) -> Result<Self, String> {
        let reports = SocketAddrV4::new(*address.ip(), address.port() + 1);
        let open = |at: SocketAddrV4| open(at).map_err(|why| format!("cannot bind {at}: {why}"));
        let it = Self {
            sound: open(address)?,
            reports: open(reports)?,
        };
        setsockopt(&it.sound, ReceiveTimestampns, &true).map_err(|why| why.to_string())?;
        Ok(it)
    }

    /// The socket of the sound.
    pub fn sound(&self) -> RawFd {
        self.sound.as_raw_fd()
    }

    /// Read what reports have come, and forget them.
    pub fn drop_reports(&self) {
        let mut bytes = [0; DATAGRAM_BYTES];
        while self.reports.recv(&mut bytes).is_ok() {}
    }
}

/// Bind a socket that never waits.
pub fn open(at: SocketAddrV4) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    // Without fragmentation the kernel need not draw an identification for each packet it sends.
    set_ip_mtu_discover(&socket, Ipv4PathMtuDiscovery::DO)?;
    Ok(socket.into())
}

/// Sends batches.
pub struct Sender {
    headers: MultiHeaders<SockaddrIn>,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, None),
        }
    }
}

impl Sender {
    /// Send packets, each of a header and a payload, each to its address; says how many the kernel took.
    pub fn send(&mut self, socket: RawFd, packets: &[[IoSlice<'_>; 2]], to: &[Option<SockaddrIn>]) -> usize {
        let mut taken = 0;
        for (packets, to) in packets.chunks(BATCH).zip(to.chunks(BATCH)) {
            let nothing: [ControlMessage<'_>; 0] = [];
            let flags = MsgFlags::MSG_DONTWAIT;
            taken +=
                sendmmsg(socket, &mut self.headers, packets, to, nothing, flags).map_or(0, Iterator::count);
        }
        taken
    }
}

/// A datagram as it came.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub host: Ipv4Addr,
    /// The port it came from.
    pub port: u16,
    /// When the kernel took it, in ns of Unix time.
    pub arrived_ns: i64,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Reads batches.
pub struct Receiver {
    bytes: Vec<u8>,
    headers: MultiHeaders<SockaddrIn>,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            bytes: vec![0; BATCH * DATAGRAM_BYTES],
            headers: fresh_headers(),
        }
    }
}

fn fresh_headers() -> MultiHeaders<SockaddrIn> {
    MultiHeaders::preallocate(BATCH, Some(nix::cmsg_space!(nix::sys::time::TimeSpec)))
}

impl Receiver {
    /// Read all that has come to a socket, and show each datagram.
    pub fn take(&mut self, socket: RawFd, mut show: impl FnMut(Datagram<'_>)) {
        while self.take_batch(socket, &mut show) == BATCH {}
    }

    fn take_batch(&mut self, socket: RawFd, show: &mut impl FnMut(Datagram<'_>)) -> usize {
        let mut parts: Vec<[IoSliceMut<'_>; 1]> = self
            .bytes
            .chunks_mut(DATAGRAM_BYTES)
            .map(|part| [IoSliceMut::new(part)])
            .collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let Ok(came) = recvmmsg(socket, &mut self.headers, parts.iter_mut(), flags, None) else {
            return 0;
        };
        let (mut count, mut stamped) = (0, true);
        for one in came {
            count += 1;
            let stamp = one
                .cmsgs()
                .ok()
                .and_then(|mut all| all.find_map(|one| as_stamp(&one)));
            stamped &= stamp.is_some();
            if let (Some(from), Some(bytes)) = (one.address, one.iovs().next()) {
                show(Datagram {
                    host: from.ip(),
                    port: from.port(),
                    arrived_ns: stamp.unwrap_or_else(unix_ns),
                    bytes,
                });
            }
        }
        if !stamped {
            // The kernel has shortened the room for stamps to what it used.
            self.headers = fresh_headers();
        }
        count
    }
}

fn as_stamp(message: &ControlMessageOwned) -> Option<i64> {
    match message {
        ControlMessageOwned::ScmTimestampns(at) => Some(at.tv_sec() * 1_000_000_000 + at.tv_nsec()),
        _ => None,
    }
}

/// The present, in ns of Unix time.
pub fn unix_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as i64
}
