//! Our side of an RTP stream: one packet after the other, on time, for as long as the stream is open.
//!
//! Sequence numbers go up by one for each packet; timestamps go on with the time, whether or not anything is sent. So
//! silence, a change of what is heard, a move to another conference and a stall of the machine all keep the listener's
//! timeline true.
//!
//! Sources: RFC 3550, section 5.1; RFC 3551, section 4.1 (the marker after a pause; a stream without silence
//! suppression does not set it otherwise); RFC 3389, section 4 (comfort noise in place of silence).

use std::net::SocketAddr;

use codecs::opus::Joiner;

use crate::codec::{ticks_per_ms, Codec, LONGEST_FRAME_BYTES};
use crate::frame::FRAME_MS;
use crate::keying::Event;
use crate::mixer::StreamId;
use crate::moment::Moment;
use crate::noise::OUR_LEVEL;
use crate::outlet::Outlet;
use crate::rtp::{write_header, Packet, HEADER_BYTES};
use crate::terms::{Format, Identity};

/// A frame may be served this much before its time, in ms, and less than a frame after it: a stream that moves between
/// conferences is served at other moments than before.
const EARLIEST_MS: i64 = FRAME_MS as i64 / 2;

/// Frames that wait for a packet to be full, at most, and the bytes of all of them.
const PENDING_FRAMES: usize = 3;
const PENDING_BYTES: usize = 2 * LONGEST_FRAME_BYTES;

/// The longest payload that is sent, in bytes: what fits a packet on an ordinary network.
const LONGEST_SENT: usize = 1_400;

/// Frames of silence that are sent before it is left out: 200 ms, in which the filters and encoders on the way fall silent.
const HANGOVER_FRAMES: u32 = 10;

/// Frames from one packet of comfort noise to the next: a second, so that nobody between us and the peer takes the call for dead.
const NOISE_EVERY: u32 = 50;

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
    /// Silent frames in a row.
    silent: u32,
    pending: [u8; PENDING_BYTES],
    pending_bytes: usize,
    /// Where each of the waiting frames ends, for a codec whose frames cannot be cut.
    ends: [usize; PENDING_FRAMES],
    frames: usize,
    packets: u64,
    payload_bytes: u64,
    /// When the key that is pressed was pressed first.
    pressed: u32,
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
            silent: 0,
            pending: [0; PENDING_BYTES],
            pending_bytes: 0,
            ends: [0; PENDING_FRAMES],
            frames: 0,
            packets: 0,
            payload_bytes: 0,
            pressed: 0,
        }
    }

    /// Whether a frame is due at this tick. One frame whose time has passed unserved, in a move, will be made up for by
    /// silence; more than one, after a stall, are stepped over: a burst would only fill the listener's buffer.
    pub fn is_due(&mut self, codec: Codec, now: Moment) -> bool {
        let due = *self.due.get_or_insert(now);
        let late_ms = now.since_us(due) / 1_000;
        if late_ms < -EARLIEST_MS {
            return false;
        }
        let missed = late_ms.max(0) as u64 / FRAME_MS;
        self.owes_frame = missed == 1;
        if missed > 1 {
            self.timestamp = self.timestamp.wrapping_add(missed as u32 * frame_ticks(codec));
            self.pause();
        }
        self.due = Some(due.plus_ms(FRAME_MS * (missed + 1)));
        true
    }

    /// Let the frame that is due pass without sending.
    pub fn skip(&mut self, codec: Codec) {
        let frames = 1 + u32::from(std::mem::take(&mut self.owes_frame));
        self.timestamp = self.timestamp.wrapping_add(frames * frame_ticks(codec));
        self.pause();
    }

    fn pause(&mut self) {
        self.restart();
        self.marker = true;
    }

    /// Forget what waits for a packet to be full: the coding changes.
    pub fn restart(&mut self) {
        (self.pending_bytes, self.frames) = (0, 0);
    }

    /// Leave the frame that is due out, if it is silent, as those before it, and the peer agreed to comfort noise. That is told
    /// at the beginning and once a second.
    pub fn leaves_out(&mut self, route: Route<'_>, silent: bool, outlet: &mut impl Outlet) -> bool {
        let Some(payload_type) = route.format.noise_payload_type.filter(|_| silent) else {
            self.silent = 0;
            return false;
        };
        self.silent = self.silent.saturating_add(1);
        let Some(left_out) = self.silent.checked_sub(HANGOVER_FRAMES + 1) else {
            return false;
        };
        self.restart();
        if left_out % NOISE_EVERY == 0 {
            let format = Format {
                payload_type,
                ..*route.format
            };
            // The marker is for the sound that comes after (RFC 3551, section 4.1).
            self.marker = false;
            let route = Route {
                format: &format,
                ..route
            };
            self.packet(route, &[OUR_LEVEL], self.timestamp, outlet);
        }
        self.skip(route.format.codec);
        true
    }

    /// Send the frame that is due, coded; full packets leave at once. An empty one is silence that need not be sent.
    pub fn send(&mut self, route: Route<'_>, joiner: &mut Joiner, payload: &[u8], outlet: &mut impl Outlet) {
        let codec = route.format.codec;
        if std::mem::take(&mut self.owes_frame) {
            self.make_up(route, outlet);
        }
        if payload.is_empty() {
            self.flush(route, joiner, outlet);
            self.pause();
        } else if let Some(bytes_per_ms) = codec.bytes_per_ms() {
            self.cut(route, bytes_per_ms, payload, outlet);
        } else {
            self.gather(route, joiner, payload, outlet);
        }
        self.timestamp = self.timestamp.wrapping_add(frame_ticks(codec));
    }

    /// Send a key's event in place of the frame that is due. The sound before it ends, and begins anew after it.
    pub fn key(&mut self, route: Route<'_>, event: Event, outlet: &mut impl Outlet) {
        let codec = route.format.codec;
        if std::mem::take(&mut self.owes_frame) {
            self.timestamp = self.timestamp.wrapping_add(frame_ticks(codec));
        }
        if event.first {
            self.pause();
            self.pressed = self.timestamp;
        }
        self.timestamp = self.timestamp.wrapping_add(frame_ticks(codec));
        let Some(payload_type) = route.format.digit_payload_type else {
            return;
        };
        self.marker = event.first;
        self.packet_of(payload_type, route, (&event.payload, self.pressed), outlet);
        self.marker = true;
    }

    /// Stand in for a frame that was not served. What a codec that remembers would have coded is not known.
    fn make_up(&mut self, route: Route<'_>, outlet: &mut impl Outlet) {
        let codec = route.format.codec;
        let silence = match codec {
            Codec::Pcmu => crate::g711::PCMU_SILENCE,
            Codec::Pcma => crate::g711::PCMA_SILENCE,
            _ => 0,
        };
        match codec.bytes_per_ms().filter(|_| !codec.remembers()) {
            Some(bytes_per_ms) => {
                let frame = [silence; LONGEST_FRAME_BYTES];
                self.cut(
                    route,
                    bytes_per_ms,
                    &frame[..bytes_per_ms * FRAME_MS as usize],
                    outlet,
                );
            }
            None => self.pause(),
        }
        self.timestamp = self.timestamp.wrapping_add(frame_ticks(codec));
    }

    /// Packets of the agreed length out of frames that can be cut and joined anywhere.
    fn cut(&mut self, route: Route<'_>, bytes_per_ms: usize, payload: &[u8], outlet: &mut impl Outlet) {
        let full = usize::from(route.format.ptime_ms) * bytes_per_ms;
        if self.pending_bytes == 0 && payload.len() == full {
            self.packet(route, payload, self.timestamp, outlet);
            return;
        }
        let ticks = |bytes: usize| (bytes * ticks_per_ms(route.format.codec) / bytes_per_ms) as u32;
        let mut timestamp = self.timestamp.wrapping_sub(ticks(self.pending_bytes));
        self.pending[self.pending_bytes..self.pending_bytes + payload.len()].copy_from_slice(payload);
        self.pending_bytes += payload.len();
        let pending = self.pending;
        let mut at = 0;
        while self.pending_bytes - at >= full {
            self.packet(route, &pending[at..at + full], timestamp, outlet);
            timestamp = timestamp.wrapping_add(ticks(full));
            at += full;
        }
        self.pending.copy_within(at..self.pending_bytes, 0);
        self.pending_bytes -= at;
    }

    /// Packets of several frames that can only be joined as they are.
    fn gather(&mut self, route: Route<'_>, joiner: &mut Joiner, payload: &[u8], outlet: &mut impl Outlet) {
        let wanted = usize::from(route.format.ptime_ms) / FRAME_MS as usize;
        if wanted <= 1 {
            self.packet(route, payload, self.timestamp, outlet);
            return;
        }
        if self.pending_bytes + payload.len() > LONGEST_SENT {
            self.flush(route, joiner, outlet);
        }
        self.pending[self.pending_bytes..self.pending_bytes + payload.len()].copy_from_slice(payload);
        self.pending_bytes += payload.len();
        self.ends[self.frames] = self.pending_bytes;
        self.frames += 1;
        if self.frames >= wanted.min(PENDING_FRAMES) {
            // The frame that is due is among them.
            self.timestamp = self.timestamp.wrapping_add(frame_ticks(route.format.codec));
            self.flush(route, joiner, outlet);
            self.timestamp = self.timestamp.wrapping_sub(frame_ticks(route.format.codec));
        }
    }

    /// Send the frames that wait, which end where the next one begins: in one packet, or one by one if they do not fit
    /// together.
    fn flush(&mut self, route: Route<'_>, joiner: &mut Joiner, outlet: &mut impl Outlet) {
        let frames = std::mem::take(&mut self.frames);
        let bytes = std::mem::take(&mut self.pending_bytes);
        if frames == 0 {
            return;
        }
        let step = frame_ticks(route.format.codec);
        let mut timestamp = self.timestamp.wrapping_sub(frames as u32 * step);
        let (pending, ends) = (self.pending, self.ends);
        let start = |frame: usize| if frame == 0 { 0 } else { ends[frame - 1] };
        let parts: [&[u8]; PENDING_FRAMES] = std::array::from_fn(|frame| match frame {
            _ if frame < frames => &pending[start(frame)..ends[frame]],
            _ => &pending[..0],
        });
        let mut joined = [0; PENDING_BYTES];
        // Joining costs a few bytes for the lengths of the parts.
        let length = joiner.join(&parts[..frames], &mut joined[..bytes + 2 * PENDING_FRAMES + 2]);
        if length > 0 {
            self.packet(route, &joined[..length], timestamp, outlet);
            return;
        }
        for part in &parts[..frames] {
            self.packet(route, part, timestamp, outlet);
            timestamp = timestamp.wrapping_add(step);
        }
    }

    fn packet(&mut self, route: Route<'_>, payload: &[u8], timestamp: u32, outlet: &mut impl Outlet) {
        self.packet_of(route.format.payload_type, route, (payload, timestamp), outlet);
    }

    fn packet_of(
        &mut self,
        payload_type: u8,
        route: Route<'_>,
        content: (&[u8], u32),
        outlet: &mut impl Outlet,
    ) {
        let mut bytes = [0; HEADER_BYTES + PENDING_BYTES];
        let (payload, timestamp) = content;
        let packet = Packet {
            marker: self.marker,
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

/// Ticks of the RTP clock in a frame.
fn frame_ticks(codec: Codec) -> u32 {
    ticks_per_ms(codec) as u32 * FRAME_MS as u32
}
