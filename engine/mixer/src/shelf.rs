//! Where packets wait, in the order of their sequence numbers.
//!
//! A ring of places: each packet has its own by its number, so that order and duplicates settle themselves. What is
//! taken off is remembered for a while, to tell a packet that comes twice from one that comes late. Time and timestamps
//! are not looked at here.
//!
//! Payloads lie in 64 blocks that all packets share, each in as many in a row as it needs: so 32 long packets find no room,
//! but what may wait (300 ms) does, in packets of any length up to 200 kbit/s of Opus and in all others.

use crate::codec::{longest_payload, Codec};
use crate::moment::Moment;

/// Packets that can be held.
const PLACES: u16 = 32;

/// Packets that are remembered after they were taken off.
const REMEMBERED: i16 = 64;

/// Blocks for payloads, one bit of a word for each.
const BLOCKS: usize = 64;

/// Bytes of a block: a packet of 20 ms takes one to three.
fn block_bytes(codec: Codec) -> usize {
    match codec {
        Codec::Pcmu | Codec::Pcma | Codec::G722 => 96,
        Codec::L16Narrow | Codec::Opus => 128,
        Codec::L16Wide => 256,
    }
}

/// What a packet brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Coded sound, at most [`longest_payload`] bytes.
    Sound(&'a [u8]),
    /// The sender is silent from here on, but for noise of so many -dBov.
    Noise(u8),
    /// Something else with a sequence number: it takes a place but makes no sound.
    Other,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It lies in its place.
    Kept,
    /// Its turn has passed.
    Late,
    /// It is already here, or was.
    Duplicate,
    /// Too much waits already.
    NoRoom,
}

/// A packet that waits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    there: bool,
    seq: u16,
    bytes: u16,
    /// Where its payload begins.
    block: u16,
    pub sound: bool,
    /// The level of the noise that begins here.
    pub noise: Option<u8>,
    pub timestamp: u32,
    pub arrived: Moment,
    /// How long it sounds, in ticks of the codec's clock.
    pub ticks: usize,
}

/// The packets of one stream that wait.
#[derive(Debug)]
pub(crate) struct Shelf {
    places: [Held; PLACES as usize],
    payloads: Box<[u8]>,
    longest: usize,
    block: usize,
    /// Which blocks are taken.
    blocks: u64,
    next_seq: u16,
    count: u16,
    ticks: usize,
    /// Which of the packets before `next_seq` were here, the latest in the lowest bit.
    taken: u64,
}

impl Shelf {
    /// An empty shelf. Allocates; nothing else here does.
    pub fn new(codec: Codec) -> Self {
        let (longest, block) = (longest_payload(codec), block_bytes(codec));
        Self {
            places: [Held::default(); PLACES as usize],
            payloads: vec![0; block * BLOCKS].into_boxed_slice(),
            longest,
            block,
            blocks: 0,
            next_seq: 0,
            count: 0,
            ticks: 0,
            taken: 0,
        }
    }

    /// Empty it, and begin at a sequence number.
    pub fn begin_at(&mut self, seq: u16) {
        for place in &mut self.places {
            place.there = false;
        }
        (self.count, self.ticks, self.blocks) = (0, 0, 0);
        (self.next_seq, self.taken) = (seq, 0);
    }

    /// Let an earlier packet be the first, if all that wait stay in reach.
    pub fn reach_back_to(&mut self, seq: u16) -> bool {
        let lost = |held: &Held| held.there && held.seq.wrapping_sub(seq) >= PLACES;
        let reached = !self.places.iter().any(lost);
        if reached {
            self.next_seq = seq;
        }
        reached
    }

    /// Places from the next one to this sequence number; negative when its turn has passed.
    pub fn ahead(&self, seq: u16) -> i16 {
        seq.wrapping_sub(self.next_seq) as i16
    }

    /// Whether a packet so far ahead has a place.
    pub fn has_place(ahead: i16) -> bool {
        (0..PLACES as i16).contains(&ahead)
    }

    /// Whether a packet so far behind may still be told to be late or twice.
    pub fn remembers(ahead: i16) -> bool {
        (-REMEMBERED..0).contains(&ahead)
    }

    /// Judge a packet whose turn has passed.
    pub fn judge_passed(&self, ahead: i16) -> Verdict {
        let was_here = Self::remembers(ahead) && self.taken >> (-ahead - 1) & 1 == 1;
        if was_here {
            Verdict::Duplicate
        } else {
            Verdict::Late
        }
    }

    /// Put a packet in its place, which must be in reach.
    pub fn put(
        &mut self,
        codec: Codec,
        (seq, timestamp): (u16, u32),
        content: Content<'_>,
        arrived: Moment,
    ) -> Verdict {
        let at = usize::from(seq % PLACES);
        if self.places[at].there {
            return Verdict::Duplicate;
        }
        let payload = match content {
            Content::Sound(payload) => &payload[..payload.len().min(self.longest)],
            Content::Noise(_) | Content::Other => &[],
        };
        let noise = match content {
            Content::Noise(level) => Some(level),
            Content::Sound(_) | Content::Other => None,
        };
        let Some(block) = self.room_for(payload.len()) else {
            return Verdict::NoRoom;
        };
        self.blocks |= self.taken_by(block, payload.len());
        self.payloads[block * self.block..][..payload.len()].copy_from_slice(payload);
        let ticks = codec.ticks_in(payload).unwrap_or(0) as usize;
        self.places[at] = Held {
            there: true,
            seq,
            bytes: payload.len() as u16,
            block: block as u16,
            sound: matches!(content, Content::Sound(_)),
            noise,
            timestamp,
            arrived,
            ticks,
        };
        self.count += 1;
        self.ticks += ticks;
        Verdict::Kept
    }

    /// Packets that wait.
    pub fn count(&self) -> u16 {
        self.count
    }

    /// How long they sound, in ticks of the codec's clock.
    pub fn ticks(&self) -> usize {
        self.ticks
    }

    /// The first packet that waits, and how many places before it are empty. There must be one.
    pub fn nearest(&self) -> (Held, u16) {
        let at = |step: u16| self.places[usize::from(self.next_seq.wrapping_add(step) % PLACES)];
        let empty = (0..PLACES).find(|step| at(*step).there).unwrap_or(0);
        debug_assert!(at(empty).seq == self.next_seq.wrapping_add(empty));
        (at(empty), empty)
    }

    /// Give up the next so many places: what belongs there is lost.
    pub fn step_over(&mut self, lost: u16) {
        self.taken = self.taken.checked_shl(u32::from(lost)).unwrap_or(0);
        self.next_seq = self.next_seq.wrapping_add(lost);
    }

    /// The payload of the packet so many places after the next one.
    pub fn payload(&self, ahead: u16) -> &[u8] {
        let at = usize::from(self.next_seq.wrapping_add(ahead) % PLACES);
        let held = &self.places[at];
        &self.payloads[usize::from(held.block) * self.block..][..usize::from(held.bytes)]
    }

    /// The first of as many free blocks in a row as so many bytes need.
    fn room_for(&self, bytes: usize) -> Option<usize> {
        let needed = bytes.div_ceil(self.block);
        (0..=BLOCKS - needed).find(|first| self.blocks & self.taken_by(*first, bytes) == 0)
    }

    fn taken_by(&self, first: usize, bytes: usize) -> u64 {
        let needed = bytes.div_ceil(self.block);
        ((1_u64 << needed) - 1).checked_shl(first as u32).unwrap_or(0)
    }

    /// Take the packet in the next place off. It must be there.
    pub fn take(&mut self) -> Held {
        let place = &mut self.places[usize::from(self.next_seq % PLACES)];
        debug_assert!(place.there);
        place.there = false;
        let held = *place;
        self.blocks &= !self.taken_by(usize::from(held.block), usize::from(held.bytes));
        self.count -= 1;
        self.ticks -= held.ticks;
        self.taken = self.taken << 1 | 1;
        self.next_seq = self.next_seq.wrapping_add(1);
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shelf: &mut Shelf, seq: u16) -> Verdict {
        shelf.put(
            Codec::Pcmu,
            (seq, 0),
            Content::Sound(&[seq as u8; 160]),
            Moment::default(),
        )
    }

    #[test]
    fn packets_come_off_in_order_across_the_wrap_however_they_were_put() {
        let mut shelf = Shelf::new(Codec::Pcmu);
        shelf.begin_at(65_534);
        for seq in [0, 65_535, 1, 65_534] {
            assert_eq!(put(&mut shelf, seq), Verdict::Kept);
        }
        for expected in [254, 255, 0, 1] {
            assert_eq!(shelf.payload(0)[0], expected);
            shelf.take();
        }
        assert_eq!((shelf.count(), shelf.ticks()), (0, 0));
    }

    #[test]
    fn a_second_copy_is_a_duplicate_before_and_after_its_turn_and_a_lost_one_is_late() {
        let mut shelf = Shelf::new(Codec::Pcmu);
        shelf.begin_at(10);
        put(&mut shelf, 10);
        put(&mut shelf, 12);
        assert_eq!(put(&mut shelf, 12), Verdict::Duplicate);
        shelf.take();
        assert_eq!(shelf.nearest().1, 1, "11 is missing");
        shelf.step_over(1);
        shelf.take();
        let judged = [10, 11, 12].map(|seq| shelf.judge_passed(shelf.ahead(seq)));
        assert_eq!(judged, [Verdict::Duplicate, Verdict::Late, Verdict::Duplicate]);
        assert_eq!(
            shelf.judge_passed(shelf.ahead(13_000_u16.wrapping_neg())),
            Verdict::Late
        );
    }

    #[test]
    fn three_hundred_ms_of_any_codec_find_room_and_it_is_free_again_afterwards() {
        for codec in codecs::codec::ALL {
            for ms in [20, 40, 60] {
                let bytes = codec.bytes_per_ms().map_or(ms * 25, |per_ms| per_ms * ms);
                if bytes > longest_payload(codec) {
                    continue;
                }
                let mut shelf = Shelf::new(codec);
                shelf.begin_at(0);
                for round in 0..3 {
                    let packets = (300 / ms) as u16;
                    for seq in round * packets..(round + 1) * packets {
                        let payload = vec![seq as u8; bytes];
                        let kept = shelf.put(codec, (seq, 0), Content::Sound(&payload), Moment::default());
                        assert_eq!(kept, Verdict::Kept, "{codec:?} {ms} ms");
                    }
                    for seq in round * packets..(round + 1) * packets {
                        assert_eq!(shelf.payload(0), vec![seq as u8; bytes]);
                        shelf.take();
                    }
                }
                assert_eq!(shelf.blocks, 0);
            }
        }
    }

    #[test]
    fn what_finds_no_room_leaves_what_waits_alone() {
        let mut shelf = Shelf::new(Codec::Opus);
        shelf.begin_at(0);
        let mut put = |seq: u16| {
            let payload = [seq as u8; 800];
            let verdict = shelf.put(Codec::Opus, (seq, 0), Content::Sound(&payload), Moment::default());
            (verdict, shelf.payload(0).to_vec())
        };
        assert!((0..9).all(|seq| put(seq).0 == Verdict::Kept));
        assert_eq!(put(9), (Verdict::NoRoom, vec![0; 800]));
    }

    #[test]
    fn the_beginning_reaches_back_only_as_far_as_the_end_stays_in_reach() {
        let mut shelf = Shelf::new(Codec::Pcmu);
        shelf.begin_at(100);
        put(&mut shelf, 130);
        assert!(shelf.reach_back_to(99));
        assert!(!shelf.reach_back_to(98));
        assert!(Shelf::has_place(shelf.ahead(130)) && !Shelf::has_place(shelf.ahead(131)));
    }
}
