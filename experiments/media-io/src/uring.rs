//! The same echo through io_uring: multishot receives into buffers provided once, and a tick's sends in one call.

use std::mem::{size_of, zeroed};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Instant;

use io_uring::types::{BufRingEntry, Fixed, RecvMsgOut};
use io_uring::{cqueue, opcode, IoUring};

use crate::TICK;

const BUFFERS: u16 = 16_384;
const BYTES: usize = 512;
const SENT: u64 = 1 << 32;

/// Buffers that the kernel may fill: a ring of its own making.
struct Provided {
    ring: *mut BufRingEntry,
    bytes: Vec<u8>,
    tail: u16,
}

impl Provided {
    fn new(uring: &IoUring) -> Self {
        let size = usize::from(BUFFERS) * size_of::<BufRingEntry>();
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: fresh pages, kept until the process ends.
        let ring = unsafe {
            libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        }
        .cast::<BufRingEntry>();
        // SAFETY: as above, and of the length given.
        unsafe { uring.submitter().register_buf_ring_with_flags(ring as u64, BUFFERS, 0, 0) }.expect("a buffer ring");
        let bytes = vec![0; usize::from(BUFFERS) * BYTES];
        let mut it = Self { ring, bytes, tail: 0 };
        (0..BUFFERS).for_each(|buffer| it.give(buffer));
        it.publish();
        it
    }

    fn give(&mut self, buffer: u16) {
        // SAFETY: within the ring, whose length is a power of two.
        let entry = unsafe { &mut *self.ring.add(usize::from(self.tail & (BUFFERS - 1))) };
        entry.set_addr(self.bytes[usize::from(buffer) * BYTES..].as_ptr() as u64);
        entry.set_len(BYTES as u32);
        entry.set_bid(buffer);
        self.tail = self.tail.wrapping_add(1);
    }

    fn publish(&self) {
        // SAFETY: the tail lies in the first entry; the kernel reads it with acquire order.
        let tail = unsafe { &*BufRingEntry::tail(self.ring).cast::<AtomicU16>() };
        tail.store(self.tail, Ordering::Release);
    }
}

/// Echo until then. `control` is the room for what comes beside a datagram.
pub fn run(sockets: &[UdpSocket], until: Instant, control: usize) {
    let mut uring: IoUring = IoUring::builder()
        .setup_single_issuer()
        .setup_defer_taskrun()
        .setup_cqsize(32_768)
        .build(8_192)
        .expect("io_uring is allowed here");
    let files: Vec<_> = sockets.iter().map(AsRawFd::as_raw_fd).collect();
    uring.submitter().register_files(&files).expect("registered files");
    let mut provided = Provided::new(&uring);
    // SAFETY: numbers and null pointers.
    let mut shape: libc::msghdr = unsafe { zeroed() };
    shape.msg_namelen = size_of::<libc::sockaddr_in>() as u32;
    shape.msg_controllen = control;
    for at in 0..sockets.len() {
        listen(&mut uring, at as u32, &shape);
    }
    let (begun, mut tick) = (Instant::now(), 0_u32);
    let mut got: Vec<(u32, u16, u32)> = Vec::with_capacity(usize::from(BUFFERS));
    while Instant::now() < until {
        std::thread::sleep((TICK * tick).saturating_sub(begun.elapsed()));
        tick += 1;
        // One call runs a few completions only: ask until nothing more comes.
        loop {
            enter(&mut uring);
            let harvest = collect(&mut uring, &mut got, &mut provided, &shape);
            answer(&mut uring, &mut got, &provided, &shape);
            provided.publish();
            if harvest == 0 {
                break;
            }
        }
    }
}

fn push(uring: &mut IoUring, entry: &io_uring::squeue::Entry) {
    // SAFETY: what entries point to lives as long as the run: the shape, and provided buffers until their send is done.
    while unsafe { uring.submission().push(entry) }.is_err() {
        uring.submit().expect("the kernel takes entries");
    }
}

fn listen(uring: &mut IoUring, at: u32, shape: &libc::msghdr) {
    let entry = opcode::RecvMsgMulti::new(Fixed(at), shape, 0).build().user_data(u64::from(at));
    push(uring, &entry);
}

/// Note what came, and take back the buffers of what was sent; says how many completions there were.
fn collect(uring: &mut IoUring, got: &mut Vec<(u32, u16, u32)>, provided: &mut Provided, shape: &libc::msghdr) -> usize {
    let mut count = 0;
    let mut silent = Vec::new();
    for done in uring.completion() {
        count += 1;
        if done.user_data() & SENT != 0 {
            provided.give(done.user_data() as u16);
            continue;
        }
        let at = done.user_data() as u32;
        if let (Some(buffer), true) = (cqueue::buffer_select(done.flags()), done.result() >= 0) {
            got.push((at, buffer, done.result() as u32));
        }
        if !cqueue::more(done.flags()) {
            silent.push(at);
        }
    }
    for at in silent {
        listen(uring, at, shape);
    }
    count
}

fn answer(uring: &mut IoUring, got: &mut Vec<(u32, u16, u32)>, provided: &Provided, shape: &libc::msghdr) {
    for (at, buffer, length) in got.drain(..) {
        let start = usize::from(buffer) * BYTES;
        let bytes = &provided.bytes[start..start + length as usize];
        let Ok(out) = RecvMsgOut::parse(bytes, shape) else { continue };
        let payload = out.payload_data();
        let entry = opcode::Send::new(Fixed(at), payload.as_ptr(), payload.len() as u32)
            .dest_addr(out.name_data().as_ptr().cast())
            .dest_addr_len(size_of::<libc::sockaddr_in>() as u32)
            .flags(libc::MSG_DONTWAIT)
            .build()
            .user_data(SENT | u64::from(buffer));
        push(uring, &entry);
    }
    if !uring.submission().is_empty() {
        enter(uring);
    }
}

/// Submit what is waiting and let the kernel run what has become due, without waiting for it.
fn enter(uring: &mut IoUring) {
    const GET_EVENTS: u32 = 1;
    let count = uring.submission().len() as u32;
    // SAFETY: no argument is passed.
    let entered = unsafe { uring.submitter().enter::<libc::sigset_t>(count, 0, GET_EVENTS, None) };
    entered.expect("the kernel takes entries");
}
