//! The way from the mix to a listener's packets: to the codec's rate, and through its encoder.
//!
//! Each stream brings one lane when it opens. Those who hear the same share one: the lane of the first of them lies in a
//! `Slot`, the others' wait in a pool. So there is always one for whoever begins to hear something of their own, and nothing
//! is allocated. A listener moves
//!
//! * from a shared lane to an own one by [`Lane::follow`], before the shared one has coded another frame;
//! * from an own one to the shared one when both have coded the same sound long enough to agree.
//!
//! Why so: the documentation of the crate `codecs`.

use codecs::codec::PATIENCE_FRAMES;
use codecs::Encoder;

use crate::codec::{Coding, CODECS, LONGEST_FRAME_BYTES};
use crate::converter::Converter;
use crate::frame::{samples_at, SILENCE};
use crate::mixer::ConferenceId;
use crate::moment::Moment;
use crate::stage::Same;

/// Slots that one conference can use; who finds none keeps an own lane.
pub(crate) const SLOTS_OF_ONE: usize = 16;

/// The slots that a conference knows of.
pub(crate) type Places = [Option<usize>; SLOTS_OF_ONE];

/// A converter and an encoder.
#[derive(Debug)]
pub struct Lane {
    converter: Converter,
    encoder: Encoder,
    /// What was made last, while the lane is shared.
    payload: [u8; LONGEST_FRAME_BYTES],
    bytes: usize,
    /// How many packets of a hundred the encoder is prepared to see lost.
    loss: u8,
}

impl Lane {
    /// A lane for a coding. Allocates; nothing else here does.
    pub fn new(coding: Coding) -> Self {
        Self {
            converter: Converter::new(coding.rate_hz),
            encoder: Encoder::new(coding).expect("a coding that was checked"),
            payload: [0; LONGEST_FRAME_BYTES],
            bytes: 0,
            loss: 0,
        }
    }

    /// What it makes.
    pub fn coding(&self) -> &Coding {
        self.encoder.coding()
    }

    /// Take frames at this rate from now on.
    pub(crate) fn aim(&mut self, mix_hz: u32) {
        self.converter.aim(mix_hz, self.coding().rate_hz);
    }

    /// Whether it is idle: what it would make, anybody without memory makes alike.
    pub(crate) fn is_plain(&self) -> bool {
        self.converter.is_plain() && !self.coding().codec.remembers()
    }

    /// Code a frame; gives the number of bytes, 0 when nothing need be sent.
    pub(crate) fn encode(&mut self, frame: &[i16], payload: &mut [u8]) -> usize {
        if self.converter.is_plain() {
            return self.encoder.encode(frame, payload);
        }
        let mut converted = SILENCE;
        let converted = &mut converted[..samples_at(self.coding().rate_hz)];
        self.converter.convert(frame, converted);
        self.encoder.encode(converted, payload)
    }

    /// Be prepared for so many packets lost of a hundred.
    fn expect_loss(&mut self, percent: u8) {
        if self.loss != percent {
            self.loss = percent;
            self.encoder.expect_loss(percent);
        }
    }

    fn encode_and_keep(&mut self, frame: &[i16]) {
        let mut payload = std::mem::replace(&mut self.payload, [0; LONGEST_FRAME_BYTES]);
        self.bytes = self.encode(frame, &mut payload);
        self.payload = payload;
    }

    /// Go on where another lane of the same codec is.
    pub(crate) fn follow(&mut self, other: &Self) {
        self.converter.follow(&other.converter);
        self.loss = other.loss;
        let same_codec = self.encoder.follow(&other.encoder);
        debug_assert!(same_codec.is_ok());
    }

    /// Frames of the same sound after which this lane may be exchanged for another.
    fn settling_frames(&self) -> u32 {
        // The converter forgets within one frame.
        self.coding().codec.settling_frames().max(1)
    }

    fn agrees_with(&self, other: &Self) -> bool {
        self.encoder.agrees_with(&other.encoder)
    }
}

/// What listeners must have alike to share a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub conference: ConferenceId,
    pub same: Same,
    pub coding: Coding,
}

/// A lane that a stream has for itself.
#[derive(Debug)]
pub(crate) struct Own {
    pub lane: Box<Lane>,
    /// What it codes that others hear too, and for how many frames it has.
    settling: Option<Same>,
    settled: u32,
}

impl Own {
    /// A lane that has coded nothing yet, or what nobody else heard.
    pub fn new(lane: Box<Lane>) -> Self {
        Self {
            lane,
            settling: None,
            settled: 0,
        }
    }

    /// Code a frame; `same`: what it is if others hear it too. Gives the number of bytes.
    pub fn encode(&mut self, same: Option<Same>, mixed: Mixed<'_>, payload: &mut [u8]) -> usize {
        if self.settling != same {
            (self.settling, self.settled) = (same, 0);
        }
        self.settled = self.settled.saturating_add(1);
        self.lane.aim(mixed.mix_hz);
        self.lane.expect_loss(mixed.loss);
        self.lane.encode(mixed.frame, payload)
    }

    /// Whether this one can be given up for that one, which codes the same.
    fn agrees_with(&self, slot: &Slot) -> bool {
        let common = if self.settling == Some(slot.key.same) {
            self.settled.min(slot.age)
        } else {
            0
        };
        let enough = self.lane.settling_frames();
        common >= PATIENCE_FRAMES || common >= enough && self.lane.agrees_with(&slot.lane)
    }
}

/// Where a stream's lane is.
#[derive(Debug)]
pub(crate) enum Ride {
    /// With the stream.
    Own(Own),
    /// In this slot, shared.
    Shared(usize),
}

/// A lane that several share, and what it made last.
#[derive(Debug)]
struct Slot {
    key: Key,
    lane: Box<Lane>,
    riders: u32,
    /// Frames coded since it is shared.
    age: u32,
    coded: Option<Moment>,
    /// What the worst off of its riders loses, as far as this round has asked.
    loss: u8,
}

/// All lanes of one mixer that are not some stream's own.
#[derive(Debug)]
#[allow(clippy::vec_box, reason = "a lane changes hands often, and moves by its box")]
pub(crate) struct Lanes {
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    spare: [Vec<Box<Lane>>; CODECS],
}

/// A frame of the mix at its rate and moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mixed<'a> {
    pub frame: &'a [i16],
    pub mix_hz: u32,
    pub now: Moment,
    /// Packets of a hundred that this listener loses.
    pub loss: u8,
}

impl Lanes {
    /// Room for the lanes of so many streams.
    pub fn new(streams: usize) -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(streams).collect(),
            free: (0..streams).rev().collect(),
            spare: std::array::from_fn(|_| Vec::with_capacity(streams)),
        }
    }

    /// Give a stream a lane of its own that goes on where the shared one is.
    pub fn leave(&mut self, ride: &mut Ride) {
        let Ride::Shared(at) = *ride else { return };
        let slot = self.slots[at].as_mut().expect("who rides keeps the slot");
        slot.riders -= 1;
        let lane = if slot.riders == 0 {
            self.free.push(at);
            self.slots[at].take().expect("seen above").lane
        } else {
            let codec = slot.key.coding.codec;
            let mut lane = self.spare[codec.index()]
                .pop()
                .expect("each rider but one left a lane here");
            lane.follow(&slot.lane);
            lane
        };
        *ride = Ride::Own(Own::new(lane));
    }

    /// Let a stream share what it hears with others, or hear something of its own, as wanted from this round on. Before
    /// anything is coded in it: all lanes have coded everything up to the frame before.
    pub fn prepare(&mut self, ride: &mut Ride, wanted: Option<Key>, places: &mut Places) {
        if let Ride::Shared(at) = *ride {
            if self.slots[at].as_ref().map(|slot| slot.key) == wanted {
                return;
            }
            self.leave(ride);
        }
        let (Some(key), Ride::Own(own)) = (wanted, &*ride) else {
            return;
        };
        match self.find(&key, places) {
            Found::Slot(at) if self.slots[at].as_ref().is_some_and(|slot| own.agrees_with(slot)) => {
                self.exchange(ride, at);
            }
            Found::Room(place) => self.found(ride, key, &mut places[place]),
            Found::Slot(_) | Found::Nothing => {}
        }
    }

    /// The frame of this moment as the lane in a slot codes it: once.
    pub fn coded(&mut self, at: usize, mixed: Mixed<'_>) -> &[u8] {
        let slot = self.slots[at].as_mut().expect("who rides keeps the slot");
        if slot.coded != Some(mixed.now) {
            slot.coded = Some(mixed.now);
            slot.age = slot.age.saturating_add(1);
            slot.lane.aim(mixed.mix_hz);
            // All have been asked in the round before.
            slot.lane.expect_loss(std::mem::take(&mut slot.loss));
            slot.lane.encode_and_keep(mixed.frame);
        }
        slot.loss = slot.loss.max(mixed.loss);
        &slot.lane.payload[..slot.lane.bytes]
    }

    fn exchange(&mut self, ride: &mut Ride, at: usize) {
        if let Ride::Own(own) = std::mem::replace(ride, Ride::Shared(at)) {
            // RT: never grows, there is room for the lanes of all streams.
            self.spare[own.lane.coding().codec.index()].push(own.lane);
        }
        if let Some(slot) = self.slots[at].as_mut() {
            slot.riders += 1;
        }
    }

    fn found(&mut self, ride: &mut Ride, key: Key, place: &mut Option<usize>) {
        let Some(at) = self.free.pop() else { return };
        *place = Some(at);
        if let Ride::Own(own) = std::mem::replace(ride, Ride::Shared(at)) {
            self.slots[at] = Some(Slot {
                key,
                lane: own.lane,
                riders: 1,
                age: 0,
                coded: None,
                loss: 0,
            });
        }
    }

    fn find(&self, key: &Key, places: &Places) -> Found {
        let mut room = None;
        for (place, at) in places.iter().enumerate() {
            match at.and_then(|at| Some((at, self.slots[at].as_ref()?))) {
                Some((at, slot)) if slot.key == *key => return Found::Slot(at),
                Some((_, slot)) if slot.key.conference == key.conference => {}
                _ => room = room.or(Some(place)),
            }
        }
        room.map_or(Found::Nothing, Found::Room)
    }
}

enum Found {
    Slot(usize),
    /// No such slot, but room to note one.
    Room(usize),
    Nothing,
}
