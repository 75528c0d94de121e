//! The floor: sends every datagram back, a socket for each endpoint, and does nothing else.
//!
//! What the kernel charges for the same packets in and out; no conference server with a port per call can cost less.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use crate::network::open;

/// Longest datagram sent back.
const DATAGRAM_BYTES: usize = 2_048;

/// Arrivals taken from the kernel at a time.
const EVENTS: usize = 256;

/// Between two looks at the sockets, when looking by the clock.
const TICK: Duration = Duration::from_millis(5);

/// Sockets are looked at in turn: each at every fourth tick.
const PHASES: usize = 4;

/// At one look in so many a socket is read until it is empty: else what once fell behind would stay behind.
const CATCH_UP_EVERY: usize = 16;

/// How arrivals are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Way {
    /// The kernel tells who has something: epoll, then one read and one write.
    Epoll,
    /// Each socket is read once in 20 ms, whether or not something has come.
    Tick,
}

/// An echo that is ready to be run.
#[derive(Debug)]
pub struct Echo {
    sockets: Vec<UdpSocket>,
    bytes: [u8; DATAGRAM_BYTES],
}

impl Echo {
    /// Bind a socket for each endpoint: every second port from the first on, as calls with a port for reports would.
    pub fn bind(endpoints: usize, host: Ipv4Addr, first_port: u16) -> Result<Self, String> {
        let sockets = (0..endpoints)
            .map(|endpoint| {
                let port = usize::from(first_port) + 2 * endpoint;
                let port = u16::try_from(port).map_err(|_| "too many endpoints for the ports there are")?;
                let at = SocketAddrV4::new(host, port);
                open(at).map_err(|why| format!("cannot bind {at}: {why}"))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self {
            sockets,
            bytes: [0; DATAGRAM_BYTES],
        })
    }

    /// The ports, in the order of the endpoints.
    pub fn ports(&self) -> Result<Vec<u16>, String> {
        let port = |socket: &UdpSocket| socket.local_addr().map(|at| at.port());
        self.sockets
            .iter()
            .map(|socket| port(socket).map_err(|why| why.to_string()))
            .collect()
    }

    /// Echo for so long.
    pub fn run(&mut self, way: Way, time: Duration) -> Result<(), String> {
        let until = Instant::now() + time;
        match way {
            Way::Epoll => self
                .run_epoll(until)
                .map_err(|why| format!("epoll failed: {why}")),
            Way::Tick => {
                self.run_tick(until);
                Ok(())
            }
        }
    }

    fn run_epoll(&mut self, until: Instant) -> Result<(), Errno> {
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        for (place, socket) in self.sockets.iter().enumerate() {
            epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, place as u64))?;
        }
        let mut events = [EpollEvent::empty(); EVENTS];
        while Instant::now() < until {
            let count = match epoll.wait(&mut events, EpollTimeout::from(100_u16)) {
                Err(Errno::EINTR) => 0,
                other => other?,
            };
            for event in &events[..count] {
                self.echo(event.data() as usize);
            }
        }
        Ok(())
    }

    fn run_tick(&mut self, until: Instant) {
        let (begun, mut tick) = (Instant::now(), 0_u32);
        while Instant::now() < until {
            std::thread::sleep((TICK * tick).saturating_sub(begun.elapsed()));
            let phase = tick as usize % PHASES;
            for place in (phase..self.sockets.len()).step_by(PHASES) {
                if self.echo(place) && (tick as usize / PHASES + place).is_multiple_of(CATCH_UP_EVERY) {
                    while self.echo(place) {}
                }
            }
            tick += 1;
        }
    }

    /// Send back one datagram, if one has come; says whether.
    fn echo(&mut self, place: usize) -> bool {
        let socket = &self.sockets[place];
        let Ok((length, from)) = socket.recv_from(&mut self.bytes) else {
            return false;
        };
        // What the kernel does not take is a packet missing, and the generator counts those.
        let _ = socket.send_to(&self.bytes[..length], from);
        true
    }
}
