//! Where packets wait, in the order of their sequence numbers.
//!
//! A ring of places: each packet has its own by its number, so that order and duplicates settle themselves. What is
//! taken off is remembered for a while, to tell a packet that comes twice from one that comes late. Time and timestamps
//! are not looked at here.

use crate::codec::{longest_payload, Codec};
use crate::moment::Moment;

/// Packets that can be held.
const PLACES: u16 = 32;

/// Packets that are remembered after they were taken off.
const REMEMBERED: i16 = 64;

/// What a packet brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Coded sound, at most [`longest_payload`] bytes.
    Sound(&'a [u8]),
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
}

/// A packet that waits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    there: bool,
    seq: u16,
    bytes: u16,
    pub sound: bool,
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
    next_seq: u16,
    count: u16,
    ticks: usize,
    /// Which of the packets before `next_seq` were here, the latest in the lowest bit.
    taken: u64,
}

impl Shelf {
    /// An empty shelf. Allocates; nothing else here does.
    pub fn new(codec: Codec) -> Self {
        let longest = longest_payload(codec);
        Self {
            places: [Held::default(); PLACES as usize],
            payloads: vec![0; longest * usize::from(PLACES)].into_boxed_slice(),
            longest,
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
        (self.count, self.ticks) = (0, 0);
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
            Content::Other => &[],
        };
        self.payloads[at * self.longest..][..payload.len()].copy_from_slice(payload);
        let ticks = codec.ticks_in(payload).unwrap_or(0) as usize;
        self.places[at] = Held {
            there: true,
            seq,
            bytes: payload.len() as u16,
            sound: content != Content::Other,
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
        &self.payloads[at * self.longest..][..usize::from(self.places[at].bytes)]
    }

    /// Take the packet in the next place off. It must be there.
    pub fn take(&mut self) -> Held {
        let place = &mut self.places[usize::from(self.next_seq % PLACES)];
        debug_assert!(place.there);
        place.there = false;
        self.count -= 1;
        self.ticks -= place.ticks;
        self.taken = self.taken << 1 | 1;
        self.next_seq = self.next_seq.wrapping_add(1);
        *place
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
    fn the_beginning_reaches_back_only_as_far_as_the_end_stays_in_reach() {
        let mut shelf = Shelf::new(Codec::Pcmu);
        shelf.begin_at(100);
        put(&mut shelf, 130);
        assert!(shelf.reach_back_to(99));
        assert!(!shelf.reach_back_to(98));
        assert!(Shelf::has_place(shelf.ahead(130)) && !Shelf::has_place(shelf.ahead(131)));
    }
}
