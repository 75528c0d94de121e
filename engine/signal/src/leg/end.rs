//! How a leg ends when nobody says so, and the one place that tells its end.

use std::time::Instant;

use wire::{Ended, EndedBy};

use super::{Core, Leg, Next, Phase, Which};
use crate::settings::Patience;
use crate::turn::Answer;

impl Leg {
    /// A transaction of the leg is over; `acknowledged` when its 200 was.
    pub fn transaction_over(&self, which: Which, acknowledged: bool) -> Next {
        let mut core = self.core.lock();
        let no_ack = !acknowledged && which == Which::First;
        match core.phase.clone() {
            Phase::Answered if no_ack => self.unacknowledged(&mut core),
            Phase::Closing { bye: Some(reason) } if no_ack => core.bye(&reason),
            // The transaction went away under an INVITE nobody had decided: a fault, not a peer's doing.
            Phase::Offered if which == Which::First => {
                self.over(&mut core, EndedBy::Internal, 500, "the transaction ended", false);
                Next::Forget
            }
            _ => Next::Stay,
        }
    }

    /// The 200 to a later INVITE was never acknowledged: the session is ended (RFC 3261 14.2).
    pub fn reoffer_unacknowledged(&self) -> Next {
        let mut core = self.core.lock();
        match core.phase {
            Phase::Answered | Phase::Confirmed => self.unacknowledged(&mut core),
            _ => Next::Stay,
        }
    }

    /// Something of ours broke while it worked on this leg.
    pub fn broke(&self) -> Next {
        let mut core = self.core.lock();
        match core.phase {
            Phase::Offered => {
                core.answer_invite(&Answer::of(500));
                self.over(&mut core, EndedBy::Internal, 500, "internal error", false);
                Next::Forget
            }
            Phase::Answered | Phase::Confirmed => {
                self.over(&mut core, EndedBy::Internal, 500, "internal error", true);
                core.bye("internal error")
            }
            Phase::Closing { .. } => Next::Forget,
        }
    }

    /// Look whether something has waited too long. To be called every second or so.
    pub fn check(&self, now: Instant, patience: &Patience) -> Next {
        let mut core = self.core.lock();
        let age = now.saturating_duration_since(core.since);
        if core
            .offer
            .as_ref()
            .is_some_and(|offer| now.saturating_duration_since(offer.came) > patience.new_offer)
        {
            if let Some(offer) = core.offer.take() {
                offer.turn.answer(&Answer::of(488));
            }
        }
        match core.phase.clone() {
            Phase::Offered if age > patience.decision => {
                core.answer_invite(&Answer::of(480));
                self.over(&mut core, EndedBy::Timeout, 480, "nobody decided", false);
                Next::Forget
            }
            Phase::Answered if age > patience.linger() => self.unacknowledged(&mut core),
            Phase::Closing { bye: Some(reason) } if age > patience.linger() => core.bye(&reason),
            _ => self.session_due(&mut core, now),
        }
    }

    fn unacknowledged(&self, core: &mut Core) -> Next {
        self.over(core, EndedBy::Timeout, 408, "no ACK came", true);
        core.bye("no ACK came")
    }

    /// The one place that tells `Ended`.
    pub(super) fn over(&self, core: &mut Core, by: EndedBy, status: u16, reason: &str, answered: bool) {
        if matches!(core.phase, Phase::Closing { .. }) {
            return;
        }
        if let Some(offer) = core.offer.take() {
            offer.turn.answer(&Answer::of(487));
        }
        core.enter(Phase::Closing { bye: None });
        (self.facts)(
            Ended {
                call: self.call.clone(),
                by,
                status,
                reason: reason.to_string(),
                answered,
                contacts: None,
            }
            .into(),
        );
    }
}
