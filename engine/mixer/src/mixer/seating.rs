//! Plans put in force: who takes a seat, who leaves one, and what is played over a conference.

use super::{give_back, ConferenceId, Mixer};
use crate::conference::Conference;
use crate::moment::Moment;
use crate::outlet::{Outlet, Spent};
use crate::plan::{Plan, Talks};
use crate::source::Once;
use crate::stream::Home;

impl Mixer {
    pub(super) fn apply(
        &mut self,
        id: ConferenceId,
        plan: Box<Plan>,
        round: usize,
        outlet: &mut impl Outlet,
    ) {
        debug_assert!(plan.len() <= self.stage.seats());
        self.marks += 1;
        if self.conferences[id.index()].is_none() {
            self.conferences[id.index()] = Some(Conference::in_round(round));
            // RT: never grows, a round has room for all conferences.
            self.rounds[round].conferences.push(id);
        }
        for seat in &plan.seats {
            let Some(Some(stream)) = self.streams.get_mut(seat.stream.index()) else {
                continue;
            };
            stream.mark = self.marks;
            let before = stream.home;
            if before != Home::Seat(id) {
                self.lanes.leave(&mut stream.ride);
            }
            stream.sit(Home::Seat(id), seat.talks, plan.speech, outlet);
            stream.set_buffer(seat.buffer);
            if let Home::Lobby { round, place } = before {
                self.leave_lobby(round, place);
            }
        }
        let conference = self.conferences[id.index()].as_mut().expect("made above");
        let round = conference.round;
        conference.changed = true;
        if let Some(before) = conference.plan.replace(plan) {
            self.unseat(id, &before, round, outlet);
            give_back(outlet, Spent::Plan(before));
        }
    }

    /// Send those to the lobby whom the latest plan of this conference no longer names.
    fn unseat(&mut self, id: ConferenceId, before: &Plan, round: usize, outlet: &mut impl Outlet) {
        for seat in &before.seats {
            let Some(Some(stream)) = self.streams.get_mut(seat.stream.index()) else {
                continue;
            };
            if stream.home == Home::Seat(id) && stream.mark != self.marks {
                self.lanes.leave(&mut stream.ride);
                stream.sit(Home::Lobby { round, place: 0 }, Talks::Nobody, false, outlet);
                self.enter_lobby(seat.stream, round);
            }
        }
    }

    pub(super) fn drop_conference(&mut self, id: ConferenceId, now: Moment, outlet: &mut impl Outlet) {
        let Some(mut conference) = self.conferences[id.index()].take() else {
            give_back(outlet, Spent::Conference(id, None));
            return;
        };
        self.marks += 1;
        conference.end_beeps(id, &mut self.hall(now, outlet));
        let plan = conference.plan.take();
        if let Some(plan) = &plan {
            self.unseat(id, plan, conference.round, outlet);
        }
        self.rounds[conference.round]
            .conferences
            .retain(|other| *other != id);
        give_back(outlet, Spent::Conference(id, plan));
    }

    pub(super) fn play_once(
        &mut self,
        id: ConferenceId,
        once: Box<Once>,
        now: Moment,
        outlet: &mut impl Outlet,
    ) {
        match self.conferences[id.index()].take() {
            Some(mut conference) => {
                conference.beep(id, once, &mut self.hall(now, outlet));
                self.conferences[id.index()] = Some(conference);
            }
            None => give_back(outlet, Spent::Once(once)),
        }
    }
}
