//! Who hears whom, ready for the real-time thread.
//!
//! A plan comes as seats that name streams; it is turned into indexes once, off the real-time thread, and then swapped
//! in whole. What is said to a call that has no seat in the plan is heard by nobody: a whisper never becomes public.

use std::collections::HashMap;
use std::ops::Range;

use crate::bounds::BufferSize;
use crate::mixer::{SourceId, StreamId};

/// To whom a seat talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talks {
    /// To all that hear the room.
    Room,
    /// To one stream; to itself: it hears itself.
    To(StreamId),
    /// To a call that has no stream: nobody hears, but they are not muted.
    Absent,
    /// To nobody.
    Nobody,
}

/// What a seat hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// The room without themselves, and whoever talks to them alone.
    Room,
    /// A source instead.
    Source(SourceId),
    /// Nothing.
    Nothing,
}

/// One seat as ordered.
#[derive(Debug, Clone)]
pub struct SeatOrder {
    /// Who sits here.
    pub stream: StreamId,
    /// To whom they talk.
    pub talks: Talks,
    /// What they hear.
    pub hears: Hears,
    /// What plays over it.
    pub overlays: Vec<SourceId>,
    /// How much of what they say may wait.
    pub buffer: BufferSize,
}

/// One seat as mixed.
#[derive(Debug, Clone)]
pub struct Seat {
    pub(crate) stream: StreamId,
    pub(crate) talks: Talks,
    pub(crate) hears: Hears,
    pub(crate) buffer: BufferSize,
    overlays: Range<usize>,
    whispers: Range<usize>,
}

/// The whole picture of one conference.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub(crate) seats: Vec<Seat>,
    pub(crate) speech: bool,
    overlays: Vec<SourceId>,
    /// Seats that talk to one other, grouped by whom they talk to.
    whispers: Vec<usize>,
}

impl Plan {
    /// Prepare a plan. `speech`: whether to tell who speaks. No stream may have two seats.
    pub fn new(orders: &[SeatOrder], speech: bool) -> Self {
        let places: HashMap<StreamId, usize> = orders
            .iter()
            .enumerate()
            .map(|(place, order)| (order.stream, place))
            .collect();
        debug_assert_eq!(places.len(), orders.len());
        let mut heard_by: Vec<Vec<usize>> = vec![Vec::new(); orders.len()];
        for (place, order) in orders.iter().enumerate() {
            if let Talks::To(target) = order.talks {
                if let Some(listener) = places.get(&target) {
                    heard_by[*listener].push(place);
                }
            }
        }
        let mut plan = Self {
            speech,
            ..Self::default()
        };
        for (order, whispers) in orders.iter().zip(heard_by) {
            plan.take_seat(order, &whispers);
        }
        plan
    }

    fn take_seat(&mut self, order: &SeatOrder, whispers: &[usize]) {
        let overlays = self.overlays.len()..self.overlays.len() + order.overlays.len();
        let whispered = self.whispers.len()..self.whispers.len() + whispers.len();
        self.overlays.extend_from_slice(&order.overlays);
        self.whispers.extend_from_slice(whispers);
        self.seats.push(Seat {
            stream: order.stream,
            talks: order.talks,
            hears: order.hears,
            buffer: order.buffer,
            overlays,
            whispers: whispered,
        });
    }

    /// How many seats there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Whether nobody sits here.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    pub(crate) fn overlays(&self, seat: &Seat) -> &[SourceId] {
        &self.overlays[seat.overlays.clone()]
    }

    /// Places of those who talk to this seat alone.
    pub(crate) fn whispers(&self, seat: &Seat) -> &[usize] {
        &self.whispers[seat.whispers.clone()]
    }
}
