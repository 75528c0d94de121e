//! Conferences: their plans by the brain's names, and the same plans as the mixer wants them.

use std::collections::HashSet;

use mixer::bounds::BufferSize;
use mixer::plan::{Hears, Plan, SeatOrder, Talks};
use mixer::stage::Stage;
use mixer::{Change, ConferenceId, SourceId};

use super::{Outcome, Post, Refusal, Registry};
use crate::real_time::Order;

/// A conference that has a plan.
#[derive(Debug)]
pub(super) struct Room {
    pub id: ConferenceId,
    /// The thread that mixes it: the same for as long as anybody's stream sits here.
    pub thread: usize,
    revision: u64,
    round: usize,
    seats: Vec<wire::SeatOrder>,
    speech: bool,
}

impl Registry {
    /// Put a plan in force, unless a later one is.
    pub fn apply_plan(&mut self, order: wire::ApplyPlan) -> Outcome {
        if self
            .rooms
            .get(&order.conference)
            .is_some_and(|room| room.revision > order.revision)
        {
            return Ok(Vec::new());
        }
        check_seats(&order.seats)?;
        let sources = sources_of(&order.seats);
        self.intern_sources(&sources)?;
        let Ok(mut room) = self.take_room(&order.conference) else {
            self.forget_unused(&sources);
            return Err(Refusal::new(
                "too-many-conferences",
                "no room for another conference",
            ));
        };
        let mut orders = self.move_if_deserted(&order.conference, &mut room);
        let before = std::mem::replace(&mut room.seats, order.seats);
        let load = &mut self.threads[room.thread].seats[room.round];
        *load = *load + room.seats.len() - before.len();
        (room.revision, room.speech) = (order.revision, order.speech);
        self.leave_seats(&order.conference, &before);
        for seat in &room.seats {
            self.seated.insert(seat.call.clone(), order.conference.clone());
        }
        orders.extend(self.put_in_force(&order.conference, &room));
        self.rooms.insert(order.conference, room);
        self.use_sources(&sources);
        self.unuse_sources(&sources_of(&before));
        Ok(orders)
    }

    fn take_room(&mut self, conference: &str) -> Result<Room, ()> {
        if let Some(room) = self.rooms.remove(conference) {
            return Ok(room);
        }
        let place = self.room_places.take(conference).ok_or(())?;
        let (thread, round) = self.place_for(conference);
        Ok(Room {
            id: ConferenceId(place),
            thread,
            revision: 0,
            round,
            seats: Vec::new(),
            speech: false,
        })
    }

    /// Where a conference is to be mixed: a thread and a round of it. A call's private plan goes where the call is;
    /// others to the thread with the fewest seats, and there into the round with the fewest.
    fn place_for(&self, conference: &str) -> (usize, usize) {
        if let Some(line) = self.streams.get(conference) {
            return (line.thread, line.round);
        }
        let fewest = |counts: &mut dyn Iterator<Item = usize>| {
            let least = counts.enumerate().min_by_key(|(_, count)| *count);
            least.map_or(0, |(place, _)| place)
        };
        let thread = fewest(&mut self.threads.iter().map(|load| load.seats.iter().sum()));
        let round = fewest(&mut self.threads[thread].seats.iter().copied());
        (thread, round)
    }

    /// Nobody hears a conference move in which nobody sits: only then it may.
    fn move_if_deserted(&mut self, conference: &str, room: &mut Room) -> Vec<Post> {
        let sits_here = |seat: &wire::SeatOrder| {
            self.streams.contains_key(&seat.call)
                && self.seated.get(&seat.call).is_some_and(|it| it == conference)
        };
        if self.threads.len() == 1 || room.seats.iter().any(sits_here) {
            return Vec::new();
        }
        let before = (room.thread, room.round);
        self.threads[before.0].seats[before.1] -= room.seats.len();
        (room.thread, room.round) = self.place_for(conference);
        if room.thread == before.0 {
            room.round = before.1;
        }
        self.threads[room.thread].seats[room.round] += room.seats.len();
        if room.thread == before.0 {
            return Vec::new();
        }
        self.room_places.owe(room.id.0);
        vec![Post {
            thread: before.0,
            order: Order::Change(Change::Drop(room.id)),
        }]
    }

    /// Conferences that a thread mixes.
    pub(super) fn rooms_on(&self, thread: usize) -> usize {
        self.rooms.values().filter(|room| room.thread == thread).count()
    }

    fn leave_seats(&mut self, conference: &str, seats: &[wire::SeatOrder]) {
        for seat in seats {
            if self
                .seated
                .get(&seat.call)
                .is_some_and(|seated| seated == conference)
            {
                self.seated.remove(&seat.call);
            }
        }
    }

    /// The changes that put a room's plan in force, as far as its streams are open and sit here.
    fn put_in_force(&mut self, conference: &str, room: &Room) -> Vec<Post> {
        let thread = room.thread;
        let here = |change| Post {
            thread,
            order: Order::Change(change),
        };
        let mut orders = Vec::new();
        for seat in &room.seats {
            if self.seated.get(&seat.call).is_some_and(|it| it == conference) {
                orders.extend(self.move_stream(&seat.call, thread, room.round));
            }
        }
        let stage_seats = &mut self.threads[thread].stage_seats;
        if room.seats.len() > *stage_seats {
            *stage_seats = room.seats.len().next_power_of_two().max(64);
            orders.push(here(Change::Enlarge(Box::new(Stage::new(*stage_seats)))));
        }
        let seats: Vec<SeatOrder> = room
            .seats
            .iter()
            .filter_map(|seat| self.read_seat(conference, seat))
            .collect();
        let plan = Box::new(Plan::new(&seats, room.speech));
        orders.push(here(Change::Apply(room.id, plan, room.round)));
        let tap = self.tap_of_room(conference);
        orders.extend(tap.map(|tap| here(Change::TapRoom(room.id, tap))));
        orders
    }

    fn read_seat(&self, conference: &str, seat: &wire::SeatOrder) -> Option<SeatOrder> {
        let sits_here = |call: &str| self.seated.get(call).is_some_and(|seated| seated == conference);
        let stream = self.streams.get(&seat.call).filter(|_| sits_here(&seat.call))?.id;
        let target = seat.target.as_deref().and_then(|target| self.streams.get(target));
        let talks = match seat.talks {
            wire::Talks::Room => Talks::Room,
            wire::Talks::Nobody => Talks::Nobody,
            wire::Talks::Call => target.map_or(Talks::Absent, |line| Talks::To(line.id)),
        };
        let source = |name: &String| self.sources.get(name).map(|source| source.id);
        let hears = match seat.hears {
            wire::Hears::Room => Hears::Room,
            wire::Hears::Nothing => Hears::Nothing,
            wire::Hears::Source => seat
                .source
                .as_ref()
                .and_then(source)
                .map_or(Hears::Nothing, Hears::Source),
        };
        let overlays: Vec<SourceId> = seat.overlays.iter().filter_map(source).collect();
        Some(SeatOrder {
            stream,
            talks,
            hears,
            overlays,
            buffer: match seat.jitter_buffer {
                Some(wire::JitterBuffer::Off) => BufferSize::Off,
                Some(wire::JitterBuffer::Small) => BufferSize::Small,
                Some(wire::JitterBuffer::Medium) => BufferSize::Medium,
                Some(wire::JitterBuffer::Large) | None => BufferSize::Large,
            },
        })
    }

    /// Let a call whose stream has just opened take the seat that a plan already holds for it.
    pub(super) fn seat_latecomer(&mut self, call: &str) -> Vec<Post> {
        let Some(conference) = self.seated.get(call).cloned() else {
            return Vec::new();
        };
        let Some(room) = self.rooms.remove(&conference) else {
            return Vec::new();
        };
        let orders = self.put_in_force(&conference, &room);
        self.rooms.insert(conference, room);
        orders
    }

    /// Forget a conference, if it is there.
    pub fn drop_conference(&mut self, conference: &str) -> Vec<Post> {
        let Some(room) = self.rooms.remove(conference) else {
            return Vec::new();
        };
        self.threads[room.thread].seats[room.round] -= room.seats.len();
        self.leave_seats(conference, &room.seats);
        self.room_places.owe(room.id.0);
        self.room_places.release(room.id.0);
        self.unuse_sources(&sources_of(&room.seats));
        vec![Post {
            thread: room.thread,
            order: Order::Change(Change::Drop(room.id)),
        }]
    }

    /// All plans in force.
    pub fn plan_states(&self) -> Vec<wire::PlanState> {
        let state = |(conference, room): (&String, &Room)| wire::PlanState {
            conference: conference.clone(),
            revision: room.revision,
            thread: Some(room.thread as u16),
        };
        self.rooms.iter().map(state).collect()
    }
}

fn check_seats(seats: &[wire::SeatOrder]) -> Result<(), Refusal> {
    let bad = |call: &str, why: &str| Err(Refusal::new("bad-plan", format!("the seat of {call} {why}")));
    let mut calls = HashSet::new();
    for seat in seats {
        if !calls.insert(&seat.call) {
            return bad(&seat.call, "is named twice");
        }
        if seat.talks == wire::Talks::Call && seat.target.is_none() {
            return bad(&seat.call, "talks to a call and names none");
        }
        if seat.hears == wire::Hears::Source && seat.source.is_none() {
            return bad(&seat.call, "hears a source and names none");
        }
    }
    Ok(())
}

/// Every source that a plan names, each as often as it does.
fn sources_of(seats: &[wire::SeatOrder]) -> Vec<String> {
    let heard = |seat: &wire::SeatOrder| seat.source.clone().filter(|_| seat.hears == wire::Hears::Source);
    seats
        .iter()
        .flat_map(|seat| heard(seat).into_iter().chain(seat.overlays.iter().cloned()))
        .collect()
}
