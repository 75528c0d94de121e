//! What the peer does on a leg.

use std::time::Instant;

use rsipstack::sip::Request;
use wire::{Confirmed, EndedBy, Reoffered};

use super::{Core, Leg, Next, PendingOffer, Phase, Which};
use crate::session::{Session, SHORTEST_S};
use crate::turn::{Answer, Turn};

impl Leg {
    /// The ACK of a 200 of ours came; `answers_offer` when that 200 made the offer in a re-INVITE's place.
    pub fn acknowledged(&self, which: Which, answers_offer: bool, sdp: Option<String>) -> Next {
        let mut core = self.core.lock();
        match (&core.phase, which) {
            (Phase::Answered, Which::First) => {
                let sdp = sdp.filter(|_| self.offerless);
                core.enter(Phase::Confirmed);
                core.invite = None;
                (self.facts)(
                    Confirmed {
                        call: self.call.clone(),
                        sdp,
                    }
                    .into(),
                );
                Next::Stay
            }
            (Phase::Answered | Phase::Confirmed, Which::Later) if answers_offer => {
                (self.facts)(
                    Confirmed {
                        call: self.call.clone(),
                        sdp,
                    }
                    .into(),
                );
                Next::Stay
            }
            (Phase::Closing { bye: Some(reason) }, Which::First) => {
                let reason = reason.clone();
                core.bye(&reason)
            }
            _ => Next::Stay,
        }
    }

    /// A CANCEL came for an INVITE (the stack has answered the CANCEL itself).
    pub fn cancelled(&self, which: Which) -> Next {
        let mut core = self.core.lock();
        match which {
            Which::First if core.phase == Phase::Offered => {
                core.answer_invite(&Answer::of(487));
                self.over(&mut core, EndedBy::Remote, 487, "cancelled", false);
                Next::Forget
            }
            Which::Later => {
                if let Some(offer) = core.offer.take() {
                    offer.turn.answer(&Answer::of(487));
                }
                Next::Stay
            }
            Which::First => Next::Stay,
        }
    }

    /// A BYE came; its 200 is the caller's to send.
    pub fn said_bye(&self, reason: &str) -> Next {
        let mut core = self.core.lock();
        let answered = core.phase != Phase::Offered;
        let status = if answered { 0 } else { 487 };
        if let Some(invite) = core.invite.take() {
            if answered {
                invite.forget();
            } else {
                invite.answer(&Answer::of(487));
            }
        }
        if let Some(offer) = core.offer.take() {
            offer.turn.answer(&Answer::of(487));
        }
        self.over(&mut core, EndedBy::Remote, status, reason, answered);
        Next::Forget
    }

    /// A re-INVITE or UPDATE came. Err is the answer it gets at once.
    pub fn reoffered(&self, turn: Turn, request: &Request, sdp: Option<String>) -> Result<(), Answer> {
        let mut core = self.core.lock();
        if !core.dialog.accepts(request) {
            return Err(Answer::of(500));
        }
        match core.phase {
            // RFC 3261 14.2, RFC 3311 5.2: an offer of the peer's is still unanswered.
            Phase::Offered => return Err(Answer::of(500).with("Retry-After", "2")),
            // Our own offer, in the 200, is: RFC 3261 14.2.
            Phase::Answered if self.offerless => return Err(Answer::of(491)),
            Phase::Closing { .. } => return Err(Answer::of(481)),
            Phase::Answered | Phase::Confirmed => {}
        }
        if core.reoffering.is_some() {
            return Err(Answer::of(491)); // RFC 3261 14.2
        }
        if core.offer.is_some() {
            return Err(Answer::of(500).with("Retry-After", "2"));
        }
        // RFC 3261 14.2: the two cross, and both are to be tried again.
        if core.is_inviting() {
            return Err(Answer::of(491));
        }
        // RFC 4028 5: what the peer asks for is too short, in a later request as in the first.
        if Session::asked(request, Instant::now()).is_err() {
            return Err(Answer::of(422).with("Min-SE", SHORTEST_S.to_string()));
        }
        self.refreshed_by(&mut core, request);
        core.offer = Some(PendingOffer {
            turn,
            came: Instant::now(),
        });
        (self.facts)(
            Reoffered {
                call: self.call.clone(),
                sdp,
            }
            .into(),
        );
        Ok(())
    }

    /// An UPDATE without an offer came: the answer it gets.
    pub fn updated(&self, request: &Request) -> Answer {
        let mut core = self.core.lock();
        if !core.dialog.accepts(request) {
            return Answer::of(500);
        }
        self.refreshed_by(&mut core, request);
        Answer {
            status: 200,
            headers: core.session_headers(),
            ..Answer::default()
        }
    }

    /// Follow a request that may change the peer's address and the session's time.
    fn refreshed_by(&self, core: &mut Core, request: &Request) {
        let before = self.kept(core);
        core.dialog.refresh(request);
        core.heard_session(request);
        let after = self.kept(core);
        if !after.goes_on_like(&before) && core.phase == Phase::Confirmed {
            self.keep(core);
        }
    }

    /// A request came that changes nothing but perhaps the peer's address. False when it is out of order.
    pub fn heard(&self, request: &Request, refreshes: bool) -> bool {
        let mut core = self.core.lock();
        let in_order = core.dialog.accepts(request);
        if in_order && refreshes {
            core.dialog.refresh(request);
        }
        in_order
    }

    /// Tell a key press, if the leg is alive.
    pub fn pressed(&self, digit: char, duration_ms: u32) {
        let core = self.core.lock();
        if !matches!(core.phase, Phase::Closing { .. }) {
            (self.facts)(
                wire::Digit {
                    call: self.call.clone(),
                    digit: digit.to_string(),
                    duration_ms,
                    source: Some(wire::DigitSource::Info),
                }
                .into(),
            );
        }
    }
}
