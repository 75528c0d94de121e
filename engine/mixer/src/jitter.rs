//! The jitter buffer: packets in as they come, one frame out every 20 ms.
//!
//! Packets wait on a `shelf` in the order of their numbers, and are played along the sender's own timeline of timestamps. Playing
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
pub use crate::shelf::{Content, Verdict, LONGEST_PAYLOAD};
use crate::shelf::{Held, Shelf};

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
    /// The packet in the next place, of which so many samples are past already.
    Sound {
        skip: usize,
    },
    Other,
    Missing {
        samples: usize,
    },
    Nothing,
}

/// The buffer of one stream.
#[derive(Debug)]
pub struct JitterBuffer {
    codec: Codec,
    shelf: Shelf,
    phase: Phase,
    /// The timestamp of the next sample.
    next_ts: u32,
    /// The last packet taken off.
    last: Held,
    /// Samples made up while the timeline stood still.
    frozen: usize,
    ready: Ready,
    /// Sound that was here when the last frame was taken, in samples.
    depth_samples: usize,
    depth: DepthKeeper,
    last_quiet: bool,
    concealer: Concealer,
}

impl JitterBuffer {
    /// An empty buffer. Allocates; nothing else here does.
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            shelf: Shelf::new(),
            phase: Phase::Fresh,
            next_ts: 0,
            last: Held::default(),
            frozen: 0,
            ready: Ready::default(),
            depth_samples: 0,
            depth: DepthKeeper::default(),
            last_quiet: false,
            concealer: Concealer::default(),
        }
    }

    /// Empty the buffer: another sender, another sequence, another codec.
    pub fn reset(&mut self, codec: Codec) {
        self.codec = codec;
        self.shelf.begin_at(0);
        self.phase = Phase::Fresh;
    }

    /// Forget the sound that was played: it must not be repeated to whoever hears this stream from now on.
    pub fn forget_voice(&mut self) {
        self.concealer.forget();
    }

    /// Put a packet in its place.
    pub fn insert(&mut self, seq: u16, timestamp: u32, content: Content<'_>, arrived: Moment) -> Verdict {
        let ahead = self.shelf.ahead(seq);
        if self.shelf.count() == 0 && self.phase != Phase::Playing {
            if self.phase == Phase::Filling && Shelf::remembers(ahead) {
                return self.shelf.judge_passed(ahead);
            }
            self.begin_filling(seq);
        } else if ahead < 0 {
            // Until playing has begun the first packets may have come in the wrong order.
            if self.phase == Phase::Playing || !self.shelf.reach_back_to(seq) {
                return self.shelf.judge_passed(ahead);
            }
        } else if !Shelf::has_place(ahead) {
            self.begin_filling(seq);
        }
        self.shelf.put(self.codec, (seq, timestamp), content, arrived)
    }

    fn begin_filling(&mut self, seq: u16) {
        self.shelf.begin_at(seq);
        self.phase = Phase::Filling;
        self.frozen = 0;
        self.last.sound = false;
    }

    /// Give the next 20 ms. When nobody hears them they are not decoded, and the frame is silent.
    pub fn pull(&mut self, audible: bool, now: Moment, frame: &mut Frame) {
        self.depth_samples = self.shelf.samples() + self.ready.count;
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
        if self.shelf.count() == 0 {
            return false;
        }
        let (first, _) = self.shelf.nearest();
        let wanted_ms = START_MS.max(first.samples / SAMPLES_PER_MS + 20);
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
        (self.shelf.samples() + self.ready.count) / SAMPLES_PER_MS
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
        while self.held_ms() > CUT_TO_MS && self.shelf.count() > 1 {
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
        while self.shelf.count() > 0 {
            let (held, lost) = self.shelf.nearest();
            let gap = self.gap_before(&held, lost);
            // What was made up while the timeline stood still was made up for this.
            let covered = self.frozen.min(gap);
            self.frozen -= covered;
            self.next_ts = self.next_ts.wrapping_add(covered as u32);
            if gap > covered {
                return Next::Missing {
                    samples: gap - covered,
                };
            }
            self.shelf.step_over(lost);
            if !held.sound {
                return Next::Other;
            }
            let skip = self.next_ts.wrapping_sub(held.timestamp) as usize;
            if skip < held.samples {
                return Next::Sound { skip };
            }
            self.take_off();
        }
        Next::Nothing
    }

    /// Samples to fill before a packet. Moves the timeline to the packet when their distance cannot be true.
    fn gap_before(&mut self, held: &Held, lost: u16) -> usize {
        if !held.sound {
            return 0;
        }
        let usual = self.last.samples.max(FRAME_SAMPLES);
        let longest = if lost > 0 || !self.last.sound {
            (usize::from(lost) + 1) * LONGEST_PAYLOAD
        } else {
            // The sender was silent on purpose. That took as long as its timestamps say, or they jumped.
            let paused = held.arrived.since_ms(self.last.arrived) as usize * SAMPLES_PER_MS;
            (2 * paused).max(usual)
        };
        let ahead = held.timestamp.wrapping_sub(self.next_ts) as i32;
        let believable = -(LONGEST_PAYLOAD as i32)..=JUMP.min(longest.min(i32::MAX as usize) as i32);
        if !believable.contains(&ahead) {
            let gap = usize::from(lost) * usual;
            self.next_ts = held.timestamp.wrapping_sub(gap as u32);
            return gap;
        }
        ahead.max(0) as usize
    }

    /// Free the next place; the timeline goes on after its sound.
    fn take_off(&mut self) {
        self.last = self.shelf.take();
        let end = self.last.timestamp.wrapping_add(self.last.samples as u32);
        if self.last.sound && end.wrapping_sub(self.next_ts) as i32 > 0 {
            self.next_ts = end;
        }
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
                Next::Nothing => self.stand_still(wanted, audible),
            }
        }
    }

    /// Fill in for what has not come, without moving on: it may be late. After a while the stream is taken to pause.
    fn stand_still(&mut self, wanted: usize, audible: bool) {
        self.fill_in(wanted, audible);
        self.frozen += wanted;
        let paused_on_purpose = !self.last.sound;
        if self.frozen > PATIENCE || paused_on_purpose {
            self.phase = Phase::Filling;
        }
    }

    fn play(&mut self, skip: usize, audible: bool, now: Moment) {
        let payload = self.shelf.payload();
        let samples = self.ready.room(self.codec.samples_in(payload.len()) - skip);
        if audible {
            self.codec.decode(&payload[skip..], samples);
            self.concealer.good(samples);
        } else {
            samples.fill(0);
        }
        self.take_off();
        self.depth.played(self.last.arrived, now);
        self.frozen = 0;
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
        if self.shelf.count() == 0 {
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
struct Ready {
    samples: [i16; FRAME_SAMPLES + LONGEST_PAYLOAD],
    count: usize,
}

impl Default for Ready {
    fn default() -> Self {
        Self {
            samples: [0; FRAME_SAMPLES + LONGEST_PAYLOAD],
            count: 0,
        }
    }
}

impl Ready {
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
