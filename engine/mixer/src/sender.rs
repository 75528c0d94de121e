//! Our side of an RTP stream: one packet after the other, on time, for as long as the stream is open.
//!
//! Sequence numbers go up by one for each packet; timestamps go on with the time, whether or not anything is sent. So
//! silence, a change of what is heard, a move to another conference and a stall of the machine all keep the listener's
//! timeline true.
//!
//! Sources: RFC 3550, section 5.1; RFC 3551, section 4.1 (the marker after a pause; a stream without silence
//! suppression does not set it otherwise).

use std::net::SocketAddr;

use crate::frame::{FRAME_MS, FRAME_SAMPLES, SILENCE};
use crate::jitter::LONGEST_PAYLOAD;
use crate::mixer::StreamId;
use crate::moment::Moment;
use crate::outlet::Outlet;
use crate::rtp::{write_header, Packet, HEADER_BYTES};
use crate::terms::{Format, Identity};

/// A frame may be served this much before its time, in ms, and less than a frame after it: a stream that moves between
/// conferences is served at other moments than before.
const EARLIEST_MS: i64 = FRAME_MS as i64 / 2;

/// Whose packets, where to, and how.
#[derive(Debug, Clone, Copy)]
pub struct Route<'a> {
    /// Whose.
    pub stream: StreamId,
    /// Where the peer is.
    pub to: SocketAddr,
    /// How the sound is coded and cut.
    pub format: &'a Format,
}

/// Sends the packets of one stream.
#[derive(Debug)]
pub struct Sender {
    ssrc: u32,
    seq: u16,
    /// Of the next frame.
    timestamp: u32,
    /// When the next frame is due; None before the first.
    due: Option<Moment>,
    /// Whether the next packet follows a pause.
    marker: bool,
    /// Whether one frame was missed that silence must stand in for.
    owes_frame: bool,
    pending: [u8; LONGEST_PAYLOAD + FRAME_SAMPLES],
    pending_bytes: usize,
    packets: u64,
    payload_bytes: u64,
}

impl Sender {
    /// Nothing sent yet.
    pub fn new(identity: &Identity) -> Self {
        Self {
            ssrc: identity.ssrc,
            seq: identity.seq,
            timestamp: identity.timestamp,
            due: None,
            marker: true,
            owes_frame: false,
            pending: [0; LONGEST_PAYLOAD + FRAME_SAMPLES],
            pending_bytes: 0,
            packets: 0,
            payload_bytes: 0,
        }
    }

    /// Whether a frame is due at this tick. One frame whose time has passed unserved, in a move, will be made up for by
    /// silence; more than one, after a stall, are stepped over: a burst would only fill the listener's buffer.
    pub fn is_due(&mut self, now: Moment) -> bool {
        let due = *self.due.get_or_insert(now);
        let late_ms = now.since_us(due) / 1_000;
        if late_ms < -EARLIEST_MS {
            return false;
        }
        let missed = late_ms.max(0) as u64 / FRAME_MS;
        self.owes_frame = missed == 1;
        if missed > 1 {
            self.timestamp = self.timestamp.wrapping_add(missed as u32 * FRAME_SAMPLES as u32);
            self.pause();
        }
        self.due = Some(due.plus_ms(FRAME_MS * (missed + 1)));
        true
    }

    /// Let the frame that is due pass without sending.
    pub fn skip(&mut self) {
        let frames = 1 + u32::from(std::mem::take(&mut self.owes_frame));
        self.timestamp = self.timestamp.wrapping_add(frames * FRAME_SAMPLES as u32);
        self.pause();
    }

    fn pause(&mut self) {
        self.pending_bytes = 0;
        self.marker = true;
    }

    /// Forget what waits for a packet to be full: the coding changes.
    pub fn restart(&mut self) {
        self.pending_bytes = 0;
    }

    /// Send the frame that is due, coded; full packets leave at once.
    pub fn send(&mut self, route: Route<'_>, payload: &[u8], outlet: &mut impl Outlet) {
        if std::mem::take(&mut self.owes_frame) {
            let mut silence = [0; FRAME_SAMPLES];
            let bytes = route.format.codec.encode(&SILENCE, &mut silence);
            self.frame(route, &silence[..bytes], outlet);
        }
        self.frame(route, payload, outlet);
    }

    fn frame(&mut self, route: Route<'_>, payload: &[u8], outlet: &mut impl Outlet) {
        let full = usize::from(route.format.ptime_ms) * FRAME_SAMPLES / FRAME_MS as usize;
        if self.pending_bytes == 0 && payload.len() == full {
            self.packet(route, payload, self.timestamp, outlet);
        } else {
            self.collect(route, payload, full, outlet);
        }
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }

    fn collect(&mut self, route: Route<'_>, payload: &[u8], full: usize, outlet: &mut impl Outlet) {
        let mut timestamp = self.timestamp.wrapping_sub(self.pending_bytes as u32);
        self.pending[self.pending_bytes..self.pending_bytes + payload.len()].copy_from_slice(payload);
        self.pending_bytes += payload.len();
        let pending = self.pending;
        let mut at = 0;
        while self.pending_bytes - at >= full {
            self.packet(route, &pending[at..at + full], timestamp, outlet);
            timestamp = timestamp.wrapping_add(full as u32);
            at += full;
        }
        self.pending.copy_within(at..self.pending_bytes, 0);
        self.pending_bytes -= at;
    }

    fn packet(&mut self, route: Route<'_>, payload: &[u8], timestamp: u32, outlet: &mut impl Outlet) {
        let mut bytes = [0; HEADER_BYTES + LONGEST_PAYLOAD];
        let (marker, payload_type) = (self.marker, route.format.payload_type);
        let packet = Packet {
            marker,
            payload_type,
            seq: self.seq,
            timestamp,
            ssrc: self.ssrc,
            payload,
        };
        let (head, body) = bytes
            .split_first_chunk_mut::<HEADER_BYTES>()
            .expect("longer than a header");
        write_header(head, &packet);
        body[..payload.len()].copy_from_slice(payload);
        if outlet.sound(route.stream, route.to, &bytes[..HEADER_BYTES + payload.len()]) {
            self.packets += 1;
            self.payload_bytes += payload.len() as u64;
        }
        self.seq = self.seq.wrapping_add(1);
        self.marker = false;
    }

    /// Our source.
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Packets that the network took.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Payload bytes that the network took.
    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// Timestamp of the frame that is next.
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }
}
