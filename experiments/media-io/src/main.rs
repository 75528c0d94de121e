//! Echo servers that differ only in how they ask the kernel: `media-io WAY ENDPOINTS HOST FIRST_PORT SECONDS`.
//!
//! All but `epoll` look at a quarter of their sockets every 5 ms, as the engine does. Prints `echo ready [ports]`.

mod uring;

use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(5);
const PHASES: usize = 4;
const CATCH_UP_EVERY: usize = 16;

/// One packet's room.
struct Buffer {
    bytes: [u8; 2048],
    control: [u8; 64],
    from: libc::sockaddr_in,
    length: usize,
}

impl Buffer {
    fn new() -> Self {
        // SAFETY: all of it is numbers.
        unsafe { zeroed() }
    }

    /// recvmsg with the kernel's time of arrival: what the engine did for each packet.
    fn recvmsg(&mut self, socket: RawFd) -> bool {
        let mut part = libc::iovec {
            iov_base: self.bytes.as_mut_ptr().cast(),
            iov_len: self.bytes.len(),
        };
        // SAFETY: every pointer leads into this buffer and outlives the call.
        let got = unsafe {
            let mut message: libc::msghdr = zeroed();
            message.msg_name = (&raw mut self.from).cast();
            message.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
            message.msg_iov = &raw mut part;
            message.msg_iovlen = 1;
            message.msg_control = self.control.as_mut_ptr().cast();
            message.msg_controllen = self.control.len();
            libc::recvmsg(socket, &raw mut message, libc::MSG_DONTWAIT)
        };
        self.length = got.max(0) as usize;
        got >= 0
    }

    fn recvfrom(&mut self, socket: RawFd) -> bool {
        let mut size = size_of::<libc::sockaddr_in>() as u32;
        // SAFETY: as above.
        let got = unsafe {
            let from = (&raw mut self.from).cast();
            let bytes = self.bytes.as_mut_ptr().cast();
            libc::recvfrom(socket, bytes, self.bytes.len(), libc::MSG_DONTWAIT, from, &raw mut size)
        };
        self.length = got.max(0) as usize;
        got >= 0
    }

    fn recv(&mut self, socket: RawFd) -> bool {
        // SAFETY: as above.
        let got = unsafe { libc::recv(socket, self.bytes.as_mut_ptr().cast(), self.bytes.len(), libc::MSG_DONTWAIT) };
        self.length = got.max(0) as usize;
        got >= 0
    }

    fn sendto(&self, socket: RawFd) {
        let size = size_of::<libc::sockaddr_in>() as u32;
        // SAFETY: as above.
        unsafe {
            let to = (&raw const self.from).cast();
            libc::sendto(socket, self.bytes.as_ptr().cast(), self.length, libc::MSG_DONTWAIT, to, size);
        }
    }

    fn send(&self, socket: RawFd) {
        // SAFETY: as above.
        unsafe {
            libc::send(socket, self.bytes.as_ptr().cast(), self.length, libc::MSG_DONTWAIT);
        }
    }
}

fn connect(socket: RawFd, to: &libc::sockaddr_in) {
    // SAFETY: the address outlives the call.
    unsafe {
        libc::connect(socket, std::ptr::from_ref(to).cast(), size_of::<libc::sockaddr_in>() as u32);
    }
}

fn option(socket: RawFd, level: i32, name: i32, value: i32) {
    // SAFETY: the value outlives the call.
    unsafe {
        libc::setsockopt(socket, level, name, (&raw const value).cast(), 4);
    }
}

struct Run {
    sockets: Vec<std::net::UdpSocket>,
    until: Instant,
}

impl Run {
    /// Every 5 ms, a quarter of the sockets: `serve(socket's place, whether to read until it is empty)`.
    fn ticks(&self, mut serve: impl FnMut(usize, bool)) {
        let (begun, mut tick) = (Instant::now(), 0_u32);
        while Instant::now() < self.until {
            std::thread::sleep((TICK * tick).saturating_sub(begun.elapsed()));
            for place in (tick as usize % PHASES..self.sockets.len()).step_by(PHASES) {
                serve(place, (tick as usize / PHASES + place) % CATCH_UP_EVERY == 0);
            }
            tick += 1;
        }
    }

    fn until_empty(&self) {
        let mut buffer = Buffer::new();
        self.ticks(|place, _| {
            let socket = self.sockets[place].as_raw_fd();
            while buffer.recvmsg(socket) {
                buffer.sendto(socket);
            }
        });
    }

    fn once(&self, receive: fn(&mut Buffer, RawFd) -> bool, answer: fn(&Buffer, RawFd)) {
        let mut buffer = Buffer::new();
        self.ticks(|place, to_the_end| {
            let socket = self.sockets[place].as_raw_fd();
            let mut more = receive(&mut buffer, socket);
            while more {
                answer(&buffer, socket);
                more = to_the_end && receive(&mut buffer, socket);
            }
        });
    }

    fn connected(&self, receive: fn(&mut Buffer, RawFd) -> bool) {
        let mut known = vec![false; self.sockets.len()];
        let mut buffer = Buffer::new();
        self.ticks(|place, to_the_end| {
            let socket = self.sockets[place].as_raw_fd();
            if !known[place] {
                if buffer.recvfrom(socket) {
                    connect(socket, &buffer.from);
                    known[place] = true;
                }
                return;
            }
            let mut more = receive(&mut buffer, socket);
            while more {
                buffer.send(socket);
                more = to_the_end && receive(&mut buffer, socket);
            }
        });
    }

    fn epoll(&self) {
        let mut buffer = Buffer::new();
        // SAFETY: the events' array outlives each call.
        unsafe {
            let epoll = libc::epoll_create1(0);
            for (place, socket) in self.sockets.iter().enumerate() {
                let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: place as u64 };
                libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &raw mut event);
            }
            let mut events: Vec<libc::epoll_event> = vec![zeroed(); 256];
            while Instant::now() < self.until {
                let count = libc::epoll_wait(epoll, events.as_mut_ptr(), 256, 100);
                for event in &events[..count.max(0) as usize] {
                    let socket = self.sockets[event.u64 as usize].as_raw_fd();
                    if buffer.recvfrom(socket) {
                        buffer.sendto(socket);
                    }
                }
            }
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, way, endpoints, host, first, seconds] = &words[..] else {
        eprintln!("media-io WAY ENDPOINTS HOST FIRST_PORT SECONDS");
        std::process::exit(2);
    };
    let endpoints: usize = endpoints.parse().expect("a number of endpoints");
    let first: u16 = first.parse().expect("a port");
    let open = |at: usize| {
        let socket = std::net::UdpSocket::bind((host.as_str(), first + 2 * at as u16)).expect("a free port");
        let fd = socket.as_raw_fd();
        option(fd, libc::IPPROTO_IP, libc::IP_TOS, 46 << 2);
        option(fd, libc::SOL_SOCKET, libc::SO_RCVBUF, 64 << 10);
        if way != "dont-discover" {
            option(fd, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_DO);
        } else {
            option(fd, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_DONT);
        }
        if way.starts_with("stamped") || way == "uring-stamped" {
            option(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1);
        }
        socket
    };
    let sockets: Vec<_> = (0..endpoints).map(open).collect();
    let port = |socket: &std::net::UdpSocket| socket.local_addr().expect("bound").port();
    let ports: Vec<u16> = sockets.iter().map(port).collect();
    println!("echo ready {ports:?}");
    let until = Instant::now() + Duration::from_secs(seconds.parse().expect("seconds"));
    let run = Run { sockets, until };
    match way.as_str() {
        "stamped-until-empty" => run.until_empty(),
        "stamped-once" => run.once(Buffer::recvmsg, Buffer::sendto),
        "recvfrom-once" | "dont-discover" => run.once(Buffer::recvfrom, Buffer::sendto),
        "connected-once" => run.connected(Buffer::recv),
        "stamped-connected-once" => run.connected(Buffer::recvmsg),
        "epoll" => run.epoll(),
        "uring" => uring::run(&run.sockets, run.until, 0),
        "uring-stamped" => uring::run(&run.sockets, run.until, 32),
        _ => panic!("no such way"),
    }
}
