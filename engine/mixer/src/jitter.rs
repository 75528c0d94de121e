//! The jitter buffer: packets in as they come, one frame out every 20 ms.
//!
//! Packets lie in a ring by sequence number and are played along the sender's own timeline of timestamps. Playing
//! begins when two packets (or 40 ms) are there. What is missing when its turn comes, while later packets are there, is
//! lost and concealed. When nothing at all is there, the timeline stands still for a moment: a packet that comes late is
//! then played after all, and the buffer has become deeper by the delay. `depth` makes it shallower again.
//! Bounded: 32 packets and 300 ms. Knows nothing of addresses, and of payload types only sound or not.
//!
//! Sources: RFC 3550, section 5.1; RFC 3551, section 4.1 (timestamps go on through silence); RFC 4733, section 2.1
//! (events share the sequence numbers of the sound).

use crate::codec::Codec;
use crate::concealment::Concealer;
use crate::depth::{Advice, DepthKeeper};
use crate::frame::{Frame, FRAME_SAMPLES, SAMPLES_PER_MS, SILENCE};
use crate::moment::Moment;

/// Packets that can be held.
const SLOTS: u16 = 32;

/// The longest payload accepted, in bytes and samples of G.711: 60 ms.
pub const LONGEST_PAYLOAD: usize = 60 * SAMPLES_PER_MS;

/// Held before playing begins, in ms: two packets of 20 ms. Longer packets need one and a frame.
const START_MS: usize = 40;

/// Held at most, in ms; what is older goes.
const DEEPEST_MS: usize = 300;

/// Depth that is left when the deepest is exceeded, in ms.
const CUT_TO_MS: usize = 60;

/// The timeline stands still for this long at most when nothing comes; then the stream is taken to pause.
const PATIENCE: usize = 60 * SAMPLES_PER_MS;

/// A timestamp that is off by more than this against its predecessor has jumped, in samples.
const JUMP: i32 = 8_000;

/// Blended when a frame is cut out of sound, in samples.
const BLEND: usize = 64;

/// What a packet brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Coded sound, at most [`LONGEST_PAYLOAD`] bytes.
    Sound(&'a [u8]),
    /// Something else with a sequence number: it takes a place but makes no sound.
    Other,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It lies in the buffer.
    Kept,
    /// Its turn has passed.
    Late,
    /// It is already here, or was.
    Duplicate,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    filled: bool,
    sound: bool,
    seq: u16,
    timestamp: u32,
    bytes: u16,
    arrived: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing has come yet.
    Fresh,
    /// Filling up before playing begins, at the start or after a pause.
    Filling,
    Playing,
}

/// What is next on the timeline.
enum Next {
    Sound { skip: usize },
    Other,
    Missing { samples: usize },
    Nothing,
}

/// The buffer of one stream.
#[derive(Debug)]
pub struct JitterBuffer {
    codec: Codec,
    slots: [Slot; SLOTS as usize],
    payloads: Box<[[u8; LONGEST_PAYLOAD]]>,
    phase: Phase,
    held: u16,
    /// Samples in the packets that are held.
    held_samples: usize,
    /// Sound that was here when the last frame was taken, in samples.
    depth_samples: usize,
    next_seq: u16,
    next_ts: u32,
    /// Which of the 64 packets before `next_seq` were played, the latest in the lowest bit.
    played: u64,
    last_packet: LastPacket,
    /// Samples made up while the timeline stood still.
    frozen: usize,
    ready: Samples,
    concealer: Concealer,
    depth: DepthKeeper,
    last_quiet: bool,
}

/// The last packet taken off the timeline.
#[derive(Debug, Clone, Copy, Default)]
struct LastPacket {
    samples: usize,
    arrived: Moment,
    sound: bool,
}

impl JitterBuffer {
    /// An empty buffer. Allocates; nothing else here does.
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            slots: [Slot::default(); SLOTS as usize],
            payloads: vec![[0; LONGEST_PAYLOAD]; usize::from(SLOTS)].into_boxed_slice(),
            phase: Phase::Fresh,
            held: 0,
            held_samples: 0,
            depth_samples: 0,
            next_seq: 0,
            next_ts: 0,
            played: 0,
            last_packet: LastPacket::default(),
            frozen: 0,
            ready: Samples::default(),
            concealer: Concealer::default(),
            depth: DepthKeeper::default(),
            last_quiet: false,
        }
    }

    /// Empty the buffer: another sender, another sequence, another codec.
    pub fn reset(&mut self, codec: Codec) {
        self.codec = codec;
        self.clear();
        self.phase = Phase::Fresh;
    }

    fn clear(&mut self) {
        for slot in &mut self.slots {
            slot.filled = false;
        }
        self.held = 0;
        self.held_samples = 0;
        self.played = 0;
        self.phase = Phase::Filling;
    }

    /// Forget the sound that was played: it must not be repeated to whoever hears this stream from now on.
    pub fn forget_voice(&mut self) {
        self.concealer.forget();
    }

    /// Put a packet in its place.
    pub fn insert(&mut self, seq: u16, timestamp: u32, content: Content<'_>, arrived: Moment) -> Verdict {
        let ahead = seq.wrapping_sub(self.next_seq) as i16;
        if self.held == 0 && self.phase != Phase::Playing {
            if self.phase == Phase::Filling && (-64..0).contains(&ahead) {
                return self.passed(ahead);
            }
            self.anchor(seq, timestamp);
        } else if ahead < 0 {
            if self.phase == Phase::Playing || self.out_of_reach(seq) {
                return self.passed(ahead);
            }
            // Not playing yet: the first packets came in the wrong order.
            (self.next_seq, self.next_ts) = (seq, timestamp);
        } else if ahead >= SLOTS as i16 {
            self.clear();
            self.anchor(seq, timestamp);
        }
        self.fill(seq, timestamp, content, arrived)
    }

    /// Whether some packet that is held would no longer be in reach if the timeline began at `seq`.
    fn out_of_reach(&self, seq: u16) -> bool {
        self.slots
            .iter()
            .any(|slot| slot.filled && slot.seq.wrapping_sub(seq) >= SLOTS)
    }

    fn anchor(&mut self, seq: u16, timestamp: u32) {
        self.phase = Phase::Filling;
        (self.next_seq, self.next_ts) = (seq, timestamp);
        self.played = 0;
        self.frozen = 0;
        self.last_packet.sound = false;
    }

    fn passed(&self, ahead: i16) -> Verdict {
        let back = u32::from(ahead.unsigned_abs()) - 1;
        if back < 64 && self.played >> back & 1 == 1 {
            Verdict::Duplicate
        } else {
            Verdict::Late
        }
    }

    fn fill(&mut self, seq: u16, timestamp: u32, content: Content<'_>, arrived: Moment) -> Verdict {
        let at = usize::from(seq % SLOTS);
        if self.slots[at].filled {
            return Verdict::Duplicate;
        }
        let payload = match content {
            Content::Sound(payload) => &payload[..payload.len().min(LONGEST_PAYLOAD)],
            Content::Other => &[],
        };
        self.payloads[at][..payload.len()].copy_from_slice(payload);
        let sound = content != Content::Other;
        self.slots[at] = Slot {
            filled: true,
            sound,
            seq,
            timestamp,
            bytes: payload.len() as u16,
            arrived,
        };
        self.held += 1;
        self.held_samples += self.codec.samples_in(payload.len());
        Verdict::Kept
    }

    /// Give the next 20 ms. When nobody hears them they are not decoded, and the frame is silent.
    pub fn pull(&mut self, audible: bool, now: Moment, frame: &mut Frame) {
        self.depth_samples = self.held_samples + self.ready.count;
        if self.phase != Phase::Playing && !self.begin(now) {
            self.make_up(audible, frame);
            return;
        }
        self.cut_if_too_deep();
        let advice = self.depth.advise();
        if advice == Advice::Insert && self.last_quiet {
            self.make_up(audible, frame);
            self.depth.inserted();
            return;
        }
        self.prepare(audible, now);
        self.ready.take(frame);
        self.last_quiet = !audible || self.depth.is_quiet(frame);
        if advice == Advice::LeaveOut || advice == Advice::LeaveOutIfQuiet && self.last_quiet {
            self.leave_out(audible, now, frame);
        }
    }

    /// Begin to play if enough is there, or what is there has waited long enough.
    fn begin(&mut self, now: Moment) -> bool {
        if self.held == 0 {
            return false;
        }
        let first = self.slots[usize::from(self.next_seq % SLOTS)];
        let samples = self.codec.samples_in(usize::from(first.bytes));
        let wanted_ms = START_MS.max(samples / SAMPLES_PER_MS + 20);
        if self.held_ms() < wanted_ms && now.since_ms(first.arrived) < wanted_ms as u64 {
            return false;
        }
        self.phase = Phase::Playing;
        self.next_ts = first.timestamp;
        self.frozen = 0;
        self.depth.restart();
        true
    }

    fn held_ms(&self) -> usize {
        (self.held_samples + self.ready.count) / SAMPLES_PER_MS
    }

    /// Sound that was here when the last frame was taken, in ms.
    pub fn depth_ms(&self) -> usize {
        self.depth_samples / SAMPLES_PER_MS
    }

    /// A burst after a stall would be a delay for ever: jump to what is fresh.
    fn cut_if_too_deep(&mut self) {
        if self.held_ms() <= DEEPEST_MS {
            return;
        }
        while self.held_ms() > CUT_TO_MS && self.held > 1 {
            match self.next() {
                Next::Missing { samples } => self.next_ts = self.next_ts.wrapping_add(samples as u32),
                Next::Sound { .. } | Next::Other => self.take_off(),
                Next::Nothing => break,
            }
        }
        self.depth.restart();
    }

    /// Say what the timeline holds next. Skips what cannot be played any more.
    fn next(&mut self) -> Next {
        while self.held > 0 {
            let (slot, lost) = self.nearest();
            let ahead = slot.timestamp.wrapping_sub(self.next_ts) as i32;
            let gap = self.believable_gap(ahead, lost, &slot);
            if gap > 0 {
                // What was made up while the timeline stood still was made up for this.
                let covered = self.frozen.min(gap);
                self.frozen -= covered;
                self.next_ts = self.next_ts.wrapping_add(covered as u32);
                if gap > covered {
                    return Next::Missing {
                        samples: gap - covered,
                    };
                }
            }
            for _ in 0..lost {
                self.step_over(false);
            }
            if !slot.sound {
                return Next::Other;
            }
            let skip = self.next_ts.wrapping_sub(slot.timestamp) as usize;
            if skip < self.codec.samples_in(usize::from(slot.bytes)) {
                return Next::Sound { skip };
            }
            self.take_off();
        }
        Next::Nothing
    }

    /// The first packet held at or after the next place, and how many places before it are empty.
    fn nearest(&self) -> (Slot, u16) {
        let at = |step: u16| self.slots[usize::from(self.next_seq.wrapping_add(step) % SLOTS)];
        let lost = (0..SLOTS).find(|step| at(*step).filled).unwrap_or(0);
        (at(lost), lost)
    }

    /// Samples to fill before a packet. Moves the timeline to the packet when their distance cannot be true.
    fn believable_gap(&mut self, ahead: i32, lost: u16, slot: &Slot) -> usize {
        if !slot.sound {
            return 0;
        }
        let usual = self.last_packet.samples.max(FRAME_SAMPLES);
        let paused = slot.arrived.since_ms(self.last_packet.arrived) as usize * SAMPLES_PER_MS;
        let longest = if lost > 0 || !self.last_packet.sound {
            (usize::from(lost) + 1) * LONGEST_PAYLOAD
        } else {
            // The sender was silent on purpose. That took as long as its timestamps say, or they jumped.
            (2 * paused).max(usual)
        };
        let jumped =
            !(-JUMP..=JUMP).contains(&ahead) || ahead > longest as i32 || ahead < -(LONGEST_PAYLOAD as i32);
        if jumped {
            let gap = usize::from(lost) * usual;
            self.next_ts = slot.timestamp.wrapping_sub(gap as u32);
            return gap;
        }
        ahead.max(0) as usize
    }

    fn step_over(&mut self, was_there: bool) {
        self.played = self.played << 1 | u64::from(was_there);
        self.next_seq = self.next_seq.wrapping_add(1);
    }

    /// Free the next place; the timeline goes on after its sound.
    fn take_off(&mut self) {
        let slot = &mut self.slots[usize::from(self.next_seq % SLOTS)];
        slot.filled = false;
        let samples = self.codec.samples_in(usize::from(slot.bytes));
        if slot.sound {
            let end = slot.timestamp.wrapping_add(samples as u32);
            if end.wrapping_sub(self.next_ts) as i32 > 0 {
                self.next_ts = end;
            }
        }
        self.last_packet = LastPacket {
            samples,
            arrived: slot.arrived,
            sound: slot.sound,
        };
        self.held -= 1;
        self.held_samples -= samples;
        self.step_over(true);
    }

    /// Make a whole frame ready.
    fn prepare(&mut self, audible: bool, now: Moment) {
        while self.ready.count < FRAME_SAMPLES {
            let wanted = FRAME_SAMPLES - self.ready.count;
            match self.next() {
                Next::Sound { skip } => self.play(skip, audible, now),
                Next::Other => self.take_off(),
                Next::Missing { samples } => {
                    let count = samples.min(wanted);
                    self.fill_in(count, audible);
                    self.next_ts = self.next_ts.wrapping_add(count as u32);
                }
                Next::Nothing => {
                    self.fill_in(wanted, audible);
                    self.frozen += wanted;
                    let paused_on_purpose = !self.last_packet.sound;
                    if self.frozen > PATIENCE || paused_on_purpose {
                        self.phase = Phase::Filling;
                    }
                }
            }
        }
    }

    fn play(&mut self, skip: usize, audible: bool, now: Moment) {
        let at = usize::from(self.next_seq % SLOTS);
        let slot = self.slots[at];
        self.depth.played(slot.arrived, now);
        self.frozen = 0;
        let samples = self
            .ready
            .room(self.codec.samples_in(usize::from(slot.bytes)) - skip);
        if audible {
            self.codec
                .decode(&self.payloads[at][skip..usize::from(slot.bytes)], samples);
            self.concealer.good(samples);
        } else {
            samples.fill(0);
        }
        self.take_off();
    }

    fn fill_in(&mut self, count: usize, audible: bool) {
        let samples = self.ready.room(count);
        if audible {
            self.concealer.conceal(samples);
        } else {
            samples.fill(0);
        }
    }

    fn make_up(&mut self, audible: bool, frame: &mut Frame) {
        if audible {
            self.concealer.conceal(frame);
        } else {
            *frame = SILENCE;
        }
    }

    /// Replace the frame by the next one, its beginning blended from the one left out.
    fn leave_out(&mut self, audible: bool, now: Moment, frame: &mut Frame) {
        if self.held == 0 {
            return;
        }
        self.depth.left_out();
        self.prepare(audible, now);
        let left_out = *frame;
        self.ready.take(frame);
        for i in 0..BLEND {
            let share = (i + 1) as f32 / (BLEND + 1) as f32;
            frame[i] = (f32::from(frame[i]) * share + f32::from(left_out[i]) * (1.0 - share)) as i16;
        }
    }
}

/// Samples decoded and not yet played: less than a frame, and then one packet.
#[derive(Debug)]
struct Samples {
    samples: [i16; FRAME_SAMPLES + LONGEST_PAYLOAD],
    count: usize,
}

impl Default for Samples {
    fn default() -> Self {
        Self {
            samples: [0; FRAME_SAMPLES + LONGEST_PAYLOAD],
            count: 0,
        }
    }
}

impl Samples {
    /// Append room for so many samples, to be written by the caller.
    fn room(&mut self, count: usize) -> &mut [i16] {
        let start = self.count;
        self.count += count;
        &mut self.samples[start..start + count]
    }

    fn take(&mut self, frame: &mut Frame) {
        frame.copy_from_slice(&self.samples[..FRAME_SAMPLES]);
        self.samples.copy_within(FRAME_SAMPLES..self.count, 0);
        self.count -= FRAME_SAMPLES;
    }
}
