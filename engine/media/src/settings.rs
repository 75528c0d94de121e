//! What the media can be told at its start.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use mixer::frame::FRAME_MS;
use mixer::Limits;

/// Settings of the media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Address the UDP ports are bound to; callers send their audio here.
    pub bind_host: IpAddr,
    /// First UDP port of the range. RTP takes the even ports, RTCP the odd one above each.
    pub rtp_first: u16,
    /// Last UDP port of the range, included. (last - first + 1) / 2 streams can be open at once.
    pub rtp_last: u16,
    /// An even UDP port that streams share whose peers send from the address they named, and RTCP the one above.
    pub shared_port: Option<u16>,
    /// Length of a tick in ms: 5, 10 or 20. Conferences are spread over the 20 / `tick_ms` ticks of a frame.
    pub tick_ms: u32,
    /// Real-time threads, over which the conferences are spread; 0: one less than there are processors, at least one.
    pub threads: usize,
    /// Facts of one thread that can wait for the forwarder before some are dropped.
    pub facts_queue: usize,
    /// What silence is filled with, in -dBov, 0 to 127; 0: nothing.
    pub noise_floor: u8,
    /// Whether who speaks faintly and who speaks loudly are brought nearer to one another.
    pub automatic_gain: bool,
    /// Thousandths of its time that a real-time thread may use before the house is strained; 0: it never is.
    pub busy_permille: u16,
    /// A real-time thread that stands still for so many ms ends the process; 0: it is waited for.
    pub stall_ms: u32,
    /// Whether to ask for real-time scheduling (`SCHED_FIFO`). Where that is not allowed it goes on without.
    pub real_time: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bind_host: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            rtp_first: 20_000,
            rtp_last: 29_999,
            shared_port: None,
            tick_ms: 5,
            threads: 0,
            facts_queue: 8_192,
            noise_floor: 0,
            automatic_gain: false,
            busy_permille: 0,
            stall_ms: 0,
            real_time: true,
        }
    }
}

impl Settings {
    /// How many real-time threads there are to be.
    pub fn threads(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(1, usize::from);
        match self.threads {
            0 => processors().saturating_sub(1).max(1),
            asked => asked,
        }
    }

    /// How many ticks make a frame.
    pub(crate) fn rounds(&self) -> usize {
        (FRAME_MS as usize / self.tick_ms as usize).max(1)
    }

    /// What the mixer must have room for when so many streams can be open.
    pub(crate) fn limits(&self, streams: usize) -> Limits {
        Limits {
            streams,
            // A private plan for each call, and conferences, even while dropped ones are still on their way back.
            conferences: 2 * streams + 64,
            sources: 4 * streams + 256,
            tick_ms: u64::from(self.tick_ms),
        }
    }
}
