//! The system calls of the real-time thread: receive, send, the clock, sleep.
//!
//! None of them waits (except the sleep, which is meant to), allocates or locks. Kept in one place so that batching
//! them, or another way into the kernel, changes nothing else.

use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

use mixer::Moment;
use nix::sys::socket::{
    recvmsg, sendto, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrStorage,
};
use nix::sys::time::TimeSpec;
use nix::time::{clock_gettime, clock_nanosleep, ClockId, ClockNanosleepFlags};

/// Longest datagram read whole; what is longer is cut, and refused for its length.
const DATAGRAM_BYTES: usize = 2_048;

/// Room for one timestamp beside a datagram.
const CONTROL_BYTES: usize = 64;

/// An arrival is believed if it lies this close before now, in µs: the wall clock may have been set in between.
const BELIEVABLE_US: i64 = 2_000_000;

/// Reads datagrams into one buffer.
pub(crate) struct Receiver {
    bytes: [u8; DATAGRAM_BYTES],
    control: [u8; CONTROL_BYTES],
}

/// A datagram as it came.
pub(crate) struct Datagram<'a> {
    pub from: SocketAddr,
    /// To be opened in place, where they are sealed.
    pub bytes: &'a mut [u8],
    pub arrived: Moment,
}

impl Receiver {
    pub fn new() -> Self {
        Self {
            bytes: [0; DATAGRAM_BYTES],
            control: [0; CONTROL_BYTES],
        }
    }

    /// Take one datagram, None when there is none.
    pub fn take(&mut self, socket: RawFd, time: &Time) -> Option<Datagram<'_>> {
        let (length, from, stamp) = {
            let mut parts = [IoSliceMut::new(&mut self.bytes)];
            let flags = MsgFlags::MSG_DONTWAIT;
            let got = recvmsg::<SockaddrStorage>(socket, &mut parts, Some(&mut self.control), flags).ok()?;
            (got.bytes, got.address.as_ref().and_then(to_std)?, stamp_of(&got))
        };
        let arrived = stamp.map_or(time.now, |stamp| time.of_wall(stamp));
        Some(Datagram {
            from,
            bytes: &mut self.bytes[..length],
            arrived,
        })
    }
}

fn stamp_of(got: &nix::sys::socket::RecvMsg<'_, '_, SockaddrStorage>) -> Option<TimeSpec> {
    got.cmsgs().ok()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(stamp),
        _ => None,
    })
}

fn to_std(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::V4((*v4).into()));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::V6((*v6).into()))
}

/// Send one datagram; says whether the kernel took it.
pub(crate) fn send(socket: &UdpSocket, to: SocketAddr, bytes: &[u8]) -> bool {
    let (socket, flags) = (socket.as_raw_fd(), MsgFlags::MSG_DONTWAIT);
    let sent = match to {
        SocketAddr::V4(to) => sendto(socket, bytes, &SockaddrIn::from(to), flags),
        SocketAddr::V6(to) => sendto(socket, bytes, &SockaddrIn6::from(to), flags),
    };
    sent.is_ok()
}

/// Send one datagram to the peer that a socket is tied to; says whether the kernel took it.
pub(crate) fn send_tied(socket: &UdpSocket, bytes: &[u8]) -> bool {
    socket.send(bytes).is_ok()
}

/// Connect a socket to its peer; says whether that went well.
pub(crate) fn tie(socket: &UdpSocket, to: SocketAddr) -> bool {
    socket.connect(to).is_ok()
}

/// Let a connected socket hear everybody again.
pub(crate) fn untie(socket: &UdpSocket) {
    // It cannot fail for a UDP socket (connect(2): any may be dissolved).
    let _ = rustix::net::connect_unspec(socket);
}

/// The clocks, as of the present tick.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    zero_us: i64,
    wall_ahead_us: i64,
    /// Since the mixer's zero.
    pub now: Moment,
}

impl Time {
    /// Begin to count: the present moment is zero.
    pub fn begin() -> Self {
        let mut time = Self {
            zero_us: read(ClockId::CLOCK_MONOTONIC),
            wall_ahead_us: 0,
            now: Moment::default(),
        };
        time.read();
        time
    }

    /// Read both clocks.
    pub fn read(&mut self) {
        let since_zero = read(ClockId::CLOCK_MONOTONIC) - self.zero_us;
        self.wall_ahead_us = read(ClockId::CLOCK_REALTIME) - since_zero;
        self.now = Moment::from_us(since_zero.max(0) as u64);
    }

    /// Microseconds of Unix time at the mixer's zero.
    pub fn unix_us_at_zero(&self) -> u64 {
        self.wall_ahead_us.max(0) as u64
    }

    fn of_wall(&self, stamp: TimeSpec) -> Moment {
        let us = microseconds(stamp) - self.wall_ahead_us;
        let ago_us = self.now.us() as i64 - us;
        if us >= 0 && (0..BELIEVABLE_US).contains(&ago_us) {
            Moment::from_us(us as u64)
        } else {
            self.now
        }
    }

    /// Sleep until a moment; returns at once when it has passed.
    pub fn sleep_until(&self, moment: Moment) {
        let us = self.zero_us + moment.us() as i64;
        let at = TimeSpec::new(us / 1_000_000, us % 1_000_000 * 1_000);
        let flags = ClockNanosleepFlags::TIMER_ABSTIME;
        while clock_nanosleep(ClockId::CLOCK_MONOTONIC, flags, &at) == Err(nix::errno::Errno::EINTR) {}
    }
}

fn read(clock: ClockId) -> i64 {
    microseconds(clock_gettime(clock).expect("Linux has this clock"))
}

fn microseconds(time: TimeSpec) -> i64 {
    time.tv_sec() * 1_000_000 + time.tv_nsec() / 1_000
}
