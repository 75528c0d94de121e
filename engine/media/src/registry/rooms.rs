//! Conferences: their plans by the brain's names, and the same plans as the mixer wants them.

use std::collections::HashSet;

use mixer::plan::{Hears, Plan, SeatOrder, Talks};
use mixer::stage::Stage;
use mixer::{Change, ConferenceId, SourceId};

use super::{Outcome, Refusal, Registry};
use crate::real_time::Order;

/// A conference that has a plan.
#[derive(Debug)]
pub(super) struct Room {
    pub id: ConferenceId,
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
        let before = std::mem::replace(&mut room.seats, order.seats);
        self.load[room.round] = self.load[room.round] + room.seats.len() - before.len();
        (room.revision, room.speech) = (order.revision, order.speech);
        self.leave_seats(&order.conference, &before);
        for seat in &room.seats {
            self.seated.insert(seat.call.clone(), order.conference.clone());
        }
        let orders = self.put_in_force(&order.conference, &room);
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
        let round = self.round_for(conference);
        Ok(Room {
            id: ConferenceId(place),
            revision: 0,
            round,
            seats: Vec::new(),
            speech: false,
        })
    }

    /// A call's private plan is served when the call is served already; others in the round with the fewest seats.
    fn round_for(&self, conference: &str) -> usize {
        let fewest = || {
            (0..self.load.len())
                .min_by_key(|round| self.load[*round])
                .unwrap_or(0)
        };
        self.streams
            .get(conference)
            .map_or_else(fewest, |line| line.round)
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
    fn put_in_force(&mut self, conference: &str, room: &Room) -> Vec<Order> {
        let mut orders = Vec::new();
        if room.seats.len() > self.stage_seats {
            self.stage_seats = room.seats.len().next_power_of_two().max(64);
            orders.push(Order::Change(Change::Enlarge(Box::new(Stage::new(
                self.stage_seats,
            )))));
        }
        let seats: Vec<SeatOrder> = room
            .seats
            .iter()
            .filter_map(|seat| self.read_seat(conference, seat))
            .collect();
        let plan = Box::new(Plan::new(&seats, room.speech));
        orders.push(Order::Change(Change::Apply(room.id, plan, room.round)));
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
        })
    }

    /// Let a call whose stream has just opened take the seat that a plan already holds for it.
    pub(super) fn seat_latecomer(&mut self, call: &str) -> Vec<Order> {
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
    pub fn drop_conference(&mut self, conference: &str) -> Vec<Order> {
        let Some(room) = self.rooms.remove(conference) else {
            return Vec::new();
        };
        self.load[room.round] -= room.seats.len();
        self.leave_seats(conference, &room.seats);
        self.room_places.owe(room.id.0);
        self.room_places.release(room.id.0);
        self.unuse_sources(&sources_of(&room.seats));
        vec![Order::Change(Change::Drop(room.id))]
    }

    /// All plans in force.
    pub fn plan_states(&self) -> Vec<wire::PlanState> {
        let state = |(conference, room): (&String, &Room)| wire::PlanState {
            conference: conference.clone(),
            revision: room.revision,
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
