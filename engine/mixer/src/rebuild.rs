//! From payloads to a sound without holes: decodes what came and makes up what did not.
//!
//! Opus has its own ways to make up what is lost, and often a copy of it in the next packet; for the others the last period
//! is repeated. What nobody hears is not decoded, nor what is known to be silence (`doze`); a codec that remembers
//! then begins anew, softly, when it is heard again. G.722 goes on at the right loudness after a doze.

use codecs::g722::Skimmed;
use codecs::opus::says_nothing;
use codecs::Decoder;

use crate::codec::{ticks_per_ms, Codec};
use crate::concealment::Concealer;
use crate::doze::{Doze, Hush};
use crate::frame::samples_at;
use crate::noise::Noise;
use crate::stretch::{self, Needs};

/// The most that is made ready at once: what a change of its length needs, a packet of 60 ms, and what is added.
const READY_MS: usize = 27 + 60 + 16;

/// Opus makes up sound in whole pieces of this length, in ms.
const PIECE_MS: usize = 10;

/// So much is made up in a row by Opus, in ms; then its decoder has nothing but noise to add.
const MADE_UP_MS: usize = 120;

/// The sound of one stream on its way out of the jitter buffer. Takes ticks of the RTP clock, gives samples.
#[derive(Debug)]
pub(crate) struct Rebuilder {
    decoder: Decoder,
    concealer: Concealer,
    /// Samples decoded and not yet played.
    ready: Box<[i16]>,
    count: usize,
    /// What was played last, as much as is needed to repeat a period of it.
    past: Box<[i16]>,
    /// Ticks and samples in a millisecond.
    ticks: usize,
    samples: usize,
    /// Packets were left out: the decoder no longer knows what was said.
    stale: bool,
    /// And what it knows is of no use.
    lost: bool,
    /// Made up in a row, in samples.
    made_up: usize,
    doze: Doze,
    hush: Hush,
    /// What the packet decoded last was like, until the gate has judged it.
    judged_next: Option<Skimmed>,
    /// Whether something of what is ready was decoded.
    decoded: bool,
    /// What the sender left in place of its voice, until it speaks again.
    noise: Option<Noise>,
}

impl Rebuilder {
    /// Allocates; nothing else here does.
    pub fn new(codec: Codec, rate_hz: u32) -> Self {
        let samples = rate_hz as usize / 1_000;
        Self {
            decoder: Decoder::new(codec, rate_hz).expect("a rate of the codec"),
            concealer: Concealer::new(if codec == Codec::Opus { 8_000 } else { rate_hz }),
            ready: vec![0; READY_MS * samples].into_boxed_slice(),
            count: 0,
            past: vec![0; Needs::at(rate_hz).past].into_boxed_slice(),
            ticks: ticks_per_ms(codec),
            samples,
            stale: false,
            lost: false,
            made_up: 0,
            doze: Doze::default(),
            hush: Hush::default(),
            judged_next: None,
            decoded: false,
            noise: None,
        }
    }

    /// Say whether silence is expected: then what says nothing is not decoded.
    pub fn expect_silence(&mut self, expected: bool) {
        self.doze.expect(expected);
        if let Some(seen) = self.judged_next.take().filter(|_| expected) {
            self.hush.learn(&seen);
        }
        self.decoded &= self.count > 0;
    }

    /// Whether the frame taken last is silence because nothing of it was decoded.
    pub fn dozes(&self) -> bool {
        self.stale && self.doze.is_quiet() && !self.decoded
    }

    /// The sender is silent from here on, but for noise of so many -dBov.
    pub fn begin_noise(&mut self, level: u8) {
        self.noise = Some(
            self.noise
                .map_or_else(|| Noise::of_level(level), |before| before.at_level(level)),
        );
    }

    /// Whether the sender is silent but for noise.
    pub fn is_noise(&self) -> bool {
        self.noise.is_some()
    }

    /// Rate of the sound, in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.decoder.rate_hz()
    }

    /// Sound made ready and not yet taken, in ms.
    pub fn ready_ms(&self) -> usize {
        self.count / self.samples
    }

    /// The same in µs.
    pub fn ready_us(&self) -> u64 {
        self.us_of(self.count)
    }

    /// Samples that a whole frame still lacks.
    pub fn wanted(&self) -> usize {
        samples_at(self.rate_hz()).saturating_sub(self.count)
    }

    /// Forget what was said: whoever hears from now on must hear nothing of it.
    pub fn forget(&mut self) {
        self.concealer.forget();
        self.ready[..self.count].fill(0);
        self.past.fill(0);
        self.stale = self.decoder.codec().remembers();
        self.lost = self.stale;
    }

    /// Take a frame, which must be ready.
    pub fn take(&mut self, frame: &mut [i16]) {
        frame.copy_from_slice(&self.ready[..frame.len()]);
        self.ready.copy_within(frame.len()..self.count, 0);
        self.count -= frame.len();
        self.past.copy_from_slice(&frame[frame.len() - self.past.len()..]);
    }

    /// Samples that are still to be made ready before they can be played shorter.
    pub fn wanted_to_shorten(&self) -> usize {
        Needs::at(self.rate_hz()).to_shorten.saturating_sub(self.count)
    }

    /// Take a period out of what is ready, by so many µs at most. Gives how many it was.
    pub fn shorten(&mut self, longest_us: u64, least_likeness: f32) -> u64 {
        let longest = longest_us as usize * self.samples / 1_000;
        let ready = &mut self.ready[..self.count];
        let cut = stretch::shorten(ready, self.decoder.rate_hz(), longest, least_likeness);
        self.count -= cut;
        self.us_of(cut)
    }

    /// Repeat a period before what is ready goes on. Gives how many µs it was.
    pub fn lengthen(&mut self, least_likeness: f32) -> u64 {
        let rate_hz = self.decoder.rate_hz();
        let added = stretch::lengthen(&self.past, &mut self.ready, self.count, rate_hz, least_likeness);
        self.count += added;
        self.us_of(added)
    }

    fn us_of(&self, samples: usize) -> u64 {
        1_000 * samples as u64 / self.samples as u64
    }

    /// Blend what comes next into what was played: packets between them are left out.
    pub fn seam(&mut self) {
        if self.decoder.codec() != Codec::Opus {
            self.concealer.conceal(&mut [0]);
        }
    }

    /// Decode a packet, of which so many ticks come too late.
    pub fn play(&mut self, payload: &[u8], skip: usize, audible: bool) {
        self.noise = None;
        let whole = self.decoder.codec().ticks_in(payload).unwrap_or(0) as usize;
        let (whole, skip) = (self.samples_of(whole), self.samples_of(skip));
        let opus = self.decoder.codec() == Codec::Opus;
        let left_out = audible && self.leaves_out(payload);
        let room = &mut self.ready[self.count..self.count + whole];
        if audible && !left_out {
            self.decoded = true;
            self.stale = false;
            let afresh = std::mem::take(&mut self.lost);
            if afresh {
                self.decoder.forget();
            }
            if self.decoder.decode(payload, room) != Ok(whole) {
                room.fill(0);
            }
            if afresh {
                rise(room);
            }
            room.copy_within(skip.., 0);
            if !opus {
                self.concealer.good(&mut room[..whole - skip]);
            }
        } else {
            self.stale = self.decoder.codec().remembers();
            self.lost |= self.stale && (opus || !audible);
            room.fill(0);
        }
        self.made_up = 0;
        self.count += whole - skip;
    }

    /// Whether a packet need not be decoded, for it says nothing.
    fn leaves_out(&mut self, payload: &[u8]) -> bool {
        if self.decoder.codec() == Codec::Opus {
            return self.doze.leaves_out(says_nothing(payload));
        }
        if !self.doze.is_quiet() {
            return false;
        }
        let Some(seen) = self.decoder.skim(payload) else {
            return false;
        };
        let leaves_out = self.doze.leaves_out(self.hush.covers(&seen));
        if leaves_out {
            self.decoder.skip(seen);
        } else {
            self.judged_next = Some(seen);
        }
        leaves_out
    }

    /// Fill a gap of so many ticks before a packet, or a part of it. Gives the ticks filled.
    pub fn fill_gap(&mut self, ticks: usize, after: &[u8], audible: bool) -> usize {
        let gap = self.samples_of(ticks);
        let piece = PIECE_MS * self.samples;
        let fits = gap.is_multiple_of(piece) && gap <= self.ready.len() - self.count;
        if audible && fits && !self.stale && gap > 0 {
            let room = &mut self.ready[self.count..self.count + gap];
            if self.decoder.recover(after, room) {
                self.count += gap;
                return ticks;
            }
        }
        if gap == 0 {
            return ticks;
        }
        let filled = self.fill(gap.min(self.wanted()), audible);
        (filled * self.ticks / self.samples).max(1)
    }

    /// Fill what a frame lacks. Gives the ticks filled.
    pub fn fill_frame(&mut self, audible: bool) -> usize {
        self.fill(self.wanted(), audible) * self.ticks / self.samples
    }

    fn fill(&mut self, wanted: usize, audible: bool) -> usize {
        let count = if self.decoder.codec() == Codec::Opus {
            wanted.next_multiple_of(PIECE_MS * self.samples)
        } else {
            wanted
        };
        let mut room = std::mem::take(&mut self.ready);
        self.make_up(audible, &mut room[self.count..self.count + count]);
        self.ready = room;
        self.count += count;
        count
    }

    /// Make up sound, whatever is ready: a whole number of 10 ms for Opus.
    pub fn make_up(&mut self, audible: bool, samples: &mut [i16]) {
        if let Some(noise) = self.noise.as_mut().filter(|_| audible) {
            noise.write(samples);
        } else if !audible || self.stale {
            samples.fill(0);
        } else if self.decoder.codec() != Codec::Opus {
            self.concealer.conceal(samples);
        } else if self.made_up >= MADE_UP_MS * self.samples || !self.decoder.conceal(samples) {
            samples.fill(0);
        }
        self.made_up = self.made_up.saturating_add(samples.len());
    }

    fn samples_of(&self, ticks: usize) -> usize {
        ticks * self.samples / self.ticks
    }
}

/// What is decoded without its past begins wrongly: let it rise out of silence.
fn rise(samples: &mut [i16]) {
    let length = samples.len() as i32;
    for (at, sample) in samples.iter_mut().enumerate() {
        *sample = (i32::from(*sample) * at as i32 / length) as i16;
    }
}
