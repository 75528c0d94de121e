//! The jitter buffer: packets in as they come, one frame out every 20 ms.
//!
//! Packets wait on a `shelf` in the order of their numbers, and are played along the sender's own timeline of timestamps. Playing
//! begins when two packets (or 40 ms) are there, or one that has waited for 8 ms. What is missing when its turn comes, while
//! later packets are there, is lost and concealed. When nothing at all is there, the timeline stands still for a moment: a packet that comes late is
//! then played after all, and the buffer has become deeper by the delay. `depth` makes it shallower again.
//! Bounded: 32 packets, and as many ms as its size allows. Knows nothing of addresses, and of payload types only sound or not.
//!
//! Sources: RFC 3550, section 5.1; RFC 3551, section 4.1 (timestamps go on through silence); RFC 4733, section 2.1
//! (events share the sequence numbers of the sound).

use crate::bounds::BufferSize;
use crate::codec::{ticks_per_ms, Codec};
use crate::depth::{Advice, DepthKeeper, FRAME_US};
use crate::frame::{samples_at, FRAME_MS};
use crate::history::{History, Recent};
use crate::moment::Moment;
use crate::rebuild::Rebuilder;
pub use crate::shelf::{Content, Verdict};
use crate::shelf::{Held, Shelf};

/// The timeline stands still for this long at most when nothing comes, in ms; then the stream is taken to pause.
const PATIENCE_MS: usize = 60;

/// A timestamp that is off by more than this against its predecessor has jumped, in ms.
const JUMP_MS: usize = 1_000;

/// The longest packet, in ms.
const LONGEST_MS: usize = 60;

/// One frame is enough to begin with once it has waited so long, in ms: the next may then be late by as much. A network that
/// needs more says so within a second, and the buffer grows (`depth`).
const START_SPARE_MS: u64 = 8;

/// Blended when a frame is cut out of sound, in ms.
const BLEND_MS: usize = 8;

/// Sound this much like itself one period later may be made shorter or longer under speech.
const SURE: f32 = 0.7;

/// Any sound may: nobody hears it, or there is no time to choose.
const ANY: f32 = -1.0;

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
    /// The packet in the next place, of which so many ticks are past already.
    Sound {
        skip: usize,
    },
    Other,
    Missing {
        ticks: usize,
        /// Empty places before the packet that comes after it.
        lost: u16,
    },
    Nothing,
}

/// The buffer of one stream. Counts in ticks of the RTP clock, as the peer does.
#[derive(Debug)]
pub struct JitterBuffer {
    codec: Codec,
    /// Ticks in a millisecond.
    per_ms: usize,
    shelf: Shelf,
    phase: Phase,
    /// The timestamp of the next tick.
    next_ts: u32,
    /// The last packet taken off.
    last: Held,
    /// Ticks made up while the timeline stood still.
    frozen: usize,
    /// Sound that was here when the last frame was taken, in ms.
    depth_ms: usize,
    size: BufferSize,
    depth: DepthKeeper,
    history: History,
    last_quiet: bool,
    sound: Rebuilder,
}

impl JitterBuffer {
    /// An empty buffer that gives sound at this rate. Allocates; nothing else here does.
    pub fn new(codec: Codec, rate_hz: u32) -> Self {
        Self {
            codec,
            per_ms: ticks_per_ms(codec),
            shelf: Shelf::new(codec),
            phase: Phase::Fresh,
            next_ts: 0,
            last: Held::default(),
            frozen: 0,
            depth_ms: 0,
            size: BufferSize::default(),
            depth: DepthKeeper::default(),
            history: History::default(),
            last_quiet: false,
            sound: Rebuilder::new(codec, rate_hz),
        }
    }

    /// The codec of what is put in.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Rate of the sound it gives, in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.sound.rate_hz()
    }

    /// Keep to the bounds of this size from now on.
    pub fn set_size(&mut self, size: BufferSize) {
        self.size = size;
        self.depth.set_size(size);
    }

    /// What there is to tell about the last seconds.
    pub fn recent(&self) -> Recent {
        self.history.recent()
    }

    /// Let the next stretch of time be told by itself.
    pub fn begin_recent(&mut self) {
        self.history.begin();
    }

    /// Empty the buffer: another sender, another sequence.
    pub fn reset(&mut self) {
        self.shelf.begin_at(0);
        self.phase = Phase::Fresh;
    }

    /// Forget the sound that was played: it must not be repeated to whoever hears this stream from now on.
    pub fn forget_voice(&mut self) {
        self.sound.forget();
    }

    /// Say before each frame whether silence is expected: then packets that say nothing are not decoded.
    pub fn expect_silence(&mut self, expected: bool) {
        self.sound.expect_silence(expected);
    }

    /// Whether the last frame is silence because its packets said nothing.
    pub fn dozes(&self) -> bool {
        self.sound.dozes()
    }

    /// Whether what is given now is noise of the sender's own telling, and no voice.
    pub fn is_noise(&self) -> bool {
        self.sound.is_noise()
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
    pub fn pull(&mut self, audible: bool, now: Moment, frame: &mut [i16]) {
        debug_assert_eq!(frame.len(), samples_at(self.rate_hz()));
        if self.phase == Phase::Playing {
            self.cut_if_too_deep();
        }
        self.depth_ms = self.held_ms();
        self.history.depth(self.depth_ms);
        if self.phase != Phase::Playing && !self.begin(now) {
            self.sound.make_up(audible, frame);
            return;
        }
        let advice = self.depth.advise();
        if advice == Advice::Lengthen && self.last_quiet {
            self.sound.make_up(audible, frame);
            self.depth.inserted(FRAME_US);
            return;
        }
        self.prepare(audible, now);
        match advice {
            Advice::Keep => {}
            Advice::Lengthen => self.lengthen(),
            Advice::Shorten { surplus_us, urgent } => self.shorten(surplus_us, urgent, (audible, now)),
        }
        self.sound.take(frame);
        self.last_quiet = !audible || self.is_quiet(frame);
        if self.last_quiet
            && matches!(advice, Advice::Shorten { surplus_us, .. } if surplus_us >= 2 * FRAME_US)
        {
            self.leave_out(audible, now, frame);
        }
    }

    fn is_quiet(&mut self, frame: &[i16]) -> bool {
        let (quiet, loudness) = self.depth.is_quiet(frame);
        self.history.heard(loudness);
        quiet
    }

    fn lengthen(&mut self) {
        let added_us = self.sound.lengthen(SURE);
        if added_us > 0 {
            self.depth.inserted(added_us);
        }
    }

    /// Take a period out of the sound, if there is enough of it.
    fn shorten(&mut self, surplus_us: u64, urgent: bool, (audible, now): (bool, Moment)) {
        if self.sound.wanted_to_shorten() > 0 {
            match self.next() {
                Next::Sound { skip } => self.play(skip, audible, now),
                _ => return,
            }
        }
        if self.shelf.count() == 0 && self.sound.ready_us() < FRAME_US + surplus_us {
            return;
        }
        let least = if urgent || self.last_quiet { ANY } else { SURE };
        let cut_us = self.sound.shorten(surplus_us, least);
        self.depth.left_out(cut_us);
        self.prepare(audible, now);
    }

    /// Begin to play if enough is there, or what is there has waited long enough.
    fn begin(&mut self, now: Moment) -> bool {
        if self.shelf.count() == 0 {
            return false;
        }
        let (first, _) = self.shelf.nearest();
        let wanted_ms = self.size.start_ms(first.ticks / self.per_ms);
        let waited_ms = now.since_ms(first.arrived);
        let soon = self.held_ms() >= FRAME_MS as usize && waited_ms >= START_SPARE_MS;
        if self.held_ms() < wanted_ms && waited_ms < wanted_ms as u64 && !soon {
            return false;
        }
        self.phase = Phase::Playing;
        self.next_ts = first.timestamp;
        self.frozen = 0;
        self.depth.restart();
        true
    }

    fn held_ms(&self) -> usize {
        self.shelf.ticks() / self.per_ms + self.sound.ready_ms()
    }

    /// Sound that was here when the last frame was taken, in ms.
    pub fn depth_ms(&self) -> usize {
        self.depth_ms
    }

    /// A burst after a stall would be a delay for ever: jump to what is fresh.
    fn cut_if_too_deep(&mut self) {
        let packet_ms = self.last.ticks / self.per_ms;
        if self.held_ms() <= self.size.deepest_ms(packet_ms) {
            return;
        }
        self.sound.seam();
        while self.held_ms() > self.size.cut_to_ms(packet_ms) && self.shelf.count() > 1 {
            match self.next() {
                Next::Missing { ticks, .. } => self.next_ts = self.next_ts.wrapping_add(ticks as u32),
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
                    ticks: gap - covered,
                    lost,
                };
            }
            self.shelf.step_over(lost);
            if !held.sound {
                return Next::Other;
            }
            let skip = self.next_ts.wrapping_sub(held.timestamp) as usize;
            if skip < held.ticks {
                return Next::Sound { skip };
            }
            self.take_off();
        }
        Next::Nothing
    }

    /// Ticks to fill before a packet. Moves the timeline to the packet when their distance cannot be true.
    fn gap_before(&mut self, held: &Held, lost: u16) -> usize {
        if !held.sound {
            return 0;
        }
        let usual = self.last.ticks.max(FRAME_MS as usize * self.per_ms);
        let longest_packet = LONGEST_MS * self.per_ms;
        let longest = if lost > 0 || !self.last.sound {
            (usize::from(lost) + 1) * longest_packet
        } else {
            // The sender was silent on purpose. That took as long as its timestamps say, or they jumped.
            let paused = held.arrived.since_ms(self.last.arrived) as usize * self.per_ms;
            (2 * paused).max(usual)
        };
        let ahead = held.timestamp.wrapping_sub(self.next_ts) as i32;
        let believable = -(longest_packet as i32)..=longest.min(JUMP_MS * self.per_ms) as i32;
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
        if let Some(level) = self.last.noise {
            self.sound.begin_noise(level);
        }
        let end = self.last.timestamp.wrapping_add(self.last.ticks as u32);
        if self.last.sound && end.wrapping_sub(self.next_ts) as i32 > 0 {
            self.next_ts = end;
        }
    }

    /// Make a whole frame ready.
    fn prepare(&mut self, audible: bool, now: Moment) {
        while self.sound.wanted() > 0 {
            match self.next() {
                Next::Sound { skip } => self.play(skip, audible, now),
                Next::Other => self.take_off(),
                Next::Missing { ticks, lost } => {
                    let after = self.shelf.payload(lost);
                    let filled = self.sound.fill_gap(ticks, after, audible);
                    self.next_ts = self.next_ts.wrapping_add(filled as u32);
                }
                Next::Nothing => self.stand_still(audible),
            }
        }
    }

    /// Fill in for what has not come, without moving on: it may be late. After a while the stream is taken to pause.
    fn stand_still(&mut self, audible: bool) {
        self.frozen += self.sound.fill_frame(audible);
        let paused_on_purpose = !self.last.sound;
        if self.frozen > PATIENCE_MS * self.per_ms || paused_on_purpose {
            self.phase = Phase::Filling;
        }
    }

    fn play(&mut self, skip: usize, audible: bool, now: Moment) {
        let rest_us = self.sound.ready_us();
        self.sound.play(self.shelf.payload(0), skip, audible);
        self.take_off();
        let waited_us = self.depth.played(self.last.arrived, now, rest_us);
        self.history.waited(waited_us);
        self.frozen = 0;
    }

    /// Replace the frame by the next one, its beginning blended from the one left out.
    fn leave_out(&mut self, audible: bool, now: Moment, frame: &mut [i16]) {
        if self.shelf.count() == 0 {
            return;
        }
        self.depth.left_out(FRAME_US);
        self.prepare(audible, now);
        let blend = BLEND_MS * frame.len() / FRAME_MS as usize;
        let mut left_out = [0; BLEND_MS * 48];
        left_out[..blend].copy_from_slice(&frame[..blend]);
        self.sound.take(frame);
        for i in 0..blend {
            let share = (i + 1) as f32 / (blend + 1) as f32;
            frame[i] = (f32::from(frame[i]) * share + f32::from(left_out[i]) * (1.0 - share)) as i16;
        }
    }
}
